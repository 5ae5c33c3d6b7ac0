import * as prometheus from "prom-client";
import type { ChainMetrics } from "../chain/metrics.ts";
import type { KubeMetrics } from "../kube/metrics.ts";
import { type BusinessMetrics, businessMetrics } from "./business-metrics.ts";
import { chainMetrics, type NetworkMetrics, networkMetrics } from "./chain-metrics.ts";
import { clusterMetrics } from "./cluster-metrics.ts";
import { type ConditionMetrics, conditionMetrics } from "./condition-metrics.ts";
import { controllerMetrics } from "./controller-metrics.ts";
import { Instruments } from "./instruments.ts";
import { toOpenMetrics } from "./open-metrics.ts";
import { type Build, collectNodeMetrics, processMetrics } from "./process-metrics.ts";
import { type ServiceMetrics, serviceMetrics } from "./service-metrics.ts";

const openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

export interface MetricsOptions extends Build {
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
  readonly service: ServiceMetrics;
  readonly conditions: ConditionMetrics;
  /** All metrics: as OpenMetrics when the Accept header names it, else in the Prometheus text format. */
  page(accept?: string): Promise<MetricsPage>;
}

/** A fresh set of metrics in a registry of its own. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new prometheus.Registry();
  const instruments = new Instruments(registry);
  if (options.processMetrics) collectNodeMetrics(registry);
  processMetrics(instruments, options);
  return {
    kube: { ...controllerMetrics(instruments), ...clusterMetrics(instruments) },
    chain: chainMetrics(instruments),
    networks: networkMetrics(instruments),
    business: businessMetrics(instruments),
    service: serviceMetrics(instruments),
    conditions: conditionMetrics(instruments),
    async page(accept = "") {
      const text = await registry.metrics();
      return accept.includes("application/openmetrics-text")
        ? { contentType: openMetricsType, body: toOpenMetrics(text) }
        : { contentType: registry.contentType, body: text };
    },
  };
}
