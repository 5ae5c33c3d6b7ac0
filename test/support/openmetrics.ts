/** One sample as scraped. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total"],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
};
const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/s; // a label may hold every line end but \n
const label = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;

/**
 * Parses OpenMetrics 1.0 text as strictly as Prometheus does, and more: every family has HELP and TYPE before its
 * samples, names carry the suffix of their type, no series comes twice, the text ends with `# EOF`.
 */
export function parseOpenMetrics(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n# EOF\n")) throw new Error("the text does not end with # EOF");
  const families = new Map<string, { name: string; type: string; help: string; samples: Sample[] }>();
  let current: { name: string; type: string; help: string; samples: Sample[] } | undefined;
  const series = new Set<string>();
  for (const row of text.slice(0, -"# EOF\n".length).split("\n").slice(0, -1)) {
    const [mark, word, name = "", ...rest] = row.split(" ");
    if (mark === "#" && word === "HELP") {
      if (families.has(name)) throw new Error(`family ${name} comes twice`);
      current = { name, type: "", help: rest.join(" "), samples: [] };
      families.set(name, current);
    } else if (mark === "#" && word === "TYPE") {
      if (current?.name !== name) throw new Error(`TYPE of ${name} does not follow its HELP`);
      current.type = rest.join(" ");
    } else {
      const sample = parseSample(row);
      const allowed = current === undefined ? [] : (suffixes[current.type] ?? []);
      if (!allowed.some((suffix) => sample.name === `${current?.name}${suffix}`))
        throw new Error(`sample ${row} does not belong to family ${current?.name} of type ${current?.type}`);
      const key = row.slice(0, row.lastIndexOf(" "));
      if (series.has(key)) throw new Error(`series ${key} comes twice`);
      series.add(key);
      current?.samples.push(sample);
    }
  }
  return families;
}

function parseSample(row: string): Sample {
  const [, name = "", labelText = "", valueText = ""] = line.exec(row) ?? [];
  const value = valueText === "+Inf" ? Number.POSITIVE_INFINITY : Number(valueText);
  if (name === "" || valueText === "" || (Number.isNaN(value) && valueText !== "NaN"))
    throw new Error(`not a sample: ${JSON.stringify(row)}`);
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < labelText.length) {
    const found = label.exec(labelText);
    if (found === null) throw new Error(`bad labels in ${JSON.stringify(row)}`);
    labels[found[1] ?? ""] = found[2] ?? "";
  }
  return { name, labels, value };
}

/** The value of one series; undefined when there is none. */
export function seriesValue(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const samples = [...families.values()].flatMap((family) => family.samples);
  return samples.find(
    (sample) =>
      sample.name === name &&
      Object.keys(labels).length === Object.keys(sample.labels).length &&
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )?.value;
}
