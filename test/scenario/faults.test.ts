import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findCondition } from "../../src/api/conditions.ts";
import { chainCall } from "../faults/chain-call.ts";
import { chainFaults, PastState } from "../faults/chain-faults.ts";
import { type Fault, firstOf, type Rule } from "../faults/fault.ts";
import { isWrite, kubeCall } from "../faults/kube-call.ts";
import { refusals, StaleLists } from "../faults/kube-faults.ts";
import { Random } from "../faults/random.ts";
import { storm, struckFaults } from "../faults/storm.ts";
import {
  billedBeyond,
  chainSeconds,
  closedAs,
  leaseGone,
  leaseName,
  leaseWith,
  listing,
  namespaceOf,
  readyOffer,
  rent,
} from "../harness/leases.ts";
import type { Tenant } from "../harness/tenant.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, inPool, offerObject, UNIT_SECOND } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

const DEPOSIT = 36_000n * UNIT_SECOND;
/** A run that went wrong is repeated by its seed. */
const seed = Number(process.env["SEED"] ?? 1);

let world: World;
let tenant: Tenant;
beforeAll(async () => {
  const pools = ["killed", "away", "past", "silent", "lie", "stubborn", "storm"];
  world = await startWorld({ nodes: pools.map((pool) => h100Node(`${pool}-a`, { pool })), faults: { endpoints: 2 } });
  await world.apply(...pools.map((pool) => offerObject(pool, world.market, { placement: inPool(pool) })));
  tenant = await world.tenant();
});
afterEach(() => world.faults.clear());
afterAll(() => world.stop());

// The wounds of other providers that take faults to show, (a) to (d) and (n); the others are in wounds.test.ts.

describe("an operator that is killed", () => {
  it("(a) between a lease's object and its workload loses nothing: the next one makes the workload", async () => {
    // The lease gets as far as its namespace, and what runs in it is asked for in vain.
    const isWorkload: Rule = (call) => {
      const asked = kubeCall(call);
      return asked?.resource === "deployments" && isWrite(call) ? { kind: "Hang" } : undefined;
    };
    world.faults.api.rule = isWorkload;
    const lease = await rent(world, tenant, "killed", { deposit: DEPOSIT, manifest: web() });
    await eventually("the operator wants the workload", () => world.faults.api.calls.some(isWorkload) || undefined);
    await world.killOperator();
    expect(await world.get("clease", leaseName(lease))).toBeDefined();
    expect(await world.list("deployment", namespaceOf(lease))).toEqual([]);
    world.faults.clear();

    await world.startOperator();
    await leaseWith(world, lease, "Ready", "True");
    expect(await podsOf(lease)).toHaveLength(1);
    await billedBeyond(world, lease, 0);
    const { paid, refund } = await tenant.close(lease);
    expect(paid + refund).toBe(DEPOSIT);
    await leaseGone(world, lease);
  });

  it("(b) before the tenant closes finds the close when it is back, and leaves no workload behind", async () => {
    const lease = await rent(world, tenant, "killed", { deposit: DEPOSIT, manifest: web() });
    await billedBeyond(world, lease, 0);
    await world.killOperator();
    const { paid, refund } = await tenant.close(lease);
    const { billedSeconds } = await world.market.lease(lease);
    expect(await podsOf(lease)).toHaveLength(1);

    await world.startOperator();
    await leaseGone(world, lease);
    await listing(world, "killed", { capacityUnits: 8, isOpen: true });
    expect(paid).toBe(BigInt(billedSeconds) * UNIT_SECOND);
    expect(paid + refund).toBe(DEPOSIT);
    expect((await world.market.lease(lease)).billedSeconds).toBe(billedSeconds);
  });
});

describe("an API server that is away for half an hour", () => {
  it("(d) closes no lease, disturbs no tenant, and is caught up with when it is back", async () => {
    const offerId = await readyOffer(world, "away");
    const lease = await rent(world, tenant, "away", { units: 2, deposit: DEPOSIT, manifest: web() });
    const before = await billedBeyond(world, lease, 0);
    const pods = await podsOf(lease);

    world.faults.api.isolate();
    await world.chain.rpc("evm_increaseTime", [1800]);
    const meanwhile = await tenant.rent({ offerId, units: 1, deposit: DEPOSIT });
    await chainSeconds(world, 5);
    expect(await world.market.lease(lease)).toMatchObject({ state: "Active", noticeEndsAtSeconds: undefined });
    world.faults.api.restore();

    await tenant.sendManifest(meanwhile, web());
    await leaseWith(world, meanwhile, "Ready", "True");
    await billedBeyond(world, lease, before.status?.money?.billedSeconds ?? 0);
    await leaseWith(world, lease, "Ready", "True");
    expect(await podsOf(lease)).toEqual(pods);
    for (const [id, units] of [
      [lease, 2n],
      [meanwhile, 1n],
    ] as const) {
      const { paid, refund } = await tenant.close(id);
      const { billedSeconds } = await world.market.lease(id);
      expect(paid).toBe(BigInt(billedSeconds) * units * UNIT_SECOND);
      expect(paid + refund).toBe(DEPOSIT);
      await leaseGone(world, id);
    }
  });
});

describe("an API server that goes back in time", () => {
  it("to before a lease takes nothing from it, however it is told of its past", async () => {
    const lists = new StaleLists();
    const { api } = world.faults;
    api.rule = (call) => lists.fault(call);
    await world.restartOperator(); // which lists everything once
    lists.freeze();
    const lease = await rent(world, tenant, "past", { deposit: DEPOSIT, manifest: web() });
    const before = await billedBeyond(world, lease, 0);
    const pods = await podsOf(lease);

    const expired = new Set<string>();
    const expireOnce: Rule = (call) => {
      const { verb, resource = "" } = kubeCall(call) ?? {};
      if (verb !== "watch" || expired.has(resource)) return undefined;
      expired.add(resource);
      return refusals.gone;
    };
    api.rule = firstOf(expireOnce, (call) => lists.fault(call));
    api.isolate();
    api.restore();
    await eventually("what concerns a lease is listed as it was before", () =>
      ["computeleases", "namespaces", "pods", "deployments"].every((resource) => expired.has(resource)) &&
      (api.struck.get("StaleList") ?? 0) >= expired.size
        ? true
        : undefined,
    );
    await billedBeyond(world, lease, before.status?.money?.billedSeconds ?? 0);
    await leaseWith(world, lease, "Ready", "True");
    expect(await podsOf(lease)).toEqual(pods);
    await tenant.close(lease);
    await leaseGone(world, lease);
  });
});

describe("endpoints of the chain that are open and silent for ten minutes", () => {
  const silence: Fault = { kind: "Hang" };

  it("(c) are passed over for others, and while all are silent everything stays as it is until one speaks", async () => {
    const [first, second] = world.faults.chain;
    if (first === undefined || second === undefined) throw new Error("this world should have two endpoints");
    first.rule = () => silence;
    const lease = await rent(world, tenant, "silent", { deposit: DEPOSIT, manifest: web() });
    const before = await billedBeyond(world, lease, 0);
    const pods = await podsOf(lease);

    second.rule = () => silence;
    await world.chain.rpc("evm_increaseTime", [600]);
    await connected("False");
    expect(await podsOf(lease)).toEqual(pods);
    await leaseWith(world, lease, "Ready", "True");
    world.faults.clear();
    await connected("True");
    await billedBeyond(world, lease, before.status?.money?.billedSeconds ?? 0);
    expect(await podsOf(lease)).toEqual(pods);
    await leaseWith(world, lease, "Ready", "True");
    await tenant.close(lease);
    expect(await world.market.lease(lease)).toMatchObject({ closeReason: "TenantClosed" });
    await leaseGone(world, lease);
  });
});

describe("an endpoint of the chain that lies", () => {
  it("says that there never was a lease, and destroys nothing, because another tells the truth", async () => {
    const [liar, honest] = world.faults.chain;
    if (liar === undefined || honest === undefined) throw new Error("this world should have two endpoints");
    const past = new PastState();
    liar.rule = (call) => past.fault(call);
    honest.rule = () => ({ kind: "Delay", milliseconds: 100 }); // so that the other is preferred
    await world.restartOperator(); // which reads everything once
    past.mode = "pass";
    const lease = await rent(world, tenant, "lie", { deposit: DEPOSIT, manifest: web() });
    const before = await billedBeyond(world, lease, 0);
    const pods = await podsOf(lease);

    past.mode = "lie";
    await connected("False", "EndpointsDisagree");
    await chainSeconds(world, 6); // whatever was so at the head is final by now
    expect(await podsOf(lease)).toEqual(pods);
    expect(await world.market.lease(lease)).toMatchObject({ state: "Active", noticeEndsAtSeconds: undefined });
    world.faults.clear();
    await connected("True");
    await leaseWith(world, lease, "Ready", "True");
    await billedBeyond(world, lease, before.status?.money?.billedSeconds ?? 0);
    expect(await podsOf(lease)).toEqual(pods);
    await tenant.close(lease);
    await leaseGone(world, lease);
  });
});

describe("a close that the network's nodes refuse again and again", () => {
  it("(n) is sent until it is mined, and the refusals are counted", async () => {
    const lease = await rent(world, tenant, "stubborn", { deposit: DEPOSIT, manifest: web() });
    await billedBeyond(world, lease, 0);
    const before = await refusedSends();
    let left = 5;
    for (const proxy of world.faults.chain) {
      proxy.rule = (call) => {
        if (chainCall(call)?.method !== "eth_sendRawTransaction" || left === 0) return undefined;
        left -= 1;
        return chainFaults.limitExceeded(call);
      };
    }
    await world.delete("clease", leaseName(lease));
    await closedAs(world, lease, "NoticeElapsed");
    expect(left).toBe(0);
    expect(await refusedSends()).toBeGreaterThanOrEqual(before + 5);
    await leaseGone(world, lease);
  });
});

describe(`a storm of faults of every kind (SEED=${seed})`, () => {
  it("ends as a calm does: served, closed, paid to the unit, and nothing left behind", async () => {
    const random = new Random(seed);
    storm(world.faults, random);
    const { market } = world;
    const earnedBefore = await market.balance(market.payout);
    const leases = await Promise.all(
      [1, 2, 3].map((units) => rent(world, tenant, "storm", { units, deposit: DEPOSIT, manifest: web() })),
    );
    for (const lease of leases) await billedBeyond(world, lease, 0);
    await world.killOperator();
    world.faults.clear(); // to be ready in the time that a test waits; then it goes on
    await world.startOperator();
    storm(world.faults, random);
    let paid = 0n;
    for (const lease of leases) {
      await leaseWith(world, lease, "Ready", "True");
      const closed = await tenant.close(lease);
      expect(closed.paid + closed.refund).toBe(DEPOSIT);
      paid += closed.paid;
    }
    for (const lease of leases) await leaseGone(world, lease);
    world.faults.clear();
    await listing(world, "storm", { capacityUnits: 8, isOpen: true });
    expect((await market.balance(market.payout)) - earnedBefore).toBe(paid);
    const struck = [...struckFaults(world.faults)];
    console.log(`storm: seed ${seed}, ${struck.map(([kind, times]) => `${times} × ${kind}`).join(", ")}`);
    expect(struck.length).toBeGreaterThan(5);
  });
});

async function podsOf(lease: string): Promise<readonly (string | undefined)[]> {
  const pods = await world.list("pod", namespaceOf(lease));
  return pods.map(({ metadata }) => metadata?.uid);
}

async function connected(status: "True" | "False", reason?: string): Promise<void> {
  await eventually(
    `the network has Connected=${status} (${reason ?? "for any reason"})`,
    async () => {
      const network = await world.get("cnet", "market");
      const found = findCondition(network ?? {}, "Connected");
      if (found?.status === status && (reason === undefined || found.reason === reason)) return true;
      throw new Error(`it is ${found?.status} (${found?.reason}: ${found?.message})`);
    },
    { timeoutSeconds: 120, intervalMilliseconds: 500 },
  );
}

/** How often a node has refused a transaction, by the operator's own metrics. */
async function refusedSends(): Promise<number> {
  const lines = (await world.operator.metrics()).split("\n");
  const found = lines.filter(
    (line) => line.startsWith("berthage_chain_requests_total{") && line.includes("eth_sendRawTransaction"),
  );
  const refused = found.filter((line) => !line.includes('outcome="success"'));
  return refused.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}
