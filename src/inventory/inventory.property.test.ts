import fc from "fast-check";
import { expect, test } from "vitest";
import { a100, h100, h100Node, h100Shape } from "../../test/support/gpu-nodes.ts";
import { Inventory, type Reservation } from "./inventory.ts";
import type { NodeFacts } from "./node-facts.ts";
import { nodeRefusal } from "./node-refusal.ts";
import type { PodFacts } from "./pod-facts.ts";
import { shapeOf } from "./shape.ts";

const nodeNames = ["node-a", "node-b", "node-c"];
const shapes = [
  h100Shape(),
  h100Shape({ count: 2 }),
  h100Shape({ product: a100 }),
  shapeOf({ unit: { cpu: "750m", memory: "1Gi", ephemeralStorage: "1Gi" }, placement: { strategy: "Spread" } }),
];

const nodeName = fc.constantFrom(...nodeNames);
const lease = fc.constantFrom("market-1", "market-2", "market-3");
const shape = fc.constantFrom(...shapes);

const node: fc.Arbitrary<NodeFacts> = fc
  .record({
    name: nodeName,
    product: fc.constantFrom(h100, a100),
    gpus: fc.integer({ min: 0, max: 8 }),
    cpu: fc.integer({ min: 0, max: 96_000 }),
    unschedulable: fc.boolean(),
    ready: fc.boolean(),
  })
  .map(({ name, product, gpus, cpu, unschedulable, ready }) =>
    h100Node(name, {
      labels: { "nvidia.com/gpu.product": product },
      allocatable: { cpu: `${cpu}m`, "nvidia.com/gpu": gpus },
      unschedulable,
      ready,
    }),
  );

const pod: fc.Arbitrary<PodFacts> = fc
  .record({
    key: fc.constantFrom("ns-1/web", "ns-2/web", "ns-1/db", "ns-3/job"),
    uid: fc.constantFrom("first", "second"),
    node: fc.option(nodeName, { nil: undefined }),
    lease: fc.option(lease, { nil: undefined }),
    terminal: fc.boolean(),
    cpu: fc.bigInt(1n, 40_000n),
    gpus: fc.bigInt(0n, 8n),
  })
  .map(({ cpu, gpus, ...facts }) => ({
    ...facts,
    requests: new Map([
      ["cpu", cpu],
      ["nvidia.com/gpu", gpus],
      ["pods", 1n],
    ]),
  }));

/** The state that events lead to, as plainly as it can be written. */
interface Model {
  readonly nodes: Map<string, NodeFacts>;
  readonly pods: Map<string, PodFacts>;
  readonly reservations: Map<string, Reservation>;
}

type Event = (inventory: Inventory, model: Model) => void;

const reservation = fc.record({ lease, node: nodeName, units: fc.integer({ min: 1, max: 6 }), shape });

const event: fc.Arbitrary<Event> = fc.oneof(
  node.map(
    (facts): Event =>
      (inventory, { nodes }) => {
        inventory.upsertNode(facts);
        nodes.set(facts.name, facts);
      },
  ),
  nodeName.map(
    (name): Event =>
      (inventory, { nodes }) => {
        inventory.removeNode(name);
        nodes.delete(name);
      },
  ),
  pod.map(
    (facts): Event =>
      (inventory, { pods }) => {
        inventory.upsertPod(facts);
        pods.set(facts.key, facts);
      },
  ),
  pod.map(
    ({ key, uid }): Event =>
      (inventory, { pods }) => {
        inventory.removePod(key, uid);
        if (pods.get(key)?.uid === uid) pods.delete(key);
      },
  ),
  reservation.map(
    (held): Event =>
      (inventory, { reservations }) => {
        inventory.reserve(held);
        reservations.set(held.lease, held);
      },
  ),
  lease.map(
    (name): Event =>
      (inventory, { reservations }) => {
        inventory.release(name);
        reservations.delete(name);
      },
  ),
);

/** Used on a node: foreign pods, and for each lease the larger of reservation and own pods, one resource at a time. */
function usedInModel(model: Model, name: string, resource: string): bigint {
  const here = [...model.pods.values()].filter((pod) => pod.node === name && !pod.terminal);
  const sum = (pods: PodFacts[]) => pods.reduce((total, pod) => total + (pod.requests.get(resource) ?? 0n), 0n);
  const leases = new Set([...model.reservations.keys(), ...here.flatMap((pod) => pod.lease ?? [])]);
  let used = sum(here.filter((pod) => pod.lease === undefined));
  for (const lease of leases) {
    const held = model.reservations.get(lease);
    const reserved = held?.node === name ? (held.shape.requests.get(resource) ?? 0n) * BigInt(held.units) : 0n;
    const pods = sum(here.filter((pod) => pod.lease === lease));
    used += pods > reserved ? pods : reserved;
  }
  return used;
}

function unitsInModel(model: Model, name: string, shape: (typeof shapes)[number]): number {
  const facts = model.nodes.get(name);
  if (!facts || nodeRefusal(facts, shape) !== undefined) return 0;
  const fits = [...shape.requests].map(([resource, amount]) => {
    const left = (facts.allocatable.get(resource) ?? 0n) - usedInModel(model, name, resource);
    return left < 0n ? 0 : Number(left / amount);
  });
  return Math.min(...fits);
}

test("after any sequence of events every answer is the one that a count from scratch gives", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const inventory = new Inventory();
      const model: Model = { nodes: new Map(), pods: new Map(), reservations: new Map() };
      for (const happen of events) {
        happen(inventory, model);
        for (const name of nodeNames) {
          for (const shape of shapes) expect(inventory.unitsOn(name, shape)).toBe(unitsInModel(model, name, shape));
        }
      }
      expect(inventory.recompute()).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("the order in which the same facts become known does not matter", () => {
  const facts = fc.record({
    nodes: fc.uniqueArray(node, { selector: ({ name }) => name }),
    pods: fc.uniqueArray(pod, { selector: ({ key }) => key }),
    held: fc.uniqueArray(reservation, { selector: ({ lease }) => lease }),
  });
  fc.assert(
    fc.property(facts, ({ nodes, pods, held }) => {
      const forward = new Inventory();
      for (const facts of nodes) forward.upsertNode(facts);
      for (const facts of pods) forward.upsertPod(facts);
      for (const one of held) forward.reserve(one);
      const backward = new Inventory();
      for (const one of held.toReversed()) backward.reserve(one);
      for (const facts of pods.toReversed()) backward.upsertPod(facts);
      for (const facts of nodes.toReversed()) backward.upsertNode(facts);
      for (const shape of shapes) {
        expect(backward.capacity(shape)).toEqual(forward.capacity(shape));
        expect(backward.place(shape, 2)).toEqual(forward.place(shape, 2));
      }
    }),
  );
});

test("offers that share nodes never sell, all together, more than the nodes have", () => {
  const sales = fc.array(fc.record({ shape, units: fc.integer({ min: 1, max: 5 }) }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.uniqueArray(node, { selector: ({ name }) => name }), fc.array(pod), sales, (nodes, pods, wanted) => {
      const inventory = new Inventory();
      const model: Model = { nodes: new Map(), pods: new Map(), reservations: new Map() };
      for (const facts of nodes) {
        inventory.upsertNode(facts);
        model.nodes.set(facts.name, facts);
      }
      for (const facts of pods) {
        inventory.upsertPod({ ...facts, lease: undefined });
        model.pods.set(facts.key, { ...facts, lease: undefined });
      }
      for (const [index, { shape, units }] of wanted.entries()) {
        const before = inventory.capacity(shape);
        const placement = inventory.place(shape, units);
        expect(placement.kind === "placed").toBe(units <= before.largestLeaseUnits);
        if (placement.kind === "unplaceable") {
          expect(placement.reasons.length > 0).toBe(nodes.length > 0);
          continue;
        }
        const sold = { lease: `market-${index}`, node: placement.node, units, shape };
        inventory.reserve(sold);
        model.reservations.set(sold.lease, sold);
        expect(inventory.capacity(shape).freeUnits).toBe(before.freeUnits - units);
        const allocatable = model.nodes.get(sold.node)?.allocatable;
        for (const resource of shape.requests.keys()) {
          expect(usedInModel(model, sold.node, resource)).toBeLessThanOrEqual(allocatable?.get(resource) ?? 0n);
        }
      }
    }),
    { numRuns: 300 },
  );
});
