import type { EventMetrics, InformerMetrics, InformerState, LeaderMetrics, RequestMetrics } from "../kube/metrics.ts";
import { counter, gauge, histogram, type Instruments } from "./instruments.ts";

const requestSeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** How the API server is talked to. Names and labels of client-go where it has them. */
export const clusterDefinitions = {
  requests: counter("rest_client_requests_total", "Requests to the API server; code is <error> without an answer.", [
    "code",
    "method",
    "resource",
  ]),
  requestSeconds: histogram(
    "rest_client_request_duration_seconds",
    "Seconds from a request to the API server to its answer; watches, which end late, are left out.",
    requestSeconds,
    ["verb", "resource"],
  ),
  lists: counter("reflector_lists_total", "Full lists taken, the first one included: more of them are relists.", [
    "name",
  ]),
  watchesEnded: counter("reflector_watches_ended_total", "Watches that ended, by cause.", ["name", "cause"]),
  cacheObjects: gauge("reflector_cache_objects", "Objects in a cache.", ["name"]),
  synced: gauge("reflector_synced", "1 once a cache holds its first full list, 0 before; nothing is decided then.", [
    "name",
  ]),
  watchAge: gauge("reflector_watch_age_seconds", "Seconds since the API server was last heard, bookmarks included.", [
    "name",
  ]),
  leader: gauge("leader_election_master_status", "1 while this process leads.", ["name"]),
  eventsDropped: counter("berthage_events_dropped_total", "Kubernetes events that were not written, by cause.", [
    "cause",
  ]),
};

const methods: Readonly<Record<string, string>> = {
  create: "POST",
  update: "PUT",
  apply: "PATCH",
  patch: "PATCH",
  delete: "DELETE",
};

/** What clients, informers, the leader election and event recorders report, as metrics. */
export function clusterMetrics(i: Instruments): RequestMetrics & InformerMetrics & LeaderMetrics & EventMetrics {
  const leading = i.gauge(clusterDefinitions.leader);
  const dropped = i.counter(clusterDefinitions.eventsDropped);
  for (const cause of ["rate", "full", "failed"]) dropped.add({ cause }, 0);
  return {
    ...requestMetrics(i),
    ...informerMetrics(i),
    leader: (name, leads) => leading.set({ name }, leads ? 1 : 0),
    eventDropped: (cause) => dropped.add({ cause }),
  };
}

function requestMetrics(i: Instruments): RequestMetrics {
  const requests = i.counter(clusterDefinitions.requests);
  const requestSeconds = i.histogram(clusterDefinitions.requestSeconds);
  return {
    requestFinished(verb, resource, code, seconds) {
      requests.add({ code, method: methods[verb] ?? "GET", resource });
      if (verb !== "watch") requestSeconds.observe({ verb, resource }, seconds);
    },
  };
}

function informerMetrics(i: Instruments): InformerMetrics {
  const lists = i.counter(clusterDefinitions.lists);
  const ended = i.counter(clusterDefinitions.watchesEnded);
  const cached = i.gauge(clusterDefinitions.cacheObjects);
  const informers = new Map<string, () => InformerState>();
  i.sampled(clusterDefinitions.synced, (series) => {
    for (const [name, state] of informers) series.set({ name }, state().hasSynced ? 1 : 0);
  });
  i.sampled(clusterDefinitions.watchAge, (series) => {
    for (const [name, state] of informers) series.set({ name }, state().lastEventAgeSeconds);
  });
  return {
    informerCreated(name, state) {
      informers.set(name, state);
      cached.set({ name }, 0);
      lists.add({ name }, 0);
      for (const cause of ["end", "gone", "idle", "error"]) ended.add({ name, cause }, 0);
    },
    relisted: (name) => lists.add({ name }),
    watchEnded: (name, cause) => ended.add({ name, cause }),
    cacheObjects: (name, objects) => cached.set({ name }, objects),
  };
}
