import { exponential } from "./backoff.ts";
import { type Clock, systemClock } from "./clock.ts";
import { DelayedSet } from "./delayed-set.ts";
import { noMetrics, type QueueMetrics, type UnfinishedWork } from "./metrics.ts";
import { ReadySet } from "./ready-set.ts";

export interface QueueOptions {
  /** Name in metrics. */
  name?: string;
  /** First delay of `addRateLimited`, 0.005 unless told; it doubles with every call until `forget`. */
  baseDelaySeconds?: number;
  /** Longest delay of `addRateLimited`, 1,000 unless told. */
  maxDelaySeconds?: number;
  clock?: Clock;
  metrics?: QueueMetrics;
}

/** Start-up and resync items: fresh changes (priority 0) overtake them. */
export const LOW_PRIORITY = -100;

/**
 * Keys to work on. A key waits at most once however often it is added, and is never given out twice at once: added
 * while it is worked on, it comes back after `done`. Like client-go's workqueue with priorities.
 */
export class WorkQueue<K extends string = string> {
  readonly #options: Required<QueueOptions>;
  readonly #ready = new ReadySet<K>();
  readonly #delayed: DelayedSet<K>;
  /** Keys being worked on, since when. */
  readonly #processing = new Map<K, number>();
  /** Keys added while being worked on, with the highest priority asked for. */
  readonly #dirty = new Map<K, number>();
  readonly #addedAt = new Map<K, number>();
  readonly #failures = new Map<K, number>();
  readonly #waiters = new Set<(key: K) => void>();

  constructor(options: QueueOptions = {}) {
    this.#options = {
      name: "queue",
      baseDelaySeconds: 0.005,
      maxDelaySeconds: 1000,
      clock: systemClock,
      metrics: noMetrics,
      ...options,
    };
    this.#delayed = new DelayedSet(this.#options.clock, (key) => this.add(key));
    this.#options.metrics.queueCreated(this.#options.name, () => this.unfinished());
  }

  /** Keys ready to be worked on. */
  get depth(): number {
    return this.#ready.size;
  }

  /** Keys waiting for their time. */
  get delayed(): number {
    return this.#delayed.size;
  }

  add(key: K, priority = 0): void {
    if (this.#processing.has(key)) {
      const known = this.#dirty.get(key);
      if (known === undefined) this.#options.metrics.queueAdded(this.#options.name);
      this.#dirty.set(key, Math.max(known ?? priority, priority));
      return;
    }
    if (this.#ready.add(key, priority)) {
      this.#options.metrics.queueAdded(this.#options.name);
      this.#addedAt.set(key, this.#options.clock.monotonic());
    }
    this.#offer();
  }

  /** Adds after a while. Of several such adds the earliest counts. */
  addAfter(key: K, seconds: number): void {
    if (seconds <= 0) this.add(key);
    else this.#delayed.add(key, seconds * 1000);
  }

  /** Adds after this key's own backoff, which doubles with each call until `forget`. */
  addRateLimited(key: K): void {
    const { name, metrics, baseDelaySeconds, maxDelaySeconds } = this.#options;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    metrics.queueRetried(name);
    this.addAfter(key, exponential(baseDelaySeconds, maxDelaySeconds, failures));
  }

  /** Ends this key's backoff. */
  forget(key: K): void {
    this.#failures.delete(key);
  }

  /** How often `addRateLimited` was called since `forget`. */
  failures(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, to be given back by `done`; undefined once the signal aborts. */
  get(signal: AbortSignal): Promise<K | undefined> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(undefined);
      const stop = (): void => {
        this.#waiters.delete(waiter);
        resolve(undefined);
      };
      const waiter = (key: K): void => {
        signal.removeEventListener("abort", stop);
        resolve(key);
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#waiters.add(waiter);
      this.#offer();
    });
  }

  /** Ends the work on a key; one that was added meanwhile is ready again. */
  done(key: K): void {
    const { name, metrics, clock } = this.#options;
    const since = this.#processing.get(key);
    if (since === undefined) return;
    metrics.queueWorked(name, (clock.monotonic() - since) / 1000);
    this.#processing.delete(key);
    const priority = this.#dirty.get(key);
    if (priority === undefined) return;
    this.#dirty.delete(key);
    this.#ready.add(key, priority);
    this.#addedAt.set(key, clock.monotonic());
    this.#offer();
  }

  /** Drops delayed keys and their timer, so that a stopped queue holds no process open. */
  close(): void {
    this.#delayed.clear();
  }

  unfinished(): UnfinishedWork {
    const now = this.#options.clock.monotonic();
    let seconds = 0;
    let longestSeconds = 0;
    for (const since of this.#processing.values()) {
      seconds += (now - since) / 1000;
      longestSeconds = Math.max(longestSeconds, (now - since) / 1000);
    }
    return { seconds, longestSeconds };
  }

  #offer(): void {
    const { name, metrics, clock } = this.#options;
    for (const waiter of this.#waiters) {
      const key = this.#ready.take();
      if (key === undefined) break;
      this.#waiters.delete(waiter);
      const now = clock.monotonic();
      metrics.queueWaited(name, (now - (this.#addedAt.get(key) ?? now)) / 1000);
      this.#addedAt.delete(key);
      this.#processing.set(key, now);
      waiter(key);
    }
    metrics.queueDepth(name, this.#ready.size);
  }
}
