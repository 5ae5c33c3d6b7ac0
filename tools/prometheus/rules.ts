import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { chartFolder } from "../chart/chart.ts";

/** An alerting rule as Prometheus reads it. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Alert[] }[];
}

export const alertFolder = join(chartFolder, "files/alerts");

/** Paths of the chart's rule files. `promtool check rules` holds their shape. */
export async function ruleFiles(): Promise<readonly string[]> {
  const names = await readdir(alertFolder);
  return names
    .filter((name) => name.endsWith(".yaml"))
    .toSorted()
    .map((name) => join(alertFolder, name));
}

/** Every alert of the chart, in the order of its files. */
export async function readAlerts(): Promise<readonly Alert[]> {
  const files: RuleFile[] = await Promise.all(
    (await ruleFiles()).map(async (file) => parse(await readFile(file, "utf8"))),
  );
  return files.flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));
}
