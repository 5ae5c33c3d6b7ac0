import { describe, expect, it } from "vitest";
import { parseOpenMetrics, seriesValue } from "../../test/support/openmetrics.ts";
import type { Condition } from "../api/types.gen.ts";
import { type Conditioned, transitionsOf } from "./condition-metrics.ts";
import { createMetrics, type Metrics } from "./metrics.ts";

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

describe("the census of conditions", () => {
  const page = async (metrics: Metrics) => parseOpenMetrics((await metrics.page("application/openmetrics-text")).body);
  const fresh = (): Metrics => createMetrics({ version: "1", commit: "", processMetrics: false });
  const ready = { kind: "ComputeLease", type: "Ready" };

  it("counts what is, through coming, changing and going", async () => {
    const metrics = fresh();
    const [waiting, running] = [
      object(condition("Ready", "False", 2, "CrashLoop")),
      object(condition("Ready", "True", 42, "Ready")),
    ];
    const { conditions } = metrics;
    conditions.counted("ComputeLease", undefined, waiting);
    conditions.counted("ComputeLease", undefined, waiting);
    conditions.counted("ComputeLease", waiting, running);
    const counts = async (): Promise<unknown[]> => {
      const now = await page(metrics);
      return [
        seriesValue(now, "berthage_conditions", { ...ready, status: "True", reason: "Ready" }),
        seriesValue(now, "berthage_conditions", { ...ready, status: "False", reason: "CrashLoop" }),
      ];
    };
    expect(await counts()).toEqual([1, 1]);
    conditions.counted("ComputeLease", running, undefined);
    expect(await counts()).toEqual([0, 1]);
  });

  it("shows every reason of the catalogue from the start, and grows by one series at most for all that it lacks", async () => {
    const metrics = fresh();
    const samples = async () => (await page(metrics)).get("berthage_conditions")?.samples ?? [];
    const before = await samples();
    expect(before.every(({ value }) => value === 0)).toBe(true);
    expect(before.map(({ labels }) => labels)).toContainEqual({ ...ready, status: "False", reason: "ImagePullFailed" });
    for (const reason of ["FromTheFuture", "Strange"])
      metrics.conditions.counted("ComputeLease", undefined, object(condition("Ready", "False", 1, reason)));
    metrics.conditions.counted("ComputeLease", undefined, object(condition("NoSuchType", "False", 1)));
    expect(await samples()).toHaveLength(before.length + 1);
    const other = { ...ready, status: "False", reason: "Other" };
    expect(seriesValue(await page(metrics), "berthage_conditions", other)).toBe(2);
  });
});
