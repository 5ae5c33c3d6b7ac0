import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import * as prometheus from "prom-client";
import { gauge, type Instruments } from "./instruments.ts";

export const processDefinitions = {
  build: gauge("berthage_build_info", "1, with what is running as labels.", ["version", "commit", "node"]),
  memoryLimit: gauge(
    "berthage_memory_limit_bytes",
    "Memory that the process may use: its container's limit, else what the machine has.",
  ),
  heapLimit: gauge("berthage_heap_limit_bytes", "Size at which Node's heap may not grow further and the process ends."),
};

export interface Build {
  readonly version: string;
  /** Git commit; empty when unknown. */
  readonly commit: string;
}

/** What runs, and how much it may use. */
export function processMetrics(i: Instruments, { version, commit }: Build): void {
  i.gauge(processDefinitions.build).set({ version, commit, node: process.version }, 1);
  i.gauge(processDefinitions.memoryLimit).set({}, memoryLimitBytes());
  i.gauge(processDefinitions.heapLimit).set({}, getHeapStatistics().heap_size_limit);
}

/** Gauges whose names end as counters' must; each has a twin with a name by the rules. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** prom-client's own metrics of process and Node: CPU, memory, event loop, garbage collection. They measure the whole process. */
export function collectNodeMetrics(registry: prometheus.Registry): void {
  prometheus.collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
}

/** Without a limit the kernel says 0 or more than there is. */
function memoryLimitBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
