import { expect, it } from "vitest";
import { metricValue } from "./prometheus.ts";

const page = `# HELP reconcile_total Calls.
# TYPE reconcile_total counter
reconcile_total{controller="lease",result="success"} 3
reconcile_total{controller="lease",result="error"} 2
reconcile_total{controller="offer",result="success"} 10
reconcile_total_seconds 99
lag_seconds 0.25
`;

it("sums the series that carry the labels", () => {
  expect(metricValue(page, "reconcile_total", { controller: "lease" })).toBe(5);
  expect(metricValue(page, "reconcile_total")).toBe(15);
});

it("reads a metric without labels, and 0 where there is none", () => {
  expect(metricValue(page, "lag_seconds")).toBe(0.25);
  expect(metricValue(page, "reconcile_total", { controller: "network" })).toBe(0);
});
