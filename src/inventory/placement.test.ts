import fc from "fast-check";
import { expect, test } from "vitest";
import { choose, describeUnplaceable, shortages, summarise, unitsThatFit } from "./placement.ts";

const resources = (entries: Record<string, bigint>) => new Map(Object.entries(entries));

test.each([
  ["the scarcest resource decides", { cpu: 96n, gpu: 8n }, {}, { cpu: 16n, gpu: 1n }, 6],
  ["used is taken off", { cpu: 96n, gpu: 8n }, { gpu: 7n, cpu: 8n }, { cpu: 8n, gpu: 1n }, 1],
  ["a resource that the node lacks", { cpu: 96n }, {}, { cpu: 1n, gpu: 1n }, 0],
  ["a stranded GPU: cpu is gone", { cpu: 96n, gpu: 8n }, { cpu: 95n }, { cpu: 8n, gpu: 1n }, 0],
  ["more used than there is", { gpu: 2n }, { gpu: 8n }, { gpu: 1n }, 0],
  ["less than nothing allocatable", { gpu: -3n }, {}, { gpu: 1n }, 0],
  ["what is not asked does not matter", { gpu: 2n, cpu: -5n }, {}, { gpu: 1n, cpu: 0n }, 2],
  ["asking nothing fits nothing", { gpu: 2n }, {}, {}, 0],
])("units that fit: %s", (_, allocatable, used, requests, expected) => {
  expect(unitsThatFit(resources(allocatable), resources(used), resources(requests))).toBe(expected);
});

const amount = fc.bigInt(-4n, 40n);
const node = fc.record({ cpu: amount, memory: amount, gpu: amount }).map(resources);
const unit = fc.record({ cpu: fc.bigInt(1n, 9n), gpu: fc.bigInt(1n, 3n) }).map(resources);

test("exactly the units that fit have no shortage", () => {
  fc.assert(
    fc.property(node, node, unit, fc.integer({ min: 1, max: 60 }), (allocatable, used, requests, units) => {
      const short = shortages(allocatable, used, requests, units);
      expect(short.length === 0).toBe(units <= unitsThatFit(allocatable, used, requests));
    }),
  );
});

const three = [
  { node: "b", units: 4 },
  { node: "a", units: 4 },
  { node: "c", units: 6 },
];

test("Pack takes the fullest, Spread the emptiest, ties go by name", () => {
  expect(choose(three, "Pack")).toBe("a");
  expect(choose(three, "Spread")).toBe("c");
  expect(choose(three.slice(0, 2), "Spread")).toBe("a");
  expect(choose([], "Pack")).toBeUndefined();
});

test("the choice does not depend on the order in which nodes are known", () => {
  const candidates = fc.uniqueArray(fc.record({ node: fc.string({ minLength: 1 }), units: fc.nat(5) }), {
    selector: ({ node }) => node,
    minLength: 1,
  });
  fc.assert(
    fc.property(candidates, fc.constantFrom("Pack" as const, "Spread" as const), (nodes, strategy) => {
      expect(choose(nodes.toReversed(), strategy)).toBe(choose(nodes, strategy));
    }),
  );
});

test("reasons are grouped, the commonest first, and a single node is named", () => {
  const reasons = summarise([
    ["a", "cordoned"],
    ["b", "insufficient cpu"],
    ["c", "insufficient cpu"],
    ["d", "being deleted"],
  ]);
  expect(reasons).toEqual([
    { reason: "insufficient cpu", count: 2 },
    { node: "d", reason: "being deleted", count: 1 },
    { node: "a", reason: "cordoned", count: 1 },
  ]);
  expect(describeUnplaceable(reasons, 4)).toBe(
    "no node fits 4 units: 2 nodes: insufficient cpu; d: being deleted; a: cordoned",
  );
  expect(describeUnplaceable([], 1)).toBe("no node fits 1 unit: the cluster has no nodes");
});
