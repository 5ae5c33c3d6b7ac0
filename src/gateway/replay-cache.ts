/** Length of a bucket: entries are forgotten by whole buckets. */
const bucketSeconds = 60;

/**
 * Remembers the nonces of requests for as long as their timestamps are taken. Bounded: when it is full, requests are turned
 * away rather than nonces forgotten, since a forgotten nonce is a replay. One process each: what a second replica of the
 * operator is shown again it would serve, which is harmless for requests that can be repeated, as all are.
 */
export class ReplayCache {
  readonly #limit: number;
  readonly #buckets = new Map<number, Set<string>>();
  #size = 0;

  constructor(limit = 100_000) {
    this.#limit = limit;
  }

  /** Takes note of a nonce. `validUntilSeconds` is when its timestamp stops being taken. */
  admit(
    sessionKey: string,
    nonce: string,
    validUntilSeconds: number,
    nowSeconds: number,
  ): "fresh" | "replayed" | "full" {
    this.#forget(nowSeconds);
    const index = Math.floor(validUntilSeconds / bucketSeconds);
    const bucket = this.#buckets.get(index) ?? new Set();
    const entry = `${sessionKey} ${nonce}`;
    if (bucket.has(entry)) return "replayed";
    if (this.#size >= this.#limit) return "full";
    this.#buckets.set(index, bucket.add(entry));
    this.#size += 1;
    return "fresh";
  }

  get size(): number {
    return this.#size;
  }

  #forget(nowSeconds: number): void {
    for (const [index, bucket] of this.#buckets) {
      if ((index + 1) * bucketSeconds >= nowSeconds) continue;
      this.#buckets.delete(index);
      this.#size -= bucket.size;
    }
  }
}
