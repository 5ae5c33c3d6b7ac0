import type { ControllerMetrics, ReconcileResult, UnfinishedWork } from "../kube/metrics.ts";
import { counter, gauge, histogram, type Instruments } from "./instruments.ts";

const reconcileSeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const queueSeconds = [1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];
const queueLabels = ["name", "controller"] as const;

/** Names and labels of controller-runtime and client-go, so that their public dashboards and alerts fit. */
export const controllerDefinitions = {
  reconciles: counter("controller_runtime_reconcile_total", "Reconcile calls.", ["controller", "result"]),
  reconcileErrors: counter("controller_runtime_reconcile_errors_total", "Reconcile calls that failed.", ["controller"]),
  reconcileTimeouts: counter(
    "controller_runtime_reconcile_timeouts_total",
    "Reconcile calls that ran past their deadline.",
    ["controller"],
  ),
  reconcileSeconds: histogram(
    "controller_runtime_reconcile_time_seconds",
    "Seconds that a reconcile call took.",
    reconcileSeconds,
    ["controller"],
  ),
  activeWorkers: gauge("controller_runtime_active_workers", "Workers that reconcile now.", ["controller"]),
  queueDepth: gauge("workqueue_depth", "Keys that wait in a queue.", queueLabels),
  queueAdds: counter("workqueue_adds_total", "Keys added to a queue.", queueLabels),
  queueRetries: counter("workqueue_retries_total", "Keys put back after a failure.", queueLabels),
  queueWaitSeconds: histogram(
    "workqueue_queue_duration_seconds",
    "Seconds that a key waited in a queue.",
    queueSeconds,
    queueLabels,
  ),
  queueWorkSeconds: histogram(
    "workqueue_work_duration_seconds",
    "Seconds from a key's get to its done.",
    queueSeconds,
    queueLabels,
  ),
  unfinished: gauge(
    "workqueue_unfinished_work_seconds",
    "Seconds that the work in progress has taken so far, of all keys of a queue together.",
    queueLabels,
  ),
  longest: gauge(
    "workqueue_longest_running_processor_seconds",
    "Seconds that the longest call in progress of a queue has taken so far.",
    queueLabels,
  ),
};

/** controller-runtime's result for ours: a conflict is its quiet requeue. */
const results: Record<ReconcileResult, string> = {
  success: "success",
  requeue_after: "requeue_after",
  conflict: "requeue",
  error: "error",
  timeout: "error",
};

/** What controllers and their queues report, as metrics. */
export function controllerMetrics(instruments: Instruments): ControllerMetrics {
  return { ...reconcileMetrics(instruments), ...queueMetrics(instruments) };
}

function reconcileMetrics(
  i: Instruments,
): Pick<ControllerMetrics, "controllerCreated" | "reconcileFinished" | "activeWorkers"> {
  const reconciles = i.counter(controllerDefinitions.reconciles);
  const errors = i.counter(controllerDefinitions.reconcileErrors);
  const timeouts = i.counter(controllerDefinitions.reconcileTimeouts);
  const seconds = i.histogram(controllerDefinitions.reconcileSeconds);
  const workers = i.gauge(controllerDefinitions.activeWorkers);
  return {
    controllerCreated(controller) {
      // From zero, as in controller-runtime: a rate can't see the first error of a series that begins with it.
      for (const result of new Set(Object.values(results))) reconciles.add({ controller, result }, 0);
      errors.add({ controller }, 0);
      timeouts.add({ controller }, 0);
      workers.set({ controller }, 0);
    },
    reconcileFinished(controller, result, took) {
      reconciles.add({ controller, result: results[result] });
      if (results[result] === "error") errors.add({ controller });
      if (result === "timeout") timeouts.add({ controller });
      seconds.observe({ controller }, took);
    },
    activeWorkers: (controller, active) => workers.set({ controller }, active),
  };
}

function queueMetrics(
  i: Instruments,
): Pick<
  ControllerMetrics,
  "queueCreated" | "queueDepth" | "queueAdded" | "queueRetried" | "queueWaited" | "queueWorked"
> {
  const depth = i.gauge(controllerDefinitions.queueDepth);
  const adds = i.counter(controllerDefinitions.queueAdds);
  const retries = i.counter(controllerDefinitions.queueRetries);
  const waited = i.histogram(controllerDefinitions.queueWaitSeconds);
  const worked = i.histogram(controllerDefinitions.queueWorkSeconds);
  const named = (queue: string): { name: string; controller: string } => ({ name: queue, controller: queue });
  const queues = new Map<string, () => UnfinishedWork>();
  i.sampled(controllerDefinitions.unfinished, (series) => {
    for (const [queue, unfinished] of queues) series.set(named(queue), unfinished().seconds);
  });
  i.sampled(controllerDefinitions.longest, (series) => {
    for (const [queue, unfinished] of queues) series.set(named(queue), unfinished().longestSeconds);
  });
  return {
    queueCreated(queue, unfinished) {
      queues.set(queue, unfinished);
      depth.set(named(queue), 0);
      adds.add(named(queue), 0);
      retries.add(named(queue), 0);
    },
    queueDepth: (queue, keys) => depth.set(named(queue), keys),
    queueAdded: (queue) => adds.add(named(queue)),
    queueRetried: (queue) => retries.add(named(queue)),
    queueWaited: (queue, seconds) => waited.observe(named(queue), seconds),
    queueWorked: (queue, seconds) => worked.observe(named(queue), seconds),
  };
}
