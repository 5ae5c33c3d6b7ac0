import { isDeepStrictEqual } from "node:util";
import type { BlockPoint } from "./block.ts";
import { type Clock, sleep } from "./clock.ts";
import { Disagreement, errorText, HeadRefused, isFinalityViolation } from "./errors.ts";
import type { Tier } from "./head.ts";
import { type ChainMetrics, noMetrics, type TickOutcome } from "./metrics.ts";

/** What stands on a ledger at one point, as entries by key. */
export interface LedgerState<E> {
  readonly point: BlockPoint;
  /** Unchanged means that the entries are unchanged. */
  readonly version: string;
  readonly entries: ReadonlyMap<string, E>;
}

/** A ledger that can be listed at a point and asked cheaply whether that is worth while. */
export interface LedgerSource<E, S extends LedgerState<E>> {
  point(tier: Tier, signal: AbortSignal): Promise<BlockPoint>;
  version(point: BlockPoint, signal: AbortSignal): Promise<string>;
  snapshot(point: BlockPoint, signal: AbortSignal): Promise<S>;
}

export interface LedgerInformerOptions<E, S extends LedgerState<E>> {
  readonly source: LedgerSource<E, S>;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Between two looks at the head. */
  readonly periodSeconds: number;
  /** Between two looks at what is final. Default 30. */
  readonly finalPeriodSeconds?: number;
  /** Even an unchanged version is read in full when the last full read is older. Default 600. */
  readonly fullReadSeconds?: number;
  readonly metrics?: ChainMetrics;
}

const LONGEST_BACKOFF_SECONDS = 15;
const JITTER = 0.2;

type Enqueue = (key: string, priority?: number) => void;

interface View<S> {
  snapshot: S | undefined;
  /** Monotonic milliseconds of the last full read and of the last look that succeeded. */
  readAt: number;
  seenAt: number | undefined;
  failures: number;
  lastFailure: unknown;
}

/**
 * Keeps the state of a ledger at its head and at finality, and tells subscribers which keys changed. Level-triggered: every look
 * compares whole states, so a missed block, a restart or a reorganisation is just another look. A failed look keeps the
 * last state (law 1) and shows in `lastFailure` and `ageSeconds`.
 */
export class LedgerInformer<E, S extends LedgerState<E>> {
  readonly #options: LedgerInformerOptions<E, S>;
  readonly #metrics: ChainMetrics;
  readonly #subscribers: Enqueue[] = [];
  readonly #views: Readonly<Record<Tier, View<S>>> = { head: unseen(), final: unseen() };
  #hint = new AbortController();

  constructor(options: LedgerInformerOptions<E, S>) {
    this.#options = options;
    this.#metrics = options.metrics ?? noMetrics;
  }

  get head(): S | undefined {
    return this.#views.head.snapshot;
  }

  get final(): S | undefined {
    return this.#views.final.snapshot;
  }

  /** Why the last look at a tier failed; undefined when it succeeded. */
  lastError(tier: Tier): string | undefined {
    const { lastFailure } = this.#views[tier];
    return lastFailure === undefined ? undefined : errorText(lastFailure);
  }

  /** The same as it was thrown. */
  lastFailure(tier: Tier): unknown {
    return this.#views[tier].lastFailure;
  }

  /** Seconds since a tier was last seen. */
  ageSeconds(tier: Tier): number | undefined {
    const { seenAt } = this.#views[tier];
    return seenAt === undefined ? undefined : (this.#options.clock.monotonic() - seenAt) / 1000;
  }

  /** Both tiers have been read. */
  hasSynced(): boolean {
    return this.head !== undefined && this.final !== undefined;
  }

  /** `enqueue` is called with the key of every entry that appears, changes or vanishes, at either tier. */
  subscribe(enqueue: Enqueue): void {
    this.#subscribers.push(enqueue);
  }

  /** Looks at the head now: something hinted that it moved. */
  wake(): void {
    this.#hint.abort();
  }

  /** The next look at each tier reads in full, whatever the version: what the source includes has changed. */
  refresh(): void {
    this.#views.head.readAt = Number.NEGATIVE_INFINITY;
    this.#views.final.readAt = Number.NEGATIVE_INFINITY;
    this.wake();
  }

  /** Looks at both tiers until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { periodSeconds, finalPeriodSeconds = 30 } = this.#options;
    await Promise.all([this.#follow("head", periodSeconds, signal), this.#follow("final", finalPeriodSeconds, signal)]);
  }

  async #follow(tier: Tier, periodSeconds: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look(tier, signal);
      const woken = tier === "head" ? AbortSignal.any([signal, this.#hint.signal]) : signal;
      await sleep(this.#options.clock, this.#pauseMilliseconds(tier, periodSeconds), woken);
      if (tier === "head" && this.#hint.signal.aborted) this.#hint = new AbortController();
    }
  }

  /** One look at a tier. Failures become state. */
  async look(tier: Tier, signal: AbortSignal): Promise<void> {
    const view = this.#views[tier];
    try {
      await this.#read(tier, view, signal);
      view.failures = 0;
      view.lastFailure = undefined;
      view.seenAt = this.#options.clock.monotonic();
    } catch (error) {
      if (signal.aborted) return;
      view.failures += 1;
      // An outage after a violation does not mend it: that stays the news until a look succeeds.
      if (!isFinalityViolation(view.lastFailure)) view.lastFailure = error;
      this.#metrics.ledgerTick(tier, outcomeOf(error));
    }
  }

  async #read(tier: Tier, view: View<S>, signal: AbortSignal): Promise<void> {
    const { source, clock, fullReadSeconds = 600 } = this.#options;
    const startedAt = clock.monotonic();
    const point = await source.point(tier, signal);
    const old = view.snapshot;
    if (old !== undefined && startedAt - view.readAt < fullReadSeconds * 1000) {
      if (old.point.hash === point.hash || old.version === (await source.version(point, signal))) {
        view.snapshot = { ...old, point };
        this.#metrics.ledgerTick(tier, "unchanged");
        return;
      }
    }
    const next = await source.snapshot(point, signal);
    view.snapshot = next;
    view.readAt = startedAt;
    this.#metrics.ledgerTick(tier, "snapshot");
    for (const key of changedKeys(old?.entries, next.entries)) {
      for (const enqueue of this.#subscribers) enqueue(key);
    }
  }

  #pauseMilliseconds(tier: Tier, periodSeconds: number): number {
    const backoff = Math.min(periodSeconds * 2 ** Math.min(this.#views[tier].failures, 10), LONGEST_BACKOFF_SECONDS);
    const seconds = Math.max(periodSeconds, backoff);
    return seconds * 1000 * (1 + JITTER * (2 * this.#options.random() - 1));
  }
}

function outcomeOf(error: unknown): TickOutcome {
  if (error instanceof Disagreement) return "disagreement";
  return error instanceof HeadRefused ? "refused" : "error";
}

function unseen<S>(): View<S> {
  return {
    snapshot: undefined,
    readAt: Number.NEGATIVE_INFINITY,
    seenAt: undefined,
    failures: 0,
    lastFailure: undefined,
  };
}

/** Keys whose entry appeared, changed or vanished. */
export function changedKeys<E>(old: ReadonlyMap<string, E> | undefined, next: ReadonlyMap<string, E>): string[] {
  const changed = [...next].filter(([key, entry]) => !isDeepStrictEqual(old?.get(key), entry)).map(([key]) => key);
  const vanished = [...(old?.keys() ?? [])].filter((key) => !next.has(key));
  return [...changed, ...vanished];
}
