import { type KubeMetrics, noMetrics } from "../../../src/kube/metrics.ts";

/** Keeps `name arguments…` of the calls that tests ask about (no durations: those are never asserted). */
export function recordingMetrics(): { metrics: KubeMetrics; calls: string[] } {
  const calls: string[] = [];
  const metrics: KubeMetrics = {
    ...noMetrics,
    requestFinished: (verb, resource, code) => void calls.push(`request ${verb} ${resource} ${code}`),
    reconcileFinished: (controller, result) => void calls.push(`reconcile ${controller} ${result}`),
    leader: (lease, leading) => void calls.push(`leader ${lease} ${leading}`),
    eventDropped: (cause) => void calls.push(`dropped ${cause}`),
  };
  return { metrics, calls };
}
