import { beforeEach, describe, expect, test } from "vitest";
import { a100, h100Node, h100Shape } from "../../test/support/gpu-nodes.ts";
import { Inventory } from "./inventory.ts";
import { describeUnplaceable } from "./placement.ts";
import type { PodFacts } from "./pod-facts.ts";
import { parseResources, type ResourceList } from "./resources.ts";

const one = h100Shape();
const pair = h100Shape({ count: 2 });
const spread = h100Shape({}, { strategy: "Spread" });

function pod(key: string, requests: ResourceList, options: Partial<PodFacts> = {}): PodFacts {
  const facts = { key, uid: key, node: "node-a", terminal: false, lease: undefined };
  return { ...facts, requests: parseResources({ pods: 1, ...requests }), ...options };
}

/** A pod that asks `units` units of `one`. */
function unitPod(key: string, units: number, options: Partial<PodFacts> = {}): PodFacts {
  const requests = { cpu: 8 * units, memory: `${64 * units}Gi`, "nvidia.com/gpu": units };
  return pod(key, { ...requests, "ephemeral-storage": `${100 * units}Gi` }, options);
}

let inventory: Inventory;
beforeEach(() => {
  inventory = new Inventory();
  inventory.upsertNode(h100Node("node-a"));
});

describe("what fits on a node", () => {
  test("an empty node fits as many units as its scarcest resource", () => {
    expect(inventory.unitsOn("node-a", one)).toBe(8);
    expect(inventory.unitsOn("node-a", pair)).toBe(4);
    inventory.upsertNode(h100Node("node-a", { allocatable: { cpu: "31" } }));
    expect(inventory.unitsOn("node-a", one)).toBe(3);
  });

  test("nothing fits on an unknown node or one that may not be sold from", () => {
    expect(inventory.unitsOn("node-z", one)).toBe(0);
    inventory.upsertNode(h100Node("node-a", { unschedulable: true }));
    expect(inventory.unitsOn("node-a", one)).toBe(0);
  });

  test("pods of others take their room until they end, move away or go", () => {
    inventory.upsertPod(unitPod("shop/web", 3));
    expect(inventory.unitsOn("node-a", one)).toBe(5);
    inventory.upsertPod(unitPod("shop/web", 3, { terminal: true }));
    expect(inventory.unitsOn("node-a", one)).toBe(8);
    inventory.upsertPod(unitPod("shop/web", 3, { node: "node-b" }));
    expect(inventory.unitsOn("node-a", one)).toBe(8);
    inventory.upsertPod(unitPod("shop/web", 3));
    inventory.removePod("shop/web");
    expect(inventory.unitsOn("node-a", one)).toBe(8);
  });

  test("a pod that no scheduler has bound holds nothing", () => {
    inventory.upsertPod(unitPod("shop/web", 3, { node: undefined }));
    expect(inventory.unitsOn("node-a", one)).toBe(8);
  });

  test("a node seen after its pods counts them", () => {
    inventory.upsertPod(unitPod("shop/web", 3, { node: "node-b" }));
    inventory.upsertNode(h100Node("node-b"));
    expect(inventory.unitsOn("node-b", one)).toBe(5);
    inventory.removeNode("node-b");
    inventory.upsertNode(h100Node("node-b"));
    expect(inventory.unitsOn("node-b", one)).toBe(5);
  });

  test("pods of the same name in two namespaces are two pods", () => {
    inventory.upsertPod(unitPod("lease-market-1/web", 2));
    inventory.upsertPod(unitPod("lease-market-2/web", 3));
    expect(inventory.unitsOn("node-a", one)).toBe(3);
    inventory.removePod("lease-market-1/web");
    expect(inventory.unitsOn("node-a", one)).toBe(5);
  });

  test("a late deletion does not remove the pod's successor", () => {
    inventory.upsertPod(unitPod("shop/web", 3, { uid: "old" }));
    inventory.upsertPod(unitPod("shop/web", 2, { uid: "new" }));
    inventory.removePod("shop/web", "old");
    expect(inventory.unitsOn("node-a", one)).toBe(6);
    inventory.removePod("shop/web", "new");
    expect(inventory.unitsOn("node-a", one)).toBe(8);
  });

  test("devices that turn unhealthy leave no negative room", () => {
    inventory.reserve({ lease: "market-1", node: "node-a", units: 6, shape: one });
    inventory.upsertNode(h100Node("node-a", { allocatable: { "nvidia.com/gpu": 2 } }));
    expect(inventory.unitsOn("node-a", one)).toBe(0);
    expect(inventory.capacity(one)).toEqual({ totalUnits: 6, freeUnits: 0, largestLeaseUnits: 0, nodes: 1 });
  });

  test("a thousand pods of odd sizes come and go without a trace", () => {
    const sizes = ["1m", "333m", "0.7", "100m", "3"];
    for (let i = 0; i < 1000; i += 1) inventory.upsertPod(pod(`shop/p${i}`, { cpu: sizes[i % sizes.length] ?? 1 }));
    expect(inventory.unitsOn("node-a", one)).toBe(0);
    for (let i = 0; i < 1000; i += 1) inventory.removePod(`shop/p${i}`);
    expect(inventory.unitsOn("node-a", h100Shape())).toBe(8);
    expect(inventory.recompute()).toEqual([]);
    inventory.upsertNode(h100Node("node-a", { allocatable: { cpu: "64" } }));
    expect(inventory.unitsOn("node-a", one)).toBe(8);
  });
});

describe("reservations", () => {
  const lease = { lease: "market-1", node: "node-a", units: 3, shape: one };

  test("hold their units before any pod is there", () => {
    inventory.reserve(lease);
    expect(inventory.unitsOn("node-a", one)).toBe(5);
    expect(inventory.reservation("market-1")).toEqual(lease);
  });

  test("cover the lease's own pods, which are not counted twice", () => {
    inventory.reserve(lease);
    inventory.upsertPod(unitPod("lease-market-1/web", 2, { lease: "market-1" }));
    expect(inventory.unitsOn("node-a", one)).toBe(5);
    inventory.upsertPod(unitPod("lease-market-1/db", 1, { lease: "market-1" }));
    expect(inventory.unitsOn("node-a", one)).toBe(5);
  });

  test("cover nothing beyond themselves: pods that ask more are counted in full", () => {
    inventory.reserve(lease);
    inventory.upsertPod(unitPod("lease-market-1/web", 4, { lease: "market-1" }));
    expect(inventory.unitsOn("node-a", one)).toBe(4);
  });

  test("do not cover another lease's pods", () => {
    inventory.reserve(lease);
    inventory.upsertPod(unitPod("lease-market-2/web", 2, { lease: "market-2" }));
    expect(inventory.unitsOn("node-a", one)).toBe(3);
  });

  test("stay while the pods are gone: a suspended lease keeps its room", () => {
    inventory.reserve(lease);
    inventory.upsertPod(unitPod("lease-market-1/web", 3, { lease: "market-1" }));
    inventory.removePod("lease-market-1/web");
    expect(inventory.unitsOn("node-a", one)).toBe(5);
  });

  test("are released once; pods that still run keep their room until they go", () => {
    inventory.reserve(lease);
    inventory.upsertPod(unitPod("lease-market-1/web", 2, { lease: "market-1" }));
    inventory.release("market-1");
    inventory.release("market-1");
    expect(inventory.unitsOn("node-a", one)).toBe(6);
    inventory.removePod("lease-market-1/web");
    expect(inventory.unitsOn("node-a", one)).toBe(8);
    expect(inventory.reservation("market-1")).toBeUndefined();
  });

  test("made twice are held once, and moved they hold the new node only", () => {
    inventory.upsertNode(h100Node("node-b"));
    inventory.reserve(lease);
    inventory.reserve(lease);
    expect(inventory.unitsOn("node-a", one)).toBe(5);
    inventory.reserve({ ...lease, node: "node-b" });
    expect(inventory.unitsOn("node-a", one)).toBe(8);
    expect(inventory.unitsOn("node-b", one)).toBe(5);
  });

  test("are taken as they are after a restart, even beyond what the node has now", () => {
    inventory.reserve({ ...lease, units: 12 });
    expect(inventory.unitsOn("node-a", one)).toBe(0);
    inventory.release("market-1");
    expect(inventory.unitsOn("node-a", one)).toBe(8);
  });

  test.each<[string, Parameters<typeof h100Node>[1] | undefined, boolean]>([
    ["as it was", {}, true],
    ["cordoned", { unschedulable: true }, true],
    ["to be maintained", { maintenanceAt: "2026-01-01T00:00:00Z" }, true],
    ["not ready", { ready: false }, false],
    ["being deleted", { deleting: true }, false],
    ["of another class", { labels: { "nvidia.com/gpu.product": a100 } }, false],
    ["gone", undefined, false],
  ])("with the node %s, the reservation holds: %s", (_, node, holds) => {
    inventory.reserve(lease);
    if (node) inventory.upsertNode(h100Node("node-a", node));
    else inventory.removeNode("node-a");
    expect(inventory.holds(lease)).toBe(holds);
  });
});

describe("capacity of an offer", () => {
  beforeEach(() => {
    inventory.upsertNode(h100Node("node-b", { allocatable: { "nvidia.com/gpu": 3 } }));
    inventory.upsertNode(h100Node("node-c", { labels: { "nvidia.com/gpu.product": a100 } }));
  });

  test("sums nodes of its class; one lease gets at most one node", () => {
    expect(inventory.capacity(one)).toEqual({ totalUnits: 11, freeUnits: 11, largestLeaseUnits: 8, nodes: 2 });
    expect(inventory.capacity(pair)).toEqual({ totalUnits: 5, freeUnits: 5, largestLeaseUnits: 4, nodes: 2 });
  });

  test("counts its own leases into the total", () => {
    inventory.reserve({ lease: "market-1", node: "node-a", units: 2, shape: h100Shape() });
    expect(inventory.capacity(one)).toEqual({ totalUnits: 11, freeUnits: 9, largestLeaseUnits: 6, nodes: 2 });
    expect(inventory.capacity(pair)).toEqual({ totalUnits: 4, freeUnits: 4, largestLeaseUnits: 3, nodes: 2 });
  });

  test("the caller may say which leases are its own, where two networks sell the same", () => {
    inventory.reserve({ lease: "market-1", node: "node-a", units: 2, shape: one });
    inventory.reserve({ lease: "other-1", node: "node-a", units: 3, shape: one });
    const own = inventory.capacity(one, ({ lease }) => lease.startsWith("market-"));
    expect(own).toEqual({ totalUnits: 8, freeUnits: 6, largestLeaseUnits: 3, nodes: 2 });
  });

  test("keeps leases on a cordoned node in the total, and sells nothing more there", () => {
    inventory.reserve({ lease: "market-1", node: "node-a", units: 2, shape: one });
    inventory.upsertNode(h100Node("node-a", { unschedulable: true }));
    expect(inventory.capacity(one)).toEqual({ totalUnits: 5, freeUnits: 3, largestLeaseUnits: 3, nodes: 1 });
  });
});

describe("placing a lease", () => {
  beforeEach(() => {
    inventory.upsertNode(h100Node("node-b"));
    inventory.upsertNode(h100Node("node-c"));
    inventory.upsertPod(unitPod("shop/b", 5, { node: "node-b" }));
    inventory.upsertPod(unitPod("shop/c", 1, { node: "node-c" }));
  });

  test("Pack fills the fullest node on which all units fit", () => {
    expect(inventory.place(one, 3)).toEqual({ kind: "placed", node: "node-b" });
    expect(inventory.place(one, 4)).toEqual({ kind: "placed", node: "node-c" });
    expect(inventory.place(one, 8)).toEqual({ kind: "placed", node: "node-a" });
  });

  test("Spread takes the emptiest", () => {
    expect(inventory.place(spread, 1)).toEqual({ kind: "placed", node: "node-a" });
  });

  test("what is placed but not reserved is not held: placing alone changes nothing", () => {
    expect(inventory.place(one, 3)).toEqual(inventory.place(one, 3));
  });

  test("a lease that fits on no single node says why, per reason", () => {
    inventory.upsertNode(h100Node("node-d", { unschedulable: true }));
    inventory.upsertNode(h100Node("node-e", { allocatable: { cpu: "8", memory: "1Gi" } }));
    const placement = inventory.place(one, 9);
    if (placement.kind !== "unplaceable") throw new Error(`placed on ${placement.node}`);
    expect(placement.reasons).toEqual([
      { reason: "insufficient nvidia.com/gpu", count: 4 },
      { reason: "insufficient cpu", count: 2 },
      { node: "node-d", reason: "cordoned", count: 1 },
      { node: "node-e", reason: "insufficient memory", count: 1 },
    ]);
    expect(describeUnplaceable(placement.reasons, 9)).toBe(
      "no node fits 9 units: 4 nodes: insufficient nvidia.com/gpu; 2 nodes: insufficient cpu; " +
        "node-d: cordoned; node-e: insufficient memory",
    );
  });

  test("an empty cluster has no reasons to give", () => {
    expect(new Inventory().place(one, 1)).toEqual({ kind: "unplaceable", reasons: [] });
  });
});
