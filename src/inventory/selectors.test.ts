import { describe, expect, test } from "vitest";
import {
  labelOf,
  matchesAnyTerm,
  type NodeSelectorRequirement,
  type Toleration,
  untoleratedTaint,
} from "./selectors.ts";

const labels = { zone: "a", cores: "64", word: "many", huge: "9223372036854775808" };

describe("requirements over labels", () => {
  test.each<[NodeSelectorRequirement["operator"], string, string[] | undefined, boolean]>([
    ["In", "zone", ["a", "b"], true],
    ["In", "zone", ["b"], false],
    ["In", "absent", ["a"], false],
    ["NotIn", "zone", ["b"], true],
    ["NotIn", "zone", ["a", "b"], false],
    ["NotIn", "absent", ["a"], true],
    ["Exists", "zone", undefined, true],
    ["Exists", "absent", undefined, false],
    ["Exists", "constructor", undefined, false],
    ["DoesNotExist", "absent", undefined, true],
    ["DoesNotExist", "zone", undefined, false],
    ["Gt", "cores", ["63"], true],
    ["Gt", "cores", ["64"], false],
    ["Gt", "cores", ["+8"], true],
    ["Gt", "absent", ["1"], false],
    ["Gt", "word", ["1"], false],
    ["Gt", "cores", ["few"], false],
    ["Gt", "cores", ["1", "2"], false],
    ["Gt", "cores", [], false],
    ["Gt", "huge", ["1"], false],
    ["Gt", "cores", ["-1"], true],
    ["Lt", "cores", ["65"], true],
    ["Lt", "cores", ["64"], false],
    ["Lt", "absent", ["65"], false],
  ])("%s %s %j: %s", (operator, key, values, expected) => {
    const requirement = { key, operator, ...(values && { values }) };
    expect(matchesAnyTerm(labels, [{ matchExpressions: [requirement] }])).toBe(expected);
  });

  const inA = { key: "zone", operator: "In", values: ["a"] } as const;
  const inB = { key: "zone", operator: "In", values: ["b"] } as const;

  test("the requirements of a term are ANDed, terms are ORed", () => {
    expect(matchesAnyTerm(labels, [{ matchExpressions: [inA, inB] }])).toBe(false);
    expect(matchesAnyTerm(labels, [{ matchExpressions: [inB] }, { matchExpressions: [inA] }])).toBe(true);
  });

  test("an empty term and an empty list match nothing", () => {
    expect(matchesAnyTerm(labels, [{ matchExpressions: [] }])).toBe(false);
    expect(matchesAnyTerm(labels, [])).toBe(false);
  });
});

test("a label is looked up among the node's own only", () => {
  expect(labelOf(labels, "zone")).toBe("a");
  expect(labelOf(labels, "toString")).toBeUndefined();
  expect(labelOf({ constructor: "x" }, "constructor")).toBe("x");
});

describe("taints and tolerations", () => {
  const taint = { key: "sku", value: "gpu", effect: "NoSchedule" };

  test.each<[Toleration, boolean]>([
    [{ key: "sku", operator: "Exists" }, true],
    [{ operator: "Exists" }, true],
    [{ operator: "Exists", effect: "NoSchedule" }, true],
    [{ key: "sku", value: "gpu" }, true],
    [{ key: "sku", operator: "Equal", value: "gpu", effect: "NoSchedule" }, true],
    [{ key: "sku", value: "cpu" }, false],
    [{ key: "sku" }, false],
    [{ key: "other", operator: "Exists" }, false],
    [{ key: "sku", operator: "Exists", effect: "NoExecute" }, false],
    [{ key: "sku", operator: "Gt", value: "0" }, false],
  ])("%j tolerates sku=gpu:NoSchedule: %s", (toleration, expected) => {
    expect(untoleratedTaint([taint], [toleration]) === undefined).toBe(expected);
  });

  test("NoExecute keeps away too, PreferNoSchedule keeps nothing away", () => {
    expect(untoleratedTaint([{ ...taint, effect: "NoExecute" }], [])?.effect).toBe("NoExecute");
    expect(untoleratedTaint([{ ...taint, effect: "PreferNoSchedule" }], [])).toBeUndefined();
  });

  test("every taint needs its toleration; the first without one is named", () => {
    const second = { key: "dedicated", value: "", effect: "NoSchedule" };
    expect(untoleratedTaint([taint, second], [{ key: "sku", operator: "Exists" }])).toEqual(second);
  });
});
