import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findCondition } from "../../src/api/conditions.ts";
import { annotations } from "../../src/api/names.ts";
import type { ComputeLease } from "../../src/api/types.gen.ts";
import { NOTICE_LEAD_SECONDS } from "../../src/controllers/lease/maintenance.ts";
import {
  billedBeyond,
  chainSeconds,
  closedAs,
  leaseGone,
  leaseWhere,
  leaseWith,
  listing,
  namespaceOf,
  rent,
} from "../harness/leases.ts";
import type { Tenant } from "../harness/tenant.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, inPool, offerObject, UNIT_SECOND } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

const DEPOSIT = 36_000n * UNIT_SECOND;
const NOTICE_SECONDS = 8;

let world: World;
beforeAll(async () => {
  const nodes = ["called-off-a", "room-a", "room-b", "full-a"];
  world = await startWorld({
    nodes: nodes.map((name) => h100Node(name, { pool: name.replace(/-.$/, "") })),
  });
  const terms = { noticeSeconds: NOTICE_SECONDS };
  await world.apply(
    ...["called-off", "room", "full"].map((pool) =>
      offerObject(pool, world.market, { placement: inPool(pool), terms }),
    ),
  );
});
afterAll(() => world.stop());

describe.concurrent("a node whose maintenance is announced", () => {
  it("takes nothing new from then on, disturbs nobody yet, and is sold again when the maintenance is called off", async () => {
    const { lease, pods } = await served("called-off");
    await announce("called-off-a", (await now()) + 86_400);
    await listing(world, "called-off", { capacityUnits: 2, isOpen: true });
    const told = await leaseWith(world, lease, "CapacityReserved", "True", "NodeMaintenance");
    expect(findCondition(told, "CapacityReserved")?.message).toMatch(/maintained from .* at .* it moves/);
    await chainSeconds(world, 3);
    expect(await world.market.lease(lease)).toMatchObject({ state: "Active", noticeEndsAtSeconds: undefined });

    await announce("called-off-a", null);
    await listing(world, "called-off", { capacityUnits: 8, isOpen: true });
    await leaseWith(world, lease, "CapacityReserved", "True", "Reserved");
    await leaseWith(world, lease, "Ready", "True");
    expect(await podsOf(lease)).toEqual(pods);
    expect(await world.market.lease(lease)).toMatchObject({ state: "Active", noticeEndsAtSeconds: undefined });
  });

  it("is left by a lease that another node holds, without a notice", async () => {
    const { lease, node } = await served("room");
    await announce(node, (await now()) + NOTICE_SECONDS + NOTICE_LEAD_SECONDS);
    const moved = await leaseWhere(
      world,
      lease,
      "is placed elsewhere",
      ({ status }) => status?.allocation?.node !== node,
    );
    await eventually(
      "it runs on the other node only",
      async () => {
        const pods = await world.list("pod", namespaceOf(lease));
        expect(pods.map(({ spec }) => spec?.nodeName)).toEqual([moved.status?.allocation?.node]);
        return true;
      },
      { timeoutSeconds: 90 },
    );
    await leaseWith(world, lease, "Ready", "True");
    await billedBeyond(world, lease, moved.status?.money?.billedSeconds ?? 0);
    expect(await world.market.lease(lease)).toMatchObject({ state: "Active", noticeEndsAtSeconds: undefined });
    await listing(world, "room", { capacityUnits: 8, isOpen: true }); // of the other node
  });

  it("is left at a notice's end by one that no other holds, billed to the last second, in time", async () => {
    const { market } = world;
    const { lease, tenant, funds } = await served("full");
    const beginsAt = (await now()) + NOTICE_SECONDS + NOTICE_LEAD_SECONDS + 12;
    await announce("full-a", beginsAt);
    await leaseWith(world, lease, "CapacityReserved", "True", "NodeMaintenance");
    expect((await market.lease(lease)).noticeEndsAtSeconds).toBeUndefined(); // it may still be called off

    const noticeEndsAt = await eventually(
      "notice is given",
      async () => (await market.lease(lease)).noticeEndsAtSeconds,
      { timeoutSeconds: 90 },
    );
    expect(noticeEndsAt).toBeLessThan(beginsAt);
    const noticed = await leaseWith(world, lease, "Ready", "True");
    const closed = await closedAs(world, lease, "NoticeElapsed");
    expect(closed.lastHeartbeatSeconds).toBeGreaterThanOrEqual(noticeEndsAt);
    // The operator's clock may be ahead of the block that a claim lands in, by a second then and now.
    expect(closed.billedSeconds).toBeGreaterThanOrEqual(servedAt(noticed, noticeEndsAt) - 2);
    const paid = BigInt(closed.billedSeconds) * 2n * UNIT_SECOND;
    expect(await market.balance(tenant.account.address)).toBe(funds - paid);
    await leaseGone(world, lease);
    await listing(world, "full", { capacityUnits: 0, isOpen: true });
    await announce("full-a", null);
    await listing(world, "full", { capacityUnits: 8, isOpen: true });
  });
});

interface Served {
  readonly lease: string;
  readonly tenant: Tenant;
  /** What the tenant had before. */
  readonly funds: bigint;
  readonly node: string;
  readonly pods: readonly (string | undefined)[];
}

/** A lease of two units that the chain has begun to bill, with its place. */
async function served(offer: string): Promise<Served> {
  const tenant = await world.tenant();
  const funds = await world.market.balance(tenant.account.address);
  const lease = await rent(world, tenant, offer, { units: 2, deposit: DEPOSIT, manifest: web() });
  const { status } = await billedBeyond(world, lease, 0);
  await leaseWith(world, lease, "Ready", "True");
  return { lease, tenant, funds, node: status?.allocation?.node ?? "", pods: await podsOf(lease) };
}

/** Annotates a node as an admin would, by Unix seconds; null calls it off. */
async function announce(node: string, atSeconds: number | null): Promise<void> {
  const time = atSeconds === null ? "-" : `=${new Date(atSeconds * 1000).toISOString()}`;
  await world.cluster.kubectl(["annotate", "node", node, `${annotations.maintenanceAt}${time}`]);
}

/** Seconds that the lease will have served at some second, if it is served until then, by its record. */
function servedAt({ status }: ComputeLease, seconds: number): number {
  if (status?.metering?.accruing !== true || status.money === undefined) throw new Error("the lease does not accrue");
  return status.money.billedSeconds + status.metering.servedSeconds + seconds - status.metering.sinceSeconds;
}

async function now(): Promise<number> {
  return (await world.market.client.header("latest")).timestampSeconds;
}

async function podsOf(lease: string): Promise<readonly (string | undefined)[]> {
  const pods = await world.list("pod", namespaceOf(lease));
  return pods.map(({ metadata }) => metadata?.uid);
}
