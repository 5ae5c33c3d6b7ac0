/** API requests. `code` is the HTTP status as text, or `"<error>"` when no answer came. */
export interface RequestMetrics {
  requestFinished(verb: string, resource: string, code: string, seconds: number): void;
}

/** One work queue, in the terms of client-go's `workqueue_*` family. */
export interface QueueMetrics {
  queueDepth(queue: string, depth: number): void;
  queueAdded(queue: string): void;
  queueRetried(queue: string): void;
  /** Seconds between an add and its get. */
  queueWaited(queue: string, seconds: number): void;
  /** Seconds between a get and its done. */
  queueWorked(queue: string, seconds: number): void;
  /** A queue was made; `unfinished` tells of the work in progress whenever asked. */
  queueCreated(queue: string, unfinished: () => UnfinishedWork): void;
}

/** Seconds of work in progress: of all keys together, and of the oldest. */
export interface UnfinishedWork {
  readonly seconds: number;
  readonly longestSeconds: number;
}

/** How a reconcile call ended. */
export type ReconcileResult = "success" | "requeue_after" | "conflict" | "error" | "timeout";

export interface ControllerMetrics extends QueueMetrics {
  controllerCreated(controller: string): void;
  reconcileFinished(controller: string, result: ReconcileResult, seconds: number): void;
  activeWorkers(controller: string, workers: number): void;
}

export interface InformerMetrics {
  /** A full list was taken (the first one included). */
  relisted(resource: string): void;
  /** A watch ended and why: `end` (server's deadline), `gone`, `idle` or `error`. */
  watchEnded(resource: string, cause: string): void;
  cacheObjects(resource: string, objects: number): void;
  /** An informer was made; `state` tells how it is whenever asked. */
  informerCreated(resource: string, state: () => InformerState): void;
}

export interface InformerState {
  readonly hasSynced: boolean;
  /** Seconds since the server was last heard. */
  readonly lastEventAgeSeconds: number;
}

export interface LeaderMetrics {
  leader(lease: string, leading: boolean): void;
}

export interface EventMetrics {
  /** An event was not written: `rate` (token bucket), `full` (queue), `failed` (the server refused or stayed away). */
  eventDropped(cause: string): void;
}

/** Everything that `src/kube` reports; telemetry implements it. */
export interface KubeMetrics extends RequestMetrics, ControllerMetrics, InformerMetrics, LeaderMetrics, EventMetrics {}

/** Counts nothing: the default. */
export const noMetrics: KubeMetrics = {
  requestFinished() {},
  queueDepth() {},
  queueAdded() {},
  queueRetried() {},
  queueWaited() {},
  queueWorked() {},
  queueCreated() {},
  controllerCreated() {},
  reconcileFinished() {},
  activeWorkers() {},
  relisted() {},
  watchEnded() {},
  cacheObjects() {},
  informerCreated() {},
  leader() {},
  eventDropped() {},
};
