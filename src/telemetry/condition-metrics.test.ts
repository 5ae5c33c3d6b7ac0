import { describe, expect, it } from "vitest";
import { parseOpenMetrics, seriesValue } from "../../test/support/openmetrics.ts";
import type { Condition } from "../api/types.gen.ts";
import { type Conditioned, transitionsOf } from "./condition-metrics.ts";
import { createMetrics } from "./metrics.ts";

const second = (n: number): string => new Date(Date.UTC(2030, 0, 1, 0, 0, n)).toISOString();

function condition(type: string, status: Condition["status"], at: number, reason = "Because"): Condition {
  return { type, status, reason, message: "", lastTransitionTime: second(at) };
}

function object(...conditions: Condition[]): Conditioned {
  return { metadata: { creationTimestamp: second(0) }, status: { conditions } };
}

describe("transitionsOf", () => {
  it("measures a first status from the creation of the object", () => {
    expect(transitionsOf(object(), object(condition("Ready", "False", 5)))).toEqual([
      { type: "Ready", status: "False", reason: "Because", heldSeconds: 5 },
    ]);
  });

  it("measures a changed status from the change before", () => {
    const before = object(condition("Ready", "False", 5), condition("Funded", "True", 1));
    const after = object(condition("Ready", "True", 25), condition("Funded", "True", 1));
    expect(transitionsOf(before, after)).toMatchObject([{ type: "Ready", status: "True", heldSeconds: 20 }]);
  });

  it("does not take a new reason for a new status", () => {
    const before = object(condition("Ready", "False", 5, "Provisioning"));
    expect(transitionsOf(before, object(condition("Ready", "False", 5, "ImagePull")))).toEqual([]);
  });

  it("does not guess a time from clocks that went back", () => {
    const before = object(condition("Ready", "False", 25));
    expect(transitionsOf(before, object(condition("Ready", "True", 5)))).toMatchObject([{ heldSeconds: undefined }]);
    expect(transitionsOf({ metadata: {} }, object(condition("Ready", "True", 5)))).toMatchObject([{ heldSeconds: 5 }]);
    expect(
      transitionsOf({ metadata: {} }, { metadata: {}, status: { conditions: [condition("Ready", "True", 5)] } }),
    ).toMatchObject([{ heldSeconds: undefined }]);
  });
});

describe("conditionMetrics", () => {
  it("counts and times status changes by kind, type and status", async () => {
    const metrics = createMetrics({ version: "1", commit: "", processMetrics: false });
    const [fresh, waiting, ready] = [
      object(),
      object(condition("Ready", "False", 2, "Provisioning")),
      object(condition("Ready", "True", 42, "Running")),
    ];
    metrics.conditions.changed("ComputeLease", fresh, waiting);
    metrics.conditions.changed("ComputeLease", waiting, waiting);
    metrics.conditions.changed("ComputeLease", waiting, ready);
    const page = parseOpenMetrics((await metrics.page("application/openmetrics-text")).body);
    const series = { kind: "ComputeLease", type: "Ready", status: "True" };
    expect(seriesValue(page, "berthage_condition_transitions_total", { ...series, reason: "Running" })).toBe(1);
    expect(seriesValue(page, "berthage_condition_transition_seconds_sum", series)).toBe(40);
    expect(seriesValue(page, "berthage_condition_transition_seconds_count", { ...series, status: "False" })).toBe(1);
  });
});
