const SAMPLES = 64;

/** The last round trips of an endpoint, milliseconds. */
export class Latency {
  readonly #samples: number[] = [];

  record(milliseconds: number): void {
    this.#samples.push(milliseconds);
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  /** The value that a share (0..1) of round trips stays below; undefined before the first. */
  quantile(share: number): number | undefined {
    const sorted = this.#samples.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }
}
