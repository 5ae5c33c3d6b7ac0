import type { INamespace } from "kubernetes-models/v1/Namespace";
import type { INode } from "kubernetes-models/v1/Node";
import { describe, expect, it, test } from "vitest";
import { computeLease, computeNetwork, computeOffer } from "../../../test/support/controllers/objects.ts";
import { h100Node, h100Shape } from "../../../test/support/gpu-nodes.ts";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { parseOpenMetrics, seriesValue } from "../../../test/support/openmetrics.ts";
import { h100 } from "../../../test/support/workload/offers.ts";
import { conditions as catalogue } from "../../api/conditions.ts";
import type { ComputeLease, ComputeLeaseStatus, Condition } from "../../api/types.gen.ts";
import { Inventory } from "../../inventory/inventory.ts";
import type { ChangeHandler } from "../../kube/informer.ts";
import type { KubeObject } from "../../kube/resource.ts";
import { IndexedStore } from "../../kube/store.ts";
import { createMetrics, type Metrics } from "../../telemetry/metrics.ts";
import { mismatches } from "../../telemetry/service-metrics.ts";
import type { FedInventory } from "../inventory/feed.ts";
import type { Cache } from "./caches.ts";
import type { ReportedNetwork } from "./networks.ts";
import { createReports } from "./reports.ts";

/** An informer's cache that the test fills by hand. */
class FedCache<T extends KubeObject> implements Cache<T> {
  readonly store = new IndexedStore<T>();
  readonly #handlers: ChangeHandler<T>[] = [];
  #version = 0;

  onChange(handler: ChangeHandler<T>): void {
    this.#handlers.push(handler);
  }

  put(object: T): void {
    this.#version += 1;
    const metadata = { uid: object.metadata?.name ?? "", ...object.metadata, resourceVersion: String(this.#version) };
    const changes = this.store.put({ ...object, metadata });
    for (const change of changes) for (const handler of this.#handlers) handler({ ...change, initial: false });
  }
}

function caches() {
  return {
    networks: new FedCache<ReturnType<typeof computeNetwork>>(),
    offers: new FedCache<ReturnType<typeof computeOffer>>(),
    leases: new FedCache<ComputeLease>(),
    nodes: new FedCache<INode>(),
    namespaces: new FedCache<INamespace>(),
  };
}

/** Reports over hand-fed caches. */
function fixture() {
  const metrics = createMetrics({ version: "1", commit: "", processMetrics: false });
  const fed = caches();
  const inventory = new Inventory();
  const supply: FedInventory = {
    inventory,
    hasSynced: () => true,
    shape: () => h100Shape(),
    onChange: () => undefined,
  };
  const clock = new ManualClock();
  const live = new Map<string, { network: ReportedNetwork }>();
  const report = createReports(fed, { connections: { live: () => live }, supply }, metrics, clock);
  const value = async (name: string, labels: Readonly<Record<string, string>>): Promise<number | undefined> => {
    report();
    return seriesValue(await pageOf(metrics), name, labels);
  };
  return { metrics, fed, live, inventory, clock, report, value };
}

async function pageOf(metrics: Metrics): Promise<ReturnType<typeof parseOpenMetrics>> {
  return parseOpenMetrics((await metrics.page("application/openmetrics-text")).body);
}

function condition(type: string, status: Condition["status"], reason: string, lastTransitionTime: string): Condition {
  return { type, status, reason, message: "", lastTransitionTime };
}

const start = new ManualClock().now();
const time = (secondsAgo: number): string => new Date(start - secondsAgo * 1000).toISOString();

describe("leases that wait", () => {
  const pending = (reason: string, secondsAgo: number): ComputeLeaseStatus => ({
    conditions: [condition("Provisioned", "False", reason, time(secondsAgo))],
  });

  it("show the age of the oldest, by reason, until they are provisioned or closed", async () => {
    const { fed, value } = fixture();
    fed.leases.put(computeLease("1", pending("Unschedulable", 40)));
    fed.leases.put(computeLease("2", pending("Unschedulable", 90)));
    fed.leases.put(computeLease("3", pending("WaitingForManifest", 5000)));
    const age = (reason: string) => value("berthage_lease_pending_oldest_seconds", { reason });
    expect([await age("Unschedulable"), await age("WaitingForManifest"), await age("QuotaRefused")]).toEqual([
      90, 5000, 0,
    ]);
    const closed = condition("Closed", "True", "TenantClosed", time(1));
    fed.leases.put(computeLease("2", { conditions: [...(pending("Unschedulable", 90).conditions ?? []), closed] }));
    expect(await age("Unschedulable")).toBe(40);
    fed.leases.put(computeLease("1", { conditions: [condition("Provisioned", "True", "Provisioned", time(0))] }));
    expect(await age("Unschedulable")).toBe(0);
  });

  it("and what is being deleted show the age of the oldest deletion, by kind", async () => {
    const { fed, value } = fixture();
    fed.leases.put(computeLease("1", undefined, { deletionTimestamp: time(30) }));
    const namespace = (name: string, deletionTimestamp?: string): void =>
      fed.namespaces.put({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
      });
    namespace("lease-market-1", time(700));
    namespace("lease-market-2");
    expect(await value("berthage_terminating_oldest_seconds", { kind: "ComputeLease" })).toBe(30);
    expect(await value("berthage_terminating_oldest_seconds", { kind: "Namespace" })).toBe(700);
  });
});

describe("what was sold", () => {
  it("is oversold by what no serving node holds and no free room would take", async () => {
    const { fed, inventory, value } = fixture();
    const oversold = () => value("berthage_units_oversold", { offer: "h100" });
    fed.offers.put(computeOffer());
    inventory.upsertNode(h100Node("a"));
    for (const id of ["1", "2", "3"]) fed.leases.put(computeLease(id)); // two units each
    expect(await oversold()).toBe(0); // not placed yet, but there is room
    for (const id of ["1", "2", "3"])
      inventory.reserve({ lease: `market-${id}`, node: "a", units: 2, shape: h100Shape() });
    expect(await oversold()).toBe(0);
    inventory.removeNode("a");
    expect(await oversold()).toBe(6);
    inventory.upsertNode(h100Node("b", { allocatable: { "nvidia.com/gpu": "4" } }));
    expect(await oversold()).toBe(2);
    fed.leases.put(computeLease("3", { conditions: [condition("Closed", "True", "TenantClosed", time(0))] }));
    expect(await oversold()).toBe(0);
  });

  it("is unhealthy by the devices that its node no longer reports", async () => {
    const { fed, inventory, value } = fixture();
    const unhealthy = () => value("berthage_gpus_leased_unhealthy", { product: h100 });
    const healthy = (devices: string): void =>
      fed.nodes.put({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name: "a" },
        status: { allocatable: { "nvidia.com/gpu": devices } },
      });
    for (const [id, units] of [
      ["1", 3],
      ["2", 4],
    ] as const) {
      fed.leases.put(computeLease(id));
      inventory.reserve({ lease: `market-${id}`, node: "a", units, shape: h100Shape() });
    }
    expect(await unhealthy()).toBe(0); // the node is gone: nothing is known of its devices
    healthy("8");
    expect(await unhealthy()).toBe(0);
    healthy("5");
    expect(await unhealthy()).toBe(2);
  });
});

describe("a network", () => {
  const nowSeconds = start / 1000;
  const point = (number: bigint, secondsAgo: number) => ({
    point: { number, hash: "0x", timestampSeconds: nowSeconds - secondsAgo },
  });
  const market = { network: "market" };

  it("shows how far it was read, what waits in its lane, and the least that its account should hold", async () => {
    const { fed, live, value } = fixture();
    fed.networks.put(computeNetwork("market", { budget: { minBalanceWei: "5000" } }));
    const lane = {
      oldestSinceSeconds: nowSeconds - 40,
      stuckSinceSeconds: nowSeconds - 30,
      trouble: "FeeCeiling",
    } as const;
    live.set("market", {
      network: { ledger: { head: point(90n, 4), final: undefined }, lane: { state: () => lane } },
    });
    expect(await value("berthage_chain_head_number", { ...market, tier: "head" })).toBe(90);
    expect(await value("berthage_chain_head_lag_seconds", { ...market, tier: "head" })).toBe(4);
    expect(await value("berthage_chain_head_lag_seconds", { ...market, tier: "final" })).toBeUndefined();
    expect(await value("berthage_chain_lane_oldest_intent_seconds", market)).toBe(40);
    expect(await value("berthage_chain_transaction_stuck_seconds", market)).toBe(30);
    expect(await value("berthage_chain_lane_trouble", { ...market, trouble: "FeeCeiling" })).toBe(1);
    expect(await value("berthage_chain_operator_balance_min_wei", market)).toBe(5000);
  });

  it("that is well shows zeros, and a clock behind the chain's no age below zero", async () => {
    const { live, value } = fixture();
    const state = () => ({ oldestSinceSeconds: undefined, stuckSinceSeconds: undefined, trouble: undefined });
    live.set("market", { network: { ledger: { head: point(90n, -3), final: point(60n, 500) }, lane: { state } } });
    expect(await value("berthage_chain_head_lag_seconds", { ...market, tier: "head" })).toBe(0);
    expect(await value("berthage_chain_head_lag_seconds", { ...market, tier: "final" })).toBe(500);
    expect(await value("berthage_chain_lane_oldest_intent_seconds", market)).toBe(0);
    expect(await value("berthage_chain_transaction_stuck_seconds", market)).toBe(0);
    expect(await value("berthage_chain_lane_trouble", { ...market, trouble: "FeeCeiling" })).toBe(0);
  });
});

test.each([
  ["BilledBeyondFunded", { billedSeconds: 101 }],
  ["EarnedBeyondDeposit", { earned: "1001" }],
  ["WithdrawnBeyondDeposit", { withdrawn: "1001" }],
  ["WithdrawnBeyondEarned", { withdrawn: "501" }],
  [undefined, {}],
])("money that can't be right counts as %s", async (mismatch, change) => {
  const { fed, value } = fixture();
  const money = { fundedSeconds: 100, billedSeconds: 50, deposit: "1000", earned: "500", withdrawn: "500", ...change };
  fed.leases.put(computeLease("1", { money }));
  for (const one of mismatches)
    expect(await value("berthage_leases_mismatched", { mismatch: one })).toBe(one === mismatch ? 1 : 0);
});

test("the refund of a lease that ended is withdrawn too, and is no mismatch", async () => {
  const { fed, value } = fixture();
  const money = { fundedSeconds: 100, billedSeconds: 50, deposit: "1000", earned: "500", withdrawn: "1000" };
  fed.leases.put(computeLease("1", { money, conditions: [condition("Closed", "True", "TenantClosed", time(0))] }));
  expect(await value("berthage_leases_mismatched", { mismatch: "WithdrawnBeyondEarned" })).toBe(0);
});

test("conditions are counted through the caches, for every kind", async () => {
  const { fed, value } = fixture();
  const ready = [condition("Ready", "True", "Ready", time(0))];
  fed.networks.put({ ...computeNetwork(), status: { conditions: ready } });
  fed.offers.put({ ...computeOffer(), status: { conditions: ready } });
  fed.leases.put(computeLease("1", { conditions: ready }));
  fed.leases.put(computeLease("1", { conditions: [condition("Ready", "False", "CrashLoop", time(0))] }));
  const count = (kind: string) =>
    value("berthage_conditions", { kind, type: "Ready", status: "True", reason: "Ready" });
  expect([await count("ComputeNetwork"), await count("ComputeOffer"), await count("ComputeLease")]).toEqual([1, 1, 0]);
});

describe("the number of series", () => {
  /** A lease in one of many states, with ids, tenants, times and amounts of its own. */
  function lease(index: number): ComputeLease {
    const types = Object.entries(catalogue.ComputeLease);
    const conditions = types.map(([type, reasons]) => {
      const [reason, { status }] = Object.entries(reasons)[index % Object.keys(reasons).length] ?? [
        "",
        { status: "Unknown" },
      ];
      return condition(type, status, reason, time(index));
    });
    const earned = String(index);
    const money = { fundedSeconds: 9 * index, billedSeconds: index, deposit: "99999", earned, withdrawn: earned };
    const one = computeLease(String(index), { conditions, money });
    return { ...one, spec: { ...one.spec, tenant: `0x${index.toString(16).padStart(40, "0")}` } };
  }

  it("is the same with 10,000 leases as with 100, however they live", async () => {
    const { metrics, fed, inventory, report } = fixture();
    const series = async (): Promise<number> => {
      report();
      return [...(await pageOf(metrics)).values()].reduce((sum, { samples }) => sum + samples.length, 0);
    };
    fed.offers.put(computeOffer());
    inventory.upsertNode(h100Node("a"));
    const add = (index: number): void => {
      fed.leases.put(computeLease(String(index)));
      fed.leases.put(lease(index));
      inventory.reserve({ lease: `market-${index}`, node: "a", units: 1, shape: h100Shape() });
      metrics.conditions.changed("ComputeLease", computeLease(), lease(index));
    };
    for (let index = 0; index < 100; index++) add(index);
    const few = await series();
    for (let index = 100; index < 10_000; index++) add(index);
    const many = await series();
    process.stdout.write(`series with 100 leases: ${few}, with 10,000 leases: ${many}\n`);
    expect(many).toBe(few);
    expect(seriesValue(await pageOf(metrics), "berthage_leases", { state: "Closed" })).toBeGreaterThan(1000);
  });
});
