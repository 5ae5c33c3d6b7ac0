import { Backoff, type Random } from "./backoff.ts";
import type { KubeClient, Selection } from "./client.ts";
import { type Clock, sleep } from "./clock.ts";
import { ApiError, BadRequest, Forbidden, Gone, Invalid, NotFound } from "./errors.ts";
import { errorText, type Logger } from "./logger.ts";
import type { InformerMetrics } from "./metrics.ts";
import { type KubeObject, keyOf, type Resource } from "./resource.ts";
import { IdleWatch, watchStream } from "./watch-stream.ts";

/** Where a reflector puts what it sees. */
export interface Sink<T> {
  replace(objects: readonly T[], resourceVersion: string): void;
  put(object: T): void;
  remove(object: T): void;
}

export interface ReflectorOptions {
  readonly selection: Selection;
  /** Seconds without a byte before a watch counts as dead; must exceed two bookmark periods (60 s each). */
  readonly idleSeconds: number;
  readonly pageSize: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: InformerMetrics;
}

/** Bounds of a watch's own deadline: random within, so that watches do not reconnect together. */
const WATCH_SECONDS = { from: 300, to: 600 };
/** A watch that lasted this long proves that things are well again. */
const HEALTHY_SECONDS = 120;

/**
 * Keeps a sink equal to what the API server has, for ever: list, watch, resume, relist on 410. Lists are streamed
 * (WatchList, KEP-3157) where the server can, else paged. No failure ends it; only the signal does.
 */
export class Reflector<T extends KubeObject> {
  readonly #client: KubeClient;
  readonly #resource: Resource<T>;
  readonly #sink: Sink<T>;
  readonly #options: ReflectorOptions;
  readonly #backoff: Backoff;
  /** Where to resume; undefined when a list is needed. */
  #resourceVersion: string | undefined;
  #streamingList = true;
  #lastEventAt: number;

  constructor(client: KubeClient, r: Resource<T>, sink: Sink<T>, options: ReflectorOptions) {
    this.#client = client;
    this.#resource = r;
    this.#sink = sink;
    this.#options = options;
    this.#backoff = new Backoff(0.8, 30, options.random);
    this.#lastEventAt = options.clock.monotonic();
  }

  /** Seconds since anything was heard, bookmarks included: stays below about a minute while the watch lives. */
  lastEventAgeSeconds(): number {
    return (this.#options.clock.monotonic() - this.#lastEventAt) / 1000;
  }

  /** The version of the last list, event or bookmark. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const started = clock.monotonic();
      let waitSeconds = 0;
      try {
        await this.#pass(signal);
        this.#options.metrics.watchEnded(this.#resource.plural, "end");
      } catch (error) {
        if (signal.aborted) return;
        waitSeconds = this.#failed(error);
      }
      const seconds = (clock.monotonic() - started) / 1000;
      if (seconds >= HEALTHY_SECONDS) this.#backoff.reset();
      else if (waitSeconds === 0) waitSeconds = this.#backoff.nextSeconds(); // a watch that ends at once must not spin
      await sleep(clock, waitSeconds * 1000, signal);
    }
  }

  /** One list if needed, then one watch to its end. */
  async #pass(signal: AbortSignal): Promise<void> {
    if (this.#resourceVersion === undefined && this.#streamingList) {
      await this.#watch(signal, true);
      return;
    }
    if (this.#resourceVersion === undefined) await this.#pagedList(signal);
    if (!signal.aborted) await this.#watch(signal, false);
  }

  /** Decides what a failure means and says how many seconds to wait. */
  #failed(error: unknown): number {
    const { logger, metrics } = this.#options;
    const what = this.#resource.plural;
    if (error instanceof Gone) {
      metrics.watchEnded(what, "gone");
      this.#resourceVersion = undefined;
      logger.info("the watch's version is too old, listing again", { resource: what });
      return this.#backoff.nextSeconds();
    }
    if (this.#resourceVersion === undefined && this.#streamingList && refusesStreaming(error)) {
      this.#streamingList = false;
      logger.info("the API server does not stream lists of this kind, listing in pages", { resource: what });
      return this.#backoff.nextSeconds();
    }
    if (error instanceof IdleWatch) metrics.watchEnded(what, "idle");
    else metrics.watchEnded(what, "error");
    if (doubtsVersion(error)) this.#resourceVersion = undefined;
    const seconds = this.#backoff.nextSeconds(error instanceof ApiError ? error.retryAfterSeconds : undefined);
    logger.warn("watching failed, trying again", { resource: what, error: errorText(error), seconds });
    return seconds;
  }

  async #watch(signal: AbortSignal, initial: boolean): Promise<void> {
    const { selection, idleSeconds, clock, random, metrics } = this.#options;
    const timeoutSeconds = Math.round(WATCH_SECONDS.from + (WATCH_SECONDS.to - WATCH_SECONDS.from) * random());
    const from = this.#resourceVersion === undefined ? {} : { resourceVersion: this.#resourceVersion };
    const options = { ...selection, ...from, sendInitialEvents: initial, timeoutSeconds, signal };
    let listing: Map<string, T> | undefined = initial ? new Map() : undefined;
    for await (const event of watchStream(this.#client, this.#resource, options, idleSeconds, clock)) {
      this.#lastEventAt = clock.monotonic();
      if (event.type === "error") {
        this.#resourceVersion = undefined; // the server itself gave this watch up: only a list is a safe start
        throw event.error;
      }
      if (listing !== undefined) {
        if (event.type === "bookmark" && event.initialEventsEnd) {
          this.#sink.replace([...listing.values()], event.resourceVersion);
          metrics.relisted(this.#resource.plural);
          listing = undefined;
        } else {
          collect(listing, event);
          continue; // no version to resume from before the list is whole
        }
      } else if (event.type === "deleted") this.#sink.remove(event.object);
      else if (event.type !== "bookmark") this.#sink.put(event.object);
      if (event.resourceVersion !== "") this.#resourceVersion = event.resourceVersion;
    }
    if (listing !== undefined && !signal.aborted) throw new Error("the streamed list ended before it was complete");
  }

  /** Pages keep both sides' memory and our event loop's pauses small; one expired page token lists whole instead. */
  async #pagedList(signal: AbortSignal): Promise<void> {
    const { selection, pageSize, clock, metrics } = this.#options;
    const items: T[] = [];
    let token: string | undefined;
    let limit: number | undefined = pageSize;
    for (;;) {
      const page: { limit?: number; continue?: string } = {
        ...(limit === undefined ? {} : { limit }),
        ...(token === undefined ? {} : { continue: token }),
      };
      try {
        const list = await this.#client.list(this.#resource, { ...selection, ...page, signal });
        this.#lastEventAt = clock.monotonic();
        for (const item of list.items) items.push(item);
        token = list.continue;
        if (token !== undefined) continue;
        this.#sink.replace(items, list.resourceVersion);
        this.#resourceVersion = list.resourceVersion;
        metrics.relisted(this.#resource.plural);
        return;
      } catch (error) {
        if (!(error instanceof Gone) || limit === undefined) throw error;
        items.length = 0;
        token = undefined;
        limit = undefined;
      }
    }
  }
}

function collect<T extends KubeObject>(
  listing: Map<string, T>,
  event: { type: "added" | "modified" | "deleted"; object: T } | { type: "bookmark" },
): void {
  if (event.type === "bookmark") return;
  const key = keyOf(event.object);
  if (event.type === "deleted") listing.delete(key);
  else listing.set(key, event.object);
}

/**
 * Whether to list again rather than resume. Silence, a broken connection, load shedding, a 5xx and lost credentials say
 * nothing of the version; a refusal might be about it, and a stream that cannot be parsed cannot be trusted.
 */
function doubtsVersion(error: unknown): boolean {
  if (error instanceof IdleWatch) return false;
  return (
    !(error instanceof ApiError) || error instanceof BadRequest || error instanceof Invalid || error instanceof NotFound
  );
}

/** The answers of servers that do not know, or do not allow, `sendInitialEvents`. */
function refusesStreaming(error: unknown): boolean {
  return error instanceof BadRequest || error instanceof Invalid || error instanceof Forbidden;
}
