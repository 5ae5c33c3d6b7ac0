/** Which of the writes of a life to die after, given how many there are. */
export type Choice = (count: number) => readonly number[];

/** So many of the writes, spread from the first to the last. */
export function spread(times: number): Choice {
  return (count) => {
    const step = Math.max(1, (count - 1) / Math.max(1, times - 1));
    return [...new Set(Array.from({ length: times }, (_, i) => Math.round(1 + i * step)))].filter((k) => k <= count);
  };
}

/** Every one. */
export const all: Choice = (count) => Array.from({ length: count }, (_, i) => i + 1);

/** Deaths for as few lives as can be, so many in each and as far apart as can be. */
export function shareOut(deaths: readonly number[], most = 1): readonly (readonly number[])[] {
  const lives = Math.ceil(deaths.length / most);
  return Array.from({ length: lives }, (_, life) => deaths.filter((__, i) => i % lives === life));
}
