/** A bucket that starts full and refills evenly. Times are milliseconds of one clock. */
export class TokenBucket {
  readonly #burst: number;
  readonly #refillMilliseconds: number;
  #tokens: number;
  #at: number;

  /** @param refillMilliseconds time for one token to come back */
  constructor(burst: number, refillMilliseconds: number, now: number) {
    this.#burst = burst;
    this.#refillMilliseconds = refillMilliseconds;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes one token if there is one. */
  take(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) / this.#refillMilliseconds);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
