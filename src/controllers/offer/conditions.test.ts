import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type NewCondition, newCondition } from "../../api/conditions.ts";
import {
  type CapacityFacts,
  capacityAvailable,
  type PublicationState,
  published,
  readySummary,
  type ValidationFacts,
  validated,
} from "./conditions.ts";
import { isolated } from "./isolation.ts";

const valid: ValidationFacts = {
  networkRef: "market",
  hasNetwork: true,
  missingRuntimeClass: undefined,
  missingStorageClass: undefined,
  missingPriorityClass: undefined,
  sharing: undefined,
};

const capacity: CapacityFacts = {
  nodes: 2,
  refusals: "0 of 2 nodes have a free GPU",
  placeableUnits: 8,
  leasedUnits: 0,
  maxUnits: 16,
  reserveUnits: 0,
  freeUnits: 8,
};

describe("Validated", () => {
  test.each([
    [{}, "Valid", ""],
    [{ hasNetwork: false }, "NetworkNotFound", "market"],
    [{ missingRuntimeClass: "kata" }, "RuntimeClassNotFound", "kata"],
    [{ missingStorageClass: "nvme" }, "StorageClassNotFound", "nvme"],
    [{ missingPriorityClass: "low" }, "PriorityClassNotFound", "low"],
    [{ sharing: "2 nodes: devices are shared: mps" }, "ResourceNotExclusive", "2 nodes: devices are shared: mps"],
    [{ hasNetwork: false, missingRuntimeClass: "kata" }, "NetworkNotFound", "market"],
  ] as const)("%j: %s, and the message names it", (changes, reason, name) => {
    const condition = validated({ ...valid, ...changes });
    expect(condition).toMatchObject({ type: "Validated", status: reason === "Valid" ? "True" : "False", reason });
    expect(condition.message).toContain(name);
  });
});

describe("CapacityAvailable", () => {
  test.each([
    ["room", {}, "Available"],
    ["no such nodes", { nodes: 0, placeableUnits: 0, freeUnits: 0 }, "NoMatchingNodes"],
    ["all leased", { placeableUnits: 0, leasedUnits: 8, freeUnits: 0 }, "FullyLeased"],
    ["the cap", { leasedUnits: 16, freeUnits: 0 }, "FullyLeased"],
    ["the reserve", { placeableUnits: 1, reserveUnits: 1, freeUnits: 0 }, "Reserved"],
    ["other pods", { placeableUnits: 0, freeUnits: 0 }, "NoRoom"],
    ["other offers' part", { freeUnits: 0 }, "NoRoom"],
  ] as const)("%s", (_name, changes, reason) => {
    expect(capacityAvailable({ ...capacity, ...changes }).reason).toBe(reason);
  });

  test("counts in words", () => {
    expect(capacityAvailable({ ...capacity, freeUnits: 1 }).message).toBe("1 further unit is for sale.");
    expect(capacityAvailable(capacity).message).toBe("8 further units are for sale.");
  });

  test("holds exactly while something is for sale", () => {
    const units = fc.integer({ min: 0, max: 5 });
    const facts = fc.record({
      nodes: units,
      placeableUnits: units,
      leasedUnits: units,
      maxUnits: units,
      reserveUnits: units,
      freeUnits: units,
    });
    fc.assert(
      fc.property(facts, (changes) => {
        expect(capacityAvailable({ ...capacity, ...changes }).status).toBe(changes.freeUnits > 0 ? "True" : "False");
      }),
    );
  });
});

test.each([
  ["Published", "True"],
  ["Publishing", "False"],
  ["Paused", "False"],
  ["NotValid", "False"],
  ["NotIsolated", "False"],
  ["NetworkNotReady", "False"],
  ["Retiring", "False"],
] as const satisfies readonly (readonly [PublicationState, string])[])("Published is %s: %s", (state, status) => {
  expect(published(state)).toMatchObject({ type: "Published", status, reason: state });
});

describe("Ready", () => {
  const [good, room, listed] = [validated(valid), capacityAvailable(capacity), published("Published")];
  const noNetwork = validated({ ...valid, hasNetwork: false });
  const open = { isEnforced: false, message: "10.0.0.1 was reached.", timeSeconds: 0 };
  const noRoom = newCondition("ComputeOffer", "CapacityAvailable", "NoRoom");
  const cases: readonly (readonly [string, readonly NewCondition[], string])[] = [
    ["all is well", [good, room, listed], "Ready"],
    ["it is not valid, whatever else", [noNetwork, noRoom, published("Publishing")], "NotValid"],
    ["tenants are not kept apart", [good, room, isolated(open, false), published("NotIsolated")], "NotIsolated"],
    ["that is waived", [good, room, isolated(open, true), listed], "Ready"],
    ["nobody probed", [good, room, isolated(undefined, false), listed], "Ready"],
    ["it is not published", [good, noRoom, published("Publishing")], "NotPublished"],
    ["nothing is left", [good, noRoom, listed], "NoCapacity"],
    ["nothing is known", [], "NotValid"],
  ];
  test.each(cases)("when %s", (_name, conditions, reason) => {
    expect(readySummary(conditions).reason).toBe(reason);
  });
});
