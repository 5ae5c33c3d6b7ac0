import { describe, expect, test } from "vitest";
import { newCondition } from "../api/conditions.ts";
import type { Condition } from "../api/types.gen.ts";
import { transitions, withConditions } from "./conditions.ts";

const [early, late] = [Date.UTC(2030, 0, 1), Date.UTC(2030, 0, 2)];
const ready = newCondition("ComputeOffer", "Ready", "Ready");
const noCapacity = newCondition("ComputeOffer", "Ready", "NoCapacity");
const paused = newCondition("ComputeOffer", "Ready", "NotPublished");
const valid = newCondition("ComputeOffer", "Validated", "Valid");

describe("an object's conditions", () => {
  test("are set together, and those not mentioned stay", () => {
    const before = withConditions(undefined, [valid, ready], 1, early);
    const after = withConditions(before, [noCapacity], 2, late);
    expect(after).toEqual([
      { ...valid, observedGeneration: 1, lastTransitionTime: "2030-01-01T00:00:00Z" },
      { ...noCapacity, observedGeneration: 2, lastTransitionTime: "2030-01-02T00:00:00Z" },
    ]);
    expect(before[1]?.reason).toBe("Ready");
  });

  test("keep their time while the status holds, though the reason changes", () => {
    const before = withConditions(undefined, [noCapacity], 1, early);
    expect(withConditions(before, [paused], 1, late)).toMatchObject([
      { reason: "NotPublished", lastTransitionTime: "2030-01-01T00:00:00Z" },
    ]);
  });

  test("leave the generation out where the object has none", () => {
    expect(withConditions(undefined, [ready], undefined, early)[0]).not.toHaveProperty("observedGeneration");
  });
});

describe("transitions", () => {
  const at = (...updates: Parameters<typeof withConditions>[1]): Condition[] =>
    withConditions(undefined, updates, 1, early);

  test("are new conditions, flips and other reasons", () => {
    expect(transitions([], at(ready))).toMatchObject([{ condition: { reason: "Ready" }, previous: undefined }]);
    expect(transitions(at(ready), at(noCapacity))).toMatchObject([
      { condition: { reason: "NoCapacity" }, previous: { reason: "Ready" } },
    ]);
    expect(transitions(at(paused), at(noCapacity))).toHaveLength(1);
  });

  test("are not another message, generation or time", () => {
    const after = withConditions(at(ready), [{ ...ready, message: "other words" }], 2, late);
    expect(transitions(at(ready), after)).toEqual([]);
  });
});
