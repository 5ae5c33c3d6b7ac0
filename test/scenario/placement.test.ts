import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  billedBeyond,
  chainSeconds,
  closedAs,
  leaseGone,
  leaseWhere,
  leaseWith,
  namespaceOf,
  rent,
  servedSeconds,
} from "../harness/leases.ts";
import { gpuNode } from "../harness/nodes.ts";
import type { Tenant } from "../harness/tenant.ts";
import { startWorld, type World } from "../harness/world.ts";
import { a100, h100Node, inPool, offerObject, UNIT_SECOND, unitOf } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

const DEPOSIT = 36_000n * UNIT_SECOND;

let world: World;
let tenants: Tenant[];
beforeAll(async () => {
  world = await startWorld({
    nodes: [
      h100Node("class-h100", { pool: "class" }),
      gpuNode("class-a100", { ...a100, count: 8, labels: { pool: "class" } }),
      h100Node("split-a", { pool: "split", count: 2 }),
      h100Node("split-b", { pool: "split", count: 2 }),
      h100Node("lost-a", { pool: "lost" }),
      h100Node("lost-b", { pool: "lost" }),
      h100Node("only-a", { pool: "only" }),
      h100Node("drain-a", { pool: "drain" }),
      h100Node("drain-b", { pool: "drain" }),
    ],
  });
  const { market } = world;
  await world.apply(
    offerObject("h100", market, { placement: inPool("class") }),
    offerObject("a100", market, { placement: inPool("class"), unit: unitOf(a100) }),
    ...["split", "lost", "drain"].map((pool) => offerObject(pool, market, { placement: inPool(pool) })),
    offerObject("only", market, { placement: inPool("only"), terms: { provisioningTimeoutSeconds: 8 } }),
  );
  tenants = await Promise.all(Array.from({ length: 4 }, () => world.tenant()));
});
afterAll(() => world.stop());

function tenantOf(index: number): Tenant {
  const tenant = tenants[index];
  if (tenant === undefined) throw new Error(`there is no tenant ${index}`);
  return tenant;
}

describe.concurrent("a lease's place", () => {
  it("is a node of exactly the device class, and its pod takes exactly the leased GPUs", async () => {
    const tenant = tenantOf(0);
    const sold = { h100: "class-h100", a100: "class-a100" };
    for (const [offer, node] of Object.entries(sold)) {
      // As many as there are: were the other class taken too, some would land there.
      const leases: string[] = [];
      for (const units of [3, 5])
        leases.push(await rent(world, tenant, offer, { units, deposit: 8n * DEPOSIT, manifest: web() }));
      for (const [index, lease] of leases.entries()) {
        await leaseWith(world, lease, "Ready", "True");
        const pods = await world.list("pod", namespaceOf(lease));
        expect(pods.map(({ spec }) => spec?.nodeName)).toEqual([node]);
        const [container] = pods[0]?.spec?.containers ?? [];
        const gpus = { "nvidia.com/gpu": String([3, 5][index]) };
        expect(container?.resources).toMatchObject({ requests: gpus, limits: gpus });
        const required = JSON.stringify(pods[0]?.spec?.affinity?.nodeAffinity);
        expect(required).toContain(`"${node}"`);
        expect(required).toContain("nvidia.com/gpu.product");
      }
    }
  });

  it("cannot be two nodes: what no node holds is closed as Unplaceable and refunded in full", async () => {
    const tenant = tenantOf(1);
    const before = await world.market.balance(tenant.account.address);
    const lease = await rent(world, tenant, "split", { units: 3, deposit: DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "CapacityReserved", "False", "NoCapacity");
    await closedAs(world, lease, "Unplaceable");
    expect(await world.market.balance(tenant.account.address)).toBe(before);
    await leaseGone(world, lease);
  });

  it("moves to another node when its own is lost, and nothing accrues in between", async () => {
    const lease = await rent(world, tenantOf(2), "lost", { units: 2, deposit: DEPOSIT, manifest: web() });
    const before = await leaseWith(world, lease, "Ready", "True");
    const lost = before.status?.allocation?.node ?? "";
    await world.delete("node", lost);
    const moved = await leaseWhere(
      world,
      lease,
      "is placed elsewhere",
      ({ status }) => status?.allocation?.node !== lost,
    );
    expect(["lost-a", "lost-b"]).toContain(moved.status?.allocation?.node);
    const away = await leaseWhere(
      world,
      lease,
      "does not accrue",
      ({ status }) => status?.metering?.accruing === false,
    );
    await chainSeconds(world, 3);
    // Less when a heartbeat that was under way lands meanwhile: the chain credits no more time than has passed on it.
    const later = servedSeconds(await leaseWith(world, lease, "Ready", "False"));
    expect(later).toBeLessThanOrEqual(servedSeconds(away));
    // What the cluster's own garbage collection does to pods of a lost node, after a minute.
    await world.cluster.kubectl([
      "delete",
      "pod",
      "-n",
      namespaceOf(lease),
      "--force",
      "--field-selector",
      `spec.nodeName=${lost}`,
    ]);
    const ready = await leaseWith(world, lease, "Ready", "True");
    await billedBeyond(world, lease, ready.status?.money?.billedSeconds ?? 0);
    const pods = await world.list("pod", namespaceOf(lease));
    expect(pods.map(({ spec }) => spec?.nodeName)).toEqual([moved.status?.allocation?.node]);
  });

  it("stays on a node that is cordoned, and moves off one that is drained", async () => {
    const lease = await rent(world, tenantOf(0), "drain", { units: 2, deposit: DEPOSIT, manifest: web() });
    const { status } = await billedBeyond(world, lease, 0);
    const node = status?.allocation?.node ?? "";
    await world.cluster.kubectl(["cordon", node]);
    await chainSeconds(world, 3);
    const cordoned = await leaseWith(world, lease, "Ready", "True");
    expect(cordoned.status?.allocation?.node).toBe(node);
    await world.cluster.kubectl(["drain", node, "--pod-selector=berthage.dev/lease", "--delete-emptydir-data"]);
    await leaseWhere(world, lease, "is placed elsewhere", (found) => found.status?.allocation?.node !== node);
    const moved = await leaseWith(world, lease, "Ready", "True");
    const [pod] = await world.list("pod", namespaceOf(lease));
    expect(pod?.spec?.nodeName).toBe(moved.status?.allocation?.node);
    await billedBeyond(world, lease, moved.status?.money?.billedSeconds ?? 0);
  });

  it("is kept for a node that comes back, and given up with a notice when it stays away", async () => {
    const lease = await rent(world, tenantOf(3), "only", { units: 8, deposit: DEPOSIT, manifest: web() });
    const before = await billedBeyond(world, lease, 0);
    await chainSeconds(world, 9); // longer than it may wait for a place
    await world.delete("node", "only-a");
    const lost = await leaseWith(world, lease, "CapacityReserved", "False", "NodeLost");
    expect(lost.status?.metering?.accruing).toBe(false);
    await world.apply(h100Node("only-a", { pool: "only" }));
    await leaseWith(world, lease, "CapacityReserved", "True");
    const back = await leaseWith(world, lease, "Ready", "True");
    expect(back.status?.allocation?.node).toBe(before.status?.allocation?.node);
    expect(await world.market.lease(lease)).toMatchObject({ state: "Active", noticeEndsAtSeconds: undefined });
    await world.delete("node", "only-a");
    await closedAs(world, lease, "NoticeElapsed");
  });
});
