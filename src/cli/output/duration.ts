const sizes = [
  [86_400, "d"],
  [3600, "h"],
  [60, "m"],
  [1, "s"],
] as const;

/** Seconds as a person says them, in the two largest units: `1d 2h`, `45m`, `0s`. */
export function formatDuration(seconds: number): string {
  const largest = sizes.findIndex(([size]) => seconds >= size);
  if (largest === -1) return "0s";
  let rest = Math.floor(seconds);
  const parts: string[] = [];
  for (const [size, unit] of sizes.slice(largest, largest + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.join(" ");
}

/** A time of the chain, in UTC: `2026-05-01 12:00:00Z`. */
export function formatTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")}Z`;
}
