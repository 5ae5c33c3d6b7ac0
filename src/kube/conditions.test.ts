import { describe, expect, test } from "vitest";
import { type Condition, conditionOf, isTrue, setCondition } from "./conditions.ts";

const now = Date.UTC(2030, 0, 1, 12, 0, 0, 789);
const ready: Condition = {
  type: "Ready",
  status: "True",
  reason: "AllGood",
  message: "",
  observedGeneration: 1,
  lastTransitionTime: "2029-01-01T00:00:00Z",
};
const funded: Condition = { ...ready, type: "Funded" };

describe("setCondition", () => {
  test("adds at the end with the time in whole seconds, and leaves its input alone", () => {
    const before = [funded];
    const { lastTransitionTime: _, ...update } = ready;
    const after = setCondition(before, update, now);
    expect(after).toEqual([funded, { ...ready, lastTransitionTime: "2030-01-01T12:00:00Z" }]);
    expect(before).toEqual([funded]);
    expect(setCondition(undefined, update, now)).toHaveLength(1);
  });

  test("keeps the transition time while only the words change, and the order always", () => {
    const after = setCondition([ready, funded], { ...ready, reason: "StillGood", observedGeneration: 2 }, now);
    expect(after).toEqual([{ ...ready, reason: "StillGood", observedGeneration: 2 }, funded]);
  });

  test("moves the transition time when the status flips", () => {
    const [after] = setCondition([ready], { ...ready, status: "Unknown" }, now);
    expect(after?.lastTransitionTime).toBe("2030-01-01T12:00:00Z");
  });

  test("set twice it changes nothing: what is written once is not written again", () => {
    const once = setCondition([ready], { ...ready, status: "False" }, now);
    expect(setCondition(once, { ...ready, status: "False" }, now + 60_000)).toEqual(once);
  });

  test("cuts a message to what the schema takes", () => {
    const [after] = setCondition([], { ...ready, message: "x".repeat(40_000) }, now);
    expect(after?.message).toHaveLength(32_768);
  });
});

test("isTrue asks for the status, and for the generation when one is given", () => {
  expect(isTrue([ready], "Ready")).toBe(true);
  expect(isTrue([ready], "Ready", 1)).toBe(true);
  expect(isTrue([ready], "Ready", 2)).toBe(false);
  expect(isTrue([{ ...ready, status: "Unknown" }], "Ready")).toBe(false);
  expect(isTrue(undefined, "Ready")).toBe(false);
  expect(conditionOf([ready, funded], "Funded")).toBe(funded);
});
