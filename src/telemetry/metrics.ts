import * as prometheus from "prom-client";
import type { ChainMetrics } from "../chain/metrics.ts";
import type { KubeMetrics } from "../kube/metrics.ts";
import { type BusinessMetrics, businessMetrics } from "./business-metrics.ts";
import { chainMetrics, type NetworkMetrics, networkMetrics } from "./chain-metrics.ts";
import { type ConditionMetrics, conditionMetrics } from "./condition-metrics.ts";
import { gauge, Instruments } from "./instruments.ts";
import { toOpenMetrics } from "./open-metrics.ts";
import { runtimeMetrics } from "./runtime-metrics.ts";

const openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

export const processDefinitions = {
  build: gauge("berthage_build_info", "1, with what is running as labels.", ["version", "commit", "node"]),
  watchAge: gauge("reflector_watch_age_seconds", "Seconds since the API server was last heard, bookmarks included.", [
    "name",
  ]),
};

export interface MetricsOptions {
  readonly version: string;
  /** Git commit; empty when unknown. */
  readonly commit: string;
  /** Adds process and Node metrics (event-loop lag, memory, garbage collection), which measure the whole process. */
  readonly processMetrics: boolean;
}

export interface MetricsPage {
  readonly contentType: string;
  readonly body: string;
}

/** Everything that Berthage measures: what `src/kube`, `src/chain` and the controllers report to, and the page. */
export interface Metrics {
  readonly kube: KubeMetrics;
  /** The reporter of one network's chain. */
  chain(network: string): ChainMetrics;
  readonly networks: NetworkMetrics;
  readonly business: BusinessMetrics;
  readonly conditions: ConditionMetrics;
  /** Reads an informer's last-event age whenever Prometheus asks. */
  watchAge(resource: string, ageSeconds: () => number): void;
  /** All metrics: as OpenMetrics when the Accept header names it, else in the Prometheus text format. */
  page(accept?: string): Promise<MetricsPage>;
}

/** A fresh set of metrics in a registry of its own. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new prometheus.Registry();
  const instruments = new Instruments(registry);
  const watches = new Map<string, () => number>();
  if (options.processMetrics) prometheus.collectDefaultMetrics({ register: registry });
  const { version, commit } = options;
  instruments.gauge(processDefinitions.build).set({ version, commit, node: process.version }, 1);
  instruments.sampled(processDefinitions.watchAge, (series) => {
    for (const [name, ageSeconds] of watches) series.set({ name }, ageSeconds());
  });
  return {
    kube: runtimeMetrics(instruments),
    chain: chainMetrics(instruments),
    networks: networkMetrics(instruments),
    business: businessMetrics(instruments),
    conditions: conditionMetrics(instruments),
    watchAge: (resource, ageSeconds) => void watches.set(resource, ageSeconds),
    async page(accept = "") {
      const text = await registry.metrics();
      return accept.includes("application/openmetrics-text")
        ? { contentType: openMetricsType, body: toOpenMetrics(text) }
        : { contentType: registry.contentType, body: text };
    },
  };
}
