interface Waiting<I> {
  readonly intent: I;
  readonly basedOn: bigint;
  /** Since when something has been wanted under the key. */
  readonly sinceSeconds: number;
}

export interface Refusal {
  readonly reason: string;
  readonly count: number;
  readonly retryAtSeconds: number;
}

const FIRST_RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 300;
/** Blocks after which a view that does not know of a mined transaction cannot come any more. */
const FORGET_AFTER_BLOCKS = 4096n;

/** Intents by key: what is wanted now, what was just done, and what was refused and must wait. */
export class IntentQueue<I> {
  readonly #waiting = new Map<string, Waiting<I>>();
  readonly #doneAt = new Map<string, bigint>();
  readonly #refusals = new Map<string, Refusal>();

  get depth(): number {
    return this.#waiting.size;
  }

  keys(): readonly string[] {
    return [...this.#waiting.keys()];
  }

  /** Since when the intent that waits longest has waited. */
  oldestSinceSeconds(): number | undefined {
    let oldest: number | undefined;
    for (const { sinceSeconds } of this.#waiting.values()) oldest = Math.min(oldest ?? sinceSeconds, sinceSeconds);
    return oldest;
  }

  refusals(): ReadonlyMap<string, Refusal> {
    return this.#refusals;
  }

  /** Wants `intent`, derived from state at block `basedOn`. Ignored when that state predates what was already done for the key. */
  submit(key: string, intent: I, basedOn: bigint, nowSeconds: number): void {
    const doneAt = this.#doneAt.get(key);
    if (doneAt !== undefined && basedOn < doneAt) return;
    this.#doneAt.delete(key);
    const sinceSeconds = this.#waiting.get(key)?.sinceSeconds ?? nowSeconds;
    this.#waiting.set(key, { intent, basedOn, sinceSeconds });
    this.#forget(basedOn);
  }

  /** No longer wanted. What is in flight stays so. */
  withdraw(key: string): void {
    this.#waiting.delete(key);
    this.#refusals.delete(key);
  }

  /** What may be sent now. */
  due(nowSeconds: number): ReadonlyMap<string, I> {
    const isDue = (key: string): boolean => (this.#refusals.get(key)?.retryAtSeconds ?? 0) <= nowSeconds;
    return new Map([...this.#waiting].filter(([key]) => isDue(key)).map(([key, { intent }]) => [key, intent]));
  }

  /** A transaction that served these keys was mined: what was wanted on older state is fulfilled. */
  done(keys: readonly string[], blockNumber: bigint): void {
    for (const key of keys) {
      this.#refusals.delete(key);
      this.#doneAt.delete(key); // keeps the map in the order of blocks
      this.#doneAt.set(key, blockNumber);
      const waiting = this.#waiting.get(key);
      if (waiting !== undefined && waiting.basedOn < blockNumber) this.#waiting.delete(key);
    }
  }

  /** It cannot be done now; tried again later, and later each time. */
  refused(key: string, reason: string, nowSeconds: number): void {
    const count = (this.#refusals.get(key)?.count ?? 0) + 1;
    const pause = Math.min(FIRST_RETRY_SECONDS * 2 ** Math.min(count - 1, 10), LONGEST_RETRY_SECONDS);
    this.#refusals.set(key, { reason, count, retryAtSeconds: nowSeconds + pause });
  }

  #forget(basedOn: bigint): void {
    for (const [key, block] of this.#doneAt) {
      if (block + FORGET_AFTER_BLOCKS >= basedOn) break; // in the order of their blocks
      this.#doneAt.delete(key);
    }
  }
}
