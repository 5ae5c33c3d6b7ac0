import { type Clock, sleep, systemClock } from "./clock.ts";
import { ApiError, Conflict } from "./errors.ts";
import { errorText, type Logger } from "./logger.ts";
import type { ControllerMetrics, ReconcileResult, UnfinishedWork } from "./metrics.ts";
import { WorkQueue } from "./queue.ts";
import type { Source } from "./source.ts";

export interface Result {
  /** Look at this key again after so many seconds, whatever happens meanwhile. */
  requeueAfterSeconds?: number;
}

export interface ControllerOptions {
  /** Name in logs and metrics, `object.concern`. */
  name: string;
  sources: readonly Source[];
  /** Keys worked on at once, 1 unless told. One key is never worked on twice at once. */
  concurrency?: number;
  /** After so long the call's signal aborts; 60 unless told. The call must heed it: its key waits for its end. */
  timeoutSeconds?: number;
  /** Longest backoff of a failing key; 1,000 unless told. */
  maxBackoffSeconds?: number;
  /** On shutdown running calls may finish for so long before their signal aborts; 20 unless told. */
  drainSeconds?: number;
  reconcile(key: string, signal: AbortSignal): Promise<Result | undefined>;
}

export interface ControllerDependencies {
  logger: Logger;
  metrics: ControllerMetrics;
  clock?: Clock;
}

/** How often sources are asked whether they have synced. */
const SYNC_POLL_MILLISECONDS = 20;

/**
 * Calls `reconcile` for the keys of its sources: not before all of them have synced, with retries by backoff, and
 * never letting one key's failure touch another.
 */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #logger: Logger;
  readonly #metrics: ControllerMetrics;
  readonly #clock: Clock;
  readonly #queue: WorkQueue;
  readonly #running = new Set<AbortController>();

  constructor(options: ControllerOptions, { logger, metrics, clock = systemClock }: ControllerDependencies) {
    this.#options = options;
    this.#logger = logger;
    this.#metrics = metrics;
    this.#clock = clock;
    const { name, maxBackoffSeconds = 1000 } = options;
    metrics.controllerCreated(name);
    this.#queue = new WorkQueue({ name, clock, metrics, maxDelaySeconds: maxBackoffSeconds });
    for (const source of options.sources) source.subscribe((key, priority) => this.#queue.add(key, priority));
  }

  get name(): string {
    return this.#options.name;
  }

  enqueue(key: string): void {
    this.#queue.add(key);
  }

  unfinished(): UnfinishedWork {
    return this.#queue.unfinished();
  }

  /** Works until the signal aborts and what was running has ended. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#options.sources.every((source) => source.hasSynced())) {
      await sleep(this.#clock, SYNC_POLL_MILLISECONDS, signal);
    }
    const workers = Array.from({ length: this.#options.concurrency ?? 1 }, () => this.#work(signal));
    const drained = Promise.all(workers);
    const stop = new AbortController();
    const drain = this.#abortLate(signal, stop.signal);
    await drained;
    stop.abort();
    await drain;
    this.#queue.close();
  }

  /** Once shut down, gives running calls `drainSeconds`, then aborts them. */
  async #abortLate(signal: AbortSignal, finished: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await sleep(this.#clock, (this.#options.drainSeconds ?? 20) * 1000, finished);
    for (const call of this.#running) call.abort(new Error(`${this.name}: shutting down`));
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.get(signal); key !== undefined; key = await this.#queue.get(signal)) {
      await this.#process(key);
      this.#queue.done(key);
    }
  }

  async #process(key: string): Promise<void> {
    const { name, timeoutSeconds = 60 } = this.#options;
    const call = new AbortController();
    const timeout = new Error(`${name} ${key}: not done after ${timeoutSeconds} s`);
    const deadline = this.#clock.setTimer(timeoutSeconds * 1000, () => call.abort(timeout));
    this.#running.add(call);
    this.#metrics.activeWorkers(name, this.#running.size);
    const started = this.#clock.monotonic();
    let result: ReconcileResult;
    try {
      result = this.#succeeded(key, await this.#options.reconcile(key, call.signal));
    } catch (error) {
      result = this.#failed(key, error, call.signal.reason === timeout);
    } finally {
      deadline.cancel();
      this.#running.delete(call);
    }
    this.#metrics.activeWorkers(name, this.#running.size);
    this.#metrics.reconcileFinished(name, result, (this.#clock.monotonic() - started) / 1000);
  }

  #succeeded(key: string, result: Result | undefined): ReconcileResult {
    this.#queue.forget(key);
    if (result?.requeueAfterSeconds === undefined) return "success";
    this.#queue.addAfter(key, result.requeueAfterSeconds);
    return "requeue_after";
  }

  #failed(key: string, error: unknown, timedOut: boolean): ReconcileResult {
    const { name } = this.#options;
    if (error instanceof ApiError && error.retryAfterSeconds !== undefined) {
      this.#queue.addAfter(key, error.retryAfterSeconds);
    } else this.#queue.addRateLimited(key);
    if (error instanceof Conflict) {
      this.#logger.debug("someone else wrote first, deciding again", { controller: name, key });
      return "conflict";
    }
    const failures = this.#queue.failures(key);
    this.#logger.error("reconcile failed, trying again", { controller: name, key, failures, error: errorText(error) });
    return timedOut ? "timeout" : "error";
  }
}
