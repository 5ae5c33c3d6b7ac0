import * as prometheus from "prom-client";
import type { Definition } from "../../src/telemetry/instruments.ts";
import { collectNodeMetrics } from "../../src/telemetry/process-metrics.ts";

/** One metric as the documentation lists it. */
export type DocumentedMetric = Pick<Definition, "name" | "type" | "help" | "labels">;

/** What prom-client measures of process and Node by itself, by name. */
export async function nodeMetrics(): Promise<readonly DocumentedMetric[]> {
  const registry = new prometheus.Registry();
  collectNodeMetrics(registry);
  const labels = new Map(registry.getMetricsAsArray().map((metric) => [metric.name, labelNamesOf(metric)]));
  const metrics = (await registry.getMetricsAsJSON()).map(({ name, help, type }) => ({
    name,
    help,
    type: typeOf(name, String(type)),
    labels: labels.get(name) ?? [],
  }));
  return metrics.toSorted((a, b) => a.name.localeCompare(b.name, "en"));
}

/** prom-client's types do not tell of the labels that its metrics have. */
function labelNamesOf(metric: object): readonly string[] {
  const names = "labelNames" in metric && Array.isArray(metric.labelNames) ? metric.labelNames : [];
  return names.map(String).filter((name) => name !== "le");
}

function typeOf(name: string, type: string): Definition["type"] {
  if (type === "counter" || type === "gauge" || type === "histogram") return type;
  throw new Error(`${name} is a ${type}, which the documentation has no word for: teach tools/metrics about it`);
}
