/** A random number in [0, 1), as Math.random gives. */
export type Random = () => number;

/** Exponential delay without jitter: `base · 2^failures`, at most `max`. Any unit. */
export function exponential(base: number, max: number, failures: number): number {
  return Math.min(base * 2 ** failures, max);
}

/**
 * Delays between attempts at one thing, with full jitter so that many clients do not come back together: a random part
 * of `base · 2^n` capped at `max`. Reset it once the thing has been healthy for a while.
 */
export class Backoff {
  readonly #baseSeconds: number;
  readonly #maxSeconds: number;
  readonly #random: Random;
  #failures = 0;

  constructor(baseSeconds: number, maxSeconds: number, random: Random = Math.random) {
    this.#baseSeconds = baseSeconds;
    this.#maxSeconds = maxSeconds;
    this.#random = random;
  }

  /** Seconds to wait now; each call counts as one more failure. `atLeast` is what the server asked for. */
  nextSeconds(atLeast = 0): number {
    const jittered = exponential(this.#baseSeconds, this.#maxSeconds, this.#failures) * this.#random();
    this.#failures += 1;
    return Math.max(jittered, atLeast);
  }

  reset(): void {
    this.#failures = 0;
  }
}
