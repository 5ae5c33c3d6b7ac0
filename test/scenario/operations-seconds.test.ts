import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findCondition } from "../../src/api/conditions.ts";
import type { ComputeLease } from "../../src/api/types.gen.ts";
import { billedBeyond, leaseName, leaseWhere, leaseWith, namespaceOf, rent } from "../harness/leases.ts";
import type { Tenant } from "../harness/tenant.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, inPool, offerObject, UNIT_SECOND } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

const ROUNDS = [61, 180, 333] as const;

let world: World;
let tenant: Tenant;
beforeAll(async () => {
  world = await startWorld({ nodes: [h100Node("exact-a", { pool: "exact" })] });
  // No heartbeat but the first and the last: what lies between is one claim, and shorter than the window.
  const terms = { heartbeatWindowSeconds: 7200, unfundedGraceSeconds: 7200 };
  await world.apply(offerObject("exact", world.market, { placement: inPool("exact"), terms }));
  tenant = await world.tenant();
});
afterAll(() => world.stop());

describe("the second at which a lease's funds end", () => {
  it("is the one that is paid for: a top-up a second before never suspends, later ones resume, and no other second is billed", async () => {
    const lease = await served(400);
    const podsBefore = await podsOf(lease);
    const before = await leaseWith(world, lease, "Suspended", "False");

    await blockAt(endOf(before) - 1, () => tenant.topUp(lease, 100n * UNIT_SECOND));
    const toppedUp = await funded(lease, 500);
    expect(findCondition(toppedUp, "Suspended")).toEqual(findCondition(before, "Suspended")); // its time included
    expect(endOf(toppedUp)).toBe(endOf(before) + 100);
    expect(await podsOf(lease)).toEqual(podsBefore);

    await blockAt(endOf(toppedUp));
    await leaseWith(world, lease, "Suspended", "True", "FundsExhausted");
    await billedExactly(lease, 500);
    const later = (await now()) + 1000;
    await blockAt(later, () => tenant.topUp(lease, 60n * UNIT_SECOND));
    await leaseWith(world, lease, "Suspended", "False");
    const resumed = await leaseWhere(
      world,
      lease,
      "accrues again",
      ({ status }) => status?.metering?.accruing === true && status.money?.fundedSeconds === 560,
    );
    expect(endOf(resumed)).toBeGreaterThanOrEqual(later + 60); // nothing counts of the time in between
    await leaseWith(world, lease, "Ready", "True");
    expect((await world.market.lease(lease)).billedSeconds).toBe(500);

    await blockAt(endOf(await accruing(lease)));
    await leaseWith(world, lease, "Suspended", "True", "FundsExhausted");
    await billedExactly(lease, 560);
    const { refund } = await tenant.close(lease);
    expect(refund).toBe(0n);
    expect((await world.market.lease(lease)).withdrawn).toBe(560n * UNIT_SECOND);
  });

  it("is each lease's own, also when one block ends them all", async () => {
    const leases = await Promise.all(ROUNDS.map((seconds) => served(seconds)));
    const ends = await Promise.all(leases.map(async (lease) => endOf(await accruing(lease))));
    await blockAt(Math.max(...ends));
    for (const [index, lease] of leases.entries()) {
      await leaseWith(world, lease, "Suspended", "True", "FundsExhausted");
      await billedExactly(lease, ROUNDS[index] ?? 0);
      const { refund } = await tenant.close(lease);
      expect(refund).toBe(0n);
    }
  });
});

/** A lease paid for so many seconds, whose first heartbeat is behind it. */
async function served(seconds: number): Promise<string> {
  const lease = await rent(world, tenant, "exact", { deposit: BigInt(seconds) * UNIT_SECOND, manifest: web() });
  await leaseWith(world, lease, "Ready", "True");
  await billedBeyond(world, lease, 0);
  return lease;
}

/** The chain's second at which the operator will have served all that is paid for, by the lease's own record. */
function endOf({ status }: ComputeLease): number {
  if (status?.metering?.accruing !== true || status.money === undefined) throw new Error("the lease does not accrue");
  const { sinceSeconds, servedSeconds } = status.metering;
  return sinceSeconds + status.money.fundedSeconds - status.money.billedSeconds - servedSeconds;
}

function accruing(lease: string): Promise<ComputeLease> {
  return leaseWhere(world, lease, "accrues", ({ status }) => status?.metering?.accruing === true);
}

function funded(lease: string, seconds: number): Promise<ComputeLease> {
  return leaseWhere(world, lease, `has ${seconds} s`, ({ status }) => status?.money?.fundedSeconds === seconds);
}

/** Waits until all that was paid for is billed, and sees that it is neither more nor less. */
async function billedExactly(lease: string, seconds: number): Promise<void> {
  await leaseWhere(world, lease, "is billed to the end", ({ status }) => status?.money?.billedSeconds === seconds);
  const { billedSeconds, fundedSeconds } = await world.market.lease(lease);
  expect({ billedSeconds, fundedSeconds }).toEqual({ billedSeconds: seconds, fundedSeconds: seconds });
  const { status } = (await world.get("clease", leaseName(lease))) ?? {};
  expect(status?.money?.earned).toBe(String(BigInt(seconds) * UNIT_SECOND));
}

/** Has the chain's next block at exactly this second, with what `send` sends in it and nothing else. */
async function blockAt(seconds: number, send?: () => Promise<void>): Promise<void> {
  const { rpc } = world.chain;
  await rpc("evm_setIntervalMining", [0]);
  const sent = send?.();
  if (sent !== undefined)
    await eventually("the node holds the transaction", async () => ((await waiting()) ? true : undefined));
  await rpc("evm_setNextBlockTimestamp", [seconds]);
  await rpc("evm_mine");
  expect(await now()).toBe(seconds);
  await rpc("evm_setIntervalMining", [1]);
  await sent;
}

async function waiting(): Promise<boolean> {
  const { pending } = await world.chain.rpc<{ pending: string }>("txpool_status");
  return Number(pending) > 0;
}

async function now(): Promise<number> {
  return (await world.market.client.header("latest")).timestampSeconds;
}

async function podsOf(lease: string): Promise<readonly (string | undefined)[]> {
  const pods = await world.list("pod", namespaceOf(lease));
  return pods.map(({ metadata }) => metadata?.uid);
}
