import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  billedBeyond,
  closedAs,
  leaseGone,
  leaseName,
  leaseWith,
  listing,
  namespaceOf,
  rent,
} from "../harness/leases.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, inPool, offerObject, UNIT_SECOND } from "../harness/world-objects.ts";
import { web, withVolume } from "./manifests.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({
    nodes: ["funds", "warned", "notice"].map((pool) => h100Node(`${pool}-a`, { pool })),
  });
  await world.apply(
    ...storage,
    offerObject("funds", world.market, {
      placement: inPool("funds"),
      storage: { classes: [{ name: "fast", storageClassName: "fast" }] },
    }),
    offerObject("warned", world.market, { placement: inPool("warned") }),
    offerObject("notice", world.market, { placement: inPool("notice"), terms: { noticeSeconds: 8 } }),
  );
});
afterAll(() => world.stop());

describe.concurrent("a lease that runs out of funds", () => {
  it("warns when less than two heartbeat windows are paid for", async () => {
    const lease = await rent(world, await world.tenant(), "warned", { deposit: 126n * UNIT_SECOND, manifest: web() });
    await leaseWith(world, lease, "Funded", "True", "Funded");
    await leaseWith(world, lease, "Ready", "True");
    await leaseWith(world, lease, "Funded", "True", "RunwayLow");
  });

  it("is suspended with volumes and place kept, resumes on top-up, and is closed after the grace", async () => {
    const { market } = world;
    const tenant = await world.tenant();
    const before = await market.balance(tenant.account.address);
    const lease = await rent(world, tenant, "funds", { deposit: 12n * UNIT_SECOND, manifest: withVolume("fast") });
    await leaseWith(world, lease, "Ready", "True");

    const suspended = await leaseWith(world, lease, "Suspended", "True", "FundsExhausted");
    expect(suspended.status?.allocation?.node).toBe("funds-a");
    await podsGone(lease);
    const claims = await world.list("pvc", namespaceOf(lease));
    expect(claims.map(({ status }) => status?.phase)).toEqual(["Bound"]);
    await listing(world, "funds", { capacityUnits: 8, isOpen: true });
    // Suspended by the operator's own count; the heartbeat that bills the last of it is mined a block or two later.
    const billed = await eventually("all that was paid for is billed", async () => {
      const found = await market.lease(lease);
      return found.billedSeconds === found.fundedSeconds ? found : undefined;
    });
    expect(billed).toMatchObject({ state: "Active", billedSeconds: 12 });

    await tenant.topUp(lease, 8n * UNIT_SECOND);
    await leaseWith(world, lease, "Suspended", "False");
    await leaseWith(world, lease, "Ready", "True");

    const closed = await closedAs(world, lease, "FundsExhausted");
    expect(closed).toMatchObject({ billedSeconds: 20, fundedSeconds: 20, withdrawn: 20n * UNIT_SECOND });
    expect(before - (await market.balance(tenant.account.address))).toBe(20n * UNIT_SECOND);
    await leaseGone(world, lease);
  });
});

describe.concurrent("a served lease whose ComputeLease an admin deletes", () => {
  it("is given notice, served until the notice ends, and then closed with the rest refunded", async () => {
    const { market } = world;
    const tenant = await world.tenant();
    const before = await market.balance(tenant.account.address);
    const deposit = 3600n * UNIT_SECOND;
    const lease = await rent(world, tenant, "notice", { units: 2, deposit, manifest: web() });
    await billedBeyond(world, lease, 0);
    await world.delete("clease", leaseName(lease));
    const endsAt = await eventually("notice is given", async () => (await market.lease(lease)).noticeEndsAtSeconds);
    await leaseWith(world, lease, "Ready", "True");
    const closed = await closedAs(world, lease, "NoticeElapsed");
    const { timestampSeconds } = await market.client.header("latest");
    expect(timestampSeconds).toBeGreaterThanOrEqual(endsAt);
    const paid = BigInt(closed.billedSeconds) * 2n * UNIT_SECOND;
    expect(before - (await market.balance(tenant.account.address))).toBe(paid);
    expect(closed.lastHeartbeatSeconds).toBeGreaterThanOrEqual(endsAt); // nothing served is lost with the close
    await leaseGone(world, lease);
  });
});

async function podsGone(lease: string): Promise<void> {
  await eventually("the workload is scaled to zero", async () => {
    const [deployment] = await world.list("deployment", namespaceOf(lease));
    const pods = await world.list("pod", namespaceOf(lease));
    return deployment?.spec?.replicas === 0 && pods.length === 0 ? true : undefined;
  });
}

/** A class of volumes that exist already, since nothing here provisions any. */
const storage = [
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "fast" },
    provisioner: "kubernetes.io/no-provisioner",
  },
  {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "disk-1" },
    spec: {
      storageClassName: "fast",
      capacity: { storage: "10Gi" },
      accessModes: ["ReadWriteOnce"],
      hostPath: { path: "/disk-1" },
    },
  },
];
