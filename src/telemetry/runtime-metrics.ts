import type { KubeMetrics, ReconcileResult } from "../kube/metrics.ts";
import { counter, gauge, histogram, type Instruments } from "./instruments.ts";

const latencySeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const queueSeconds = [1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];

/** Names and labels of controller-runtime and client-go, so that their public dashboards and alerts fit. */
export const runtimeDefinitions = {
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
    latencySeconds,
    ["controller"],
  ),
  activeWorkers: gauge("controller_runtime_active_workers", "Workers that reconcile now.", ["controller"]),
  queueDepth: gauge("workqueue_depth", "Keys that wait in a queue.", ["name", "controller"]),
  queueAdds: counter("workqueue_adds_total", "Keys added to a queue.", ["name", "controller"]),
  queueRetries: counter("workqueue_retries_total", "Keys put back after a failure.", ["name", "controller"]),
  queueWaitSeconds: histogram(
    "workqueue_queue_duration_seconds",
    "Seconds that a key waited in a queue.",
    queueSeconds,
    ["name", "controller"],
  ),
  queueWorkSeconds: histogram(
    "workqueue_work_duration_seconds",
    "Seconds from a key's get to its done.",
    queueSeconds,
    ["name", "controller"],
  ),
  requests: counter("rest_client_requests_total", "Requests to the API server; code is <error> without an answer.", [
    "code",
    "method",
    "resource",
  ]),
  requestSeconds: histogram(
    "rest_client_request_duration_seconds",
    "Seconds from a request to the API server to its answer; watches, which end late, are left out.",
    latencySeconds,
    ["verb", "resource"],
  ),
  lists: counter("reflector_lists_total", "Full lists taken, the first one included.", ["name"]),
  watchesEnded: counter("reflector_watches_ended_total", "Watches that ended, by cause.", ["name", "cause"]),
  cacheObjects: gauge("reflector_cache_objects", "Objects in a cache.", ["name"]),
  leader: gauge("leader_election_master_status", "1 while this process leads.", ["name"]),
  eventsDropped: counter("berthage_events_dropped_total", "Kubernetes events that were not written, by cause.", [
    "cause",
  ]),
};

/** controller-runtime's result for ours: a conflict is its quiet requeue. */
const results: Record<ReconcileResult, string> = {
  success: "success",
  requeue_after: "requeue_after",
  conflict: "requeue",
  error: "error",
  timeout: "error",
};

const methods: Readonly<Record<string, string>> = {
  create: "POST",
  update: "PUT",
  apply: "PATCH",
  patch: "PATCH",
  delete: "DELETE",
};

/** What `src/kube` reports, as metrics. */
export function runtimeMetrics(instruments: Instruments): KubeMetrics {
  return { ...controllerMetrics(instruments), ...queueMetrics(instruments), ...clientMetrics(instruments) };
}

function controllerMetrics(
  i: Instruments,
): Pick<KubeMetrics, "reconcileFinished" | "activeWorkers" | "leader" | "eventDropped"> {
  const reconciles = i.counter(runtimeDefinitions.reconciles);
  const errors = i.counter(runtimeDefinitions.reconcileErrors);
  const timeouts = i.counter(runtimeDefinitions.reconcileTimeouts);
  const seconds = i.histogram(runtimeDefinitions.reconcileSeconds);
  const workers = i.gauge(runtimeDefinitions.activeWorkers);
  const leading = i.gauge(runtimeDefinitions.leader);
  const dropped = i.counter(runtimeDefinitions.eventsDropped);
  return {
    reconcileFinished(controller, result, took) {
      reconciles.add({ controller, result: results[result] });
      if (results[result] === "error") errors.add({ controller });
      if (result === "timeout") timeouts.add({ controller });
      seconds.observe({ controller }, took);
    },
    activeWorkers: (controller, active) => workers.set({ controller }, active),
    leader: (name, leads) => leading.set({ name }, leads ? 1 : 0),
    eventDropped: (cause) => dropped.add({ cause }),
  };
}

function queueMetrics(
  i: Instruments,
): Pick<KubeMetrics, "queueDepth" | "queueAdded" | "queueRetried" | "queueWaited" | "queueWorked"> {
  const depth = i.gauge(runtimeDefinitions.queueDepth);
  const adds = i.counter(runtimeDefinitions.queueAdds);
  const retries = i.counter(runtimeDefinitions.queueRetries);
  const waited = i.histogram(runtimeDefinitions.queueWaitSeconds);
  const worked = i.histogram(runtimeDefinitions.queueWorkSeconds);
  const named = (queue: string): { name: string; controller: string } => ({ name: queue, controller: queue });
  return {
    queueDepth: (queue, keys) => depth.set(named(queue), keys),
    queueAdded: (queue) => adds.add(named(queue)),
    queueRetried: (queue) => retries.add(named(queue)),
    queueWaited: (queue, seconds) => waited.observe(named(queue), seconds),
    queueWorked: (queue, seconds) => worked.observe(named(queue), seconds),
  };
}

function clientMetrics(
  i: Instruments,
): Pick<KubeMetrics, "requestFinished" | "relisted" | "watchEnded" | "cacheObjects"> {
  const requests = i.counter(runtimeDefinitions.requests);
  const requestSeconds = i.histogram(runtimeDefinitions.requestSeconds);
  const lists = i.counter(runtimeDefinitions.lists);
  const ended = i.counter(runtimeDefinitions.watchesEnded);
  const cached = i.gauge(runtimeDefinitions.cacheObjects);
  return {
    requestFinished(verb, resource, code, seconds) {
      requests.add({ code, method: methods[verb] ?? "GET", resource });
      if (verb !== "watch") requestSeconds.observe({ verb, resource }, seconds);
    },
    relisted: (name) => lists.add({ name }),
    watchEnded: (name, cause) => ended.add({ name, cause }),
    cacheObjects: (name, objects) => cached.set({ name }, objects),
  };
}
