const suffixes: Readonly<Record<string, string>> = {
  s: " s",
  d: " d",
  ops: "/s",
  reqps: "/s",
  cores: "",
  short: "",
};
const steps = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** A value as Grafana would write it, in one of the units that our panels have. */
export function formatValue(value: number, unit: string): string {
  if (unit === "percentunit") return `${trim(value * 100)} %`;
  if (unit === "bytes") return value >= 2 ** 30 ? `${trim(value / 2 ** 30)} GiB` : `${trim(value / 2 ** 20)} MiB`;
  const suffix = suffixes[unit] ?? ` ${unit}`;
  if (unit === "s" && value !== 0 && Math.abs(value) < 1) return `${trim(value * 1000)} ms`;
  const step = steps.find(([size]) => Math.abs(value) >= size);
  return step === undefined ? `${trim(value)}${suffix}` : `${trim(value / step[0])} ${step[1]}${suffix}`.trimEnd();
}

function trim(value: number): string {
  return String(Number(value.toPrecision(3)));
}
