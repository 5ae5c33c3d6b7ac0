import fc from "fast-check";
import { expect, test } from "vitest";
import { addTo, largest, multiply, parseResources, sameResources } from "./resources.ts";

const amounts = fc.dictionary(fc.constantFrom("cpu", "memory", "nvidia.com/gpu", "pods"), fc.bigInt(1n, 1n << 62n));
const resources = amounts.map((entries) => new Map(Object.entries(entries)));

test("reads cpu in millicores, storage in bytes and devices in whole numbers, rounding up", () => {
  const parsed = parseResources({
    cpu: "1500m",
    memory: "1Gi",
    "ephemeral-storage": "1k",
    "nvidia.com/gpu": 8,
    "hugepages-2Mi": "4Mi",
    "example.com/half": "1500m",
  });
  expect(Object.fromEntries(parsed)).toEqual({
    cpu: 1500n,
    memory: 1073741824n,
    "ephemeral-storage": 1000n,
    "nvidia.com/gpu": 8n,
    "hugepages-2Mi": 4194304n,
    "example.com/half": 2n,
  });
  expect(parseResources(undefined).size).toBe(0);
});

test("whatever is added and taken away again leaves no trace", () => {
  fc.assert(
    fc.property(fc.array(resources), (parts) => {
      const total = new Map<string, bigint>();
      for (const part of parts) addTo(total, part);
      for (const part of parts) addTo(total, part, -1n);
      expect(total).toEqual(new Map());
    }),
  );
});

test("the largest of several is at least each of them and made of their amounts", () => {
  fc.assert(
    fc.property(resources, resources, (a, b) => {
      const most = largest(a, b);
      for (const [name, amount] of most) {
        expect([a.get(name), b.get(name)]).toContain(amount);
        expect(amount).toBeGreaterThanOrEqual(a.get(name) ?? 0n);
        expect(amount).toBeGreaterThanOrEqual(b.get(name) ?? 0n);
      }
      expect(new Set(most.keys())).toEqual(new Set([...a.keys(), ...b.keys()]));
    }),
  );
});

test("multiplying is adding that often", () => {
  fc.assert(
    fc.property(resources, fc.integer({ min: 1, max: 50 }), (part, times) => {
      const total = new Map<string, bigint>();
      for (let i = 0; i < times; i += 1) addTo(total, part);
      expect(sameResources(multiply(part, times), total)).toBe(true);
    }),
  );
});

test("differs on another amount, a missing and an additional resource", () => {
  const one = new Map([["cpu", 1n]]);
  expect(sameResources(one, new Map([["cpu", 2n]]))).toBe(false);
  expect(sameResources(one, new Map())).toBe(false);
  expect(sameResources(one, new Map([...one, ["memory", 1n]]))).toBe(false);
  expect(sameResources(one, new Map(one))).toBe(true);
});
