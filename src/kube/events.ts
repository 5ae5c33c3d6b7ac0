import type { IEvent } from "kubernetes-models/events.k8s.io/v1/Event";
import { Backoff, type Random } from "./backoff.ts";
import type { KubeClient } from "./client.ts";
import { type Clock, sleep, systemClock } from "./clock.ts";
import { events } from "./core.ts";
import { NetworkUnknown, NotFound, ServerUnavailable, TooManyRequests } from "./errors.ts";
import { errorText, type Logger, silentLogger } from "./logger.ts";
import { LruMap } from "./lru-map.ts";
import { type EventMetrics, noMetrics } from "./metrics.ts";
import { microTime } from "./micro-time.ts";
import { type KubeObject, keyOf, refTo } from "./resource.ts";
import { TokenBucket } from "./token-bucket.ts";

export interface EventInput {
  type: "Normal" | "Warning";
  /** Why, in CamelCase: a compile-time constant. */
  reason: string;
  /** What was done or attempted, in CamelCase: a compile-time constant. */
  action: string;
  /** For people; cut at 1,024 characters. Never a secret. */
  note: string;
}

export interface EventRecorderOptions {
  /** `reportingController`, such as `berthage.dev/operator`. */
  component: string;
  /** `reportingInstance`; the component unless told. */
  instance?: string;
  clock?: Clock;
  random?: Random;
  logger?: Logger;
  metrics?: EventMetrics;
}

/** One event with its repetitions. */
interface Series {
  event: IEvent;
  count: number;
  lastAt: number;
  writtenAt: number;
  writtenCount: number;
  queued: boolean;
}

/** Equal events further apart than this are two events, not a series (client-go: 6 minutes). */
const SERIES_MILLISECONDS = 360_000;
/** A running series is written at most this often. */
const REFRESH_MILLISECONDS = 120_000;
/** Per object: so many at once, then one each 5 minutes (client-go's spam filter). */
const BURST = 25;
const REFILL_MILLISECONDS = 300_000;
const REMEMBERED = 4096;
const MAX_QUEUED = 1000;
const MAX_TRIES = 12;

/**
 * Writes `events.k8s.io/v1` events: repetitions become a series, a flood from one object is cut, and nobody waits.
 * Events explain and never decide, so one that cannot be written is dropped, logged and counted.
 */
export class EventRecorder {
  readonly #client: KubeClient;
  readonly #options: Required<EventRecorderOptions>;
  readonly #series = new LruMap<string, Series>(REMEMBERED);
  readonly #buckets = new LruMap<string, TokenBucket>(REMEMBERED);
  readonly #queue: Series[] = [];
  #pump: Promise<void> | undefined;
  #flushing = new AbortController();

  constructor(client: KubeClient, options: EventRecorderOptions) {
    this.#client = client;
    this.#options = {
      instance: options.component,
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
      metrics: noMetrics,
      ...options,
    };
  }

  /** Records and returns at once. `object` must have come from the API server (it needs its kind, name and uid). */
  event(object: KubeObject, input: EventInput): void {
    const { clock, metrics } = this.#options;
    const now = clock.now();
    const source = object.metadata?.uid ?? keyOf(object);
    const key = JSON.stringify([source, input.type, input.reason, input.action, input.note]);
    const known = this.#series.get(key);
    if (known !== undefined && now - known.lastAt < SERIES_MILLISECONDS) {
      known.count += 1;
      known.lastAt = now;
      if (known.writtenCount === 1 || now - known.writtenAt >= REFRESH_MILLISECONDS) this.#enqueue(known);
      return;
    }
    if (!this.#bucket(source, now).take(now)) {
      metrics.eventDropped("rate");
      return;
    }
    const event = this.#eventOf(object, input, now);
    const series: Series = { event, count: 1, lastAt: now, writtenAt: now, writtenCount: 0, queued: false };
    this.#series.set(key, series);
    this.#enqueue(series);
  }

  /** Writes what waits, counts of running series included, with one try each. For shutdown. */
  async flush(): Promise<void> {
    this.#flushing.abort();
    await this.#pump; // what is being written now may have been counted on meanwhile
    for (const series of this.#series.values()) if (series.count > series.writtenCount) this.#enqueue(series);
    await this.#pump;
    this.#flushing = new AbortController();
  }

  #bucket(source: string, now: number): TokenBucket {
    const known = this.#buckets.get(source);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(BURST, REFILL_MILLISECONDS, now);
    this.#buckets.set(source, bucket);
    return bucket;
  }

  #enqueue(series: Series): void {
    if (series.queued) return;
    if (this.#queue.length >= MAX_QUEUED) {
      this.#options.metrics.eventDropped("full");
      return;
    }
    series.queued = true;
    this.#queue.push(series);
    this.#pump ??= this.#drain().finally(() => {
      this.#pump = undefined;
    });
  }

  /** Writes one after the other: events must not compete with real work for connections. Never throws. */
  async #drain(): Promise<void> {
    for (let series = this.#queue.shift(); series !== undefined; series = this.#queue.shift()) {
      await this.#writeWithRetries(series);
      series.queued = false;
    }
  }

  async #writeWithRetries(series: Series): Promise<void> {
    const { clock, logger, metrics, random } = this.#options;
    const backoff = new Backoff(1, 30, random);
    for (let tries = 1; ; tries++) {
      try {
        return await this.#write(series);
      } catch (error) {
        if (!isTransient(error) || tries >= MAX_TRIES || this.#flushing.signal.aborted) {
          series.writtenCount = series.count; // dropped, not owed: only a repetition writes it again
          metrics.eventDropped("failed");
          logger.debug("an event was not written", { reason: series.event.reason, error: errorText(error) });
          return;
        }
        await sleep(clock, backoff.nextSeconds(error.retryAfterSeconds) * 1000, this.#flushing.signal);
      }
    }
  }

  async #write(series: Series): Promise<void> {
    const { component: fieldManager, clock } = this.#options;
    const count = series.count;
    if (series.writtenCount === 0) await this.#client.create(events, series.event, { fieldManager });
    else {
      const patch = { series: { count, lastObservedTime: microTime(series.lastAt) } };
      try {
        await this.#client.mergePatch(events, refTo(series.event), patch, { fieldManager });
      } catch (error) {
        if (!(error instanceof NotFound)) throw error; // expired (events live an hour): begin anew
        await this.#client.create(events, { ...series.event, eventTime: microTime(series.lastAt) }, { fieldManager });
      }
    }
    series.writtenCount = series.writtenCount === 0 ? 1 : count;
    series.writtenAt = clock.now();
  }

  #eventOf(object: KubeObject, input: EventInput, now: number): IEvent {
    const { component, instance, random } = this.#options;
    const { name = "", namespace, uid, resourceVersion } = object.metadata ?? {};
    const suffix = `${Math.floor(now).toString(16)}${Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0")}`;
    return {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name: `${name.slice(0, 200)}.${suffix}`, namespace: namespace ?? "default" },
      eventTime: microTime(now),
      type: input.type,
      reason: input.reason.slice(0, 128),
      action: input.action.slice(0, 128),
      note: input.note.slice(0, 1024),
      reportingController: component,
      reportingInstance: instance.slice(0, 128),
      regarding: {
        name,
        ...(object.apiVersion === undefined ? {} : { apiVersion: object.apiVersion }),
        ...(object.kind === undefined ? {} : { kind: object.kind }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
    };
  }
}

function isTransient(error: unknown): error is NetworkUnknown | ServerUnavailable | TooManyRequests {
  return error instanceof NetworkUnknown || error instanceof ServerUnavailable || error instanceof TooManyRequests;
}
