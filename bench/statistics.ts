/** The middle of some values, and how far they lie apart. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * The value below which the share `p` (0 to 1) of the values lies: nearest rank, so always one that was measured.
 * @throws when there are no values
 */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(p * sorted.length));
  const found = sorted[rank - 1];
  if (found === undefined) throw new Error("no percentile of nothing: give at least one value");
  return found;
}

/** Median (mean of the middle two when even) with the extremes. @throws when there are no values */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || min === undefined || max === undefined) {
    throw new Error("no median of nothing: give at least one value");
  }
  return { median: (low + high) / 2, min, max };
}
