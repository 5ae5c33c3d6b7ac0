import type { Summary } from "./statistics.ts";

/** A Markdown table: the first row is the head. Numbers stand to the right. Bars in cells are escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumeric = head.map((_, column) => rows.every((row) => /^[\d.,]+(?:\s|%|$)/.test(row[column] ?? "")));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(isNumeric.map((right) => (right ? "--:" : ":--"))), ...rows.map(line)].join("\n");
}

/** A number with as many digits as it deserves: three significant ones, thousands apart. */
export function figure(value: number): string {
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en-US", { maximumFractionDigits: Math.min(digits, 3) });
}

/** A median with its extremes: `12 (10–15)`; the extremes are left out when they are the median. */
export function spread({ median, min, max }: Summary): string {
  return min === max ? figure(median) : `${figure(median)} (${figure(min)}–${figure(max)})`;
}

export function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
