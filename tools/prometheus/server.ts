import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { freePorts } from "../../test/harness/ports.ts";
import { launch } from "../../test/harness/processes.ts";
import { eventually } from "../../test/harness/wait.ts";
import { prometheusBinaries } from "./binaries.ts";

export interface PrometheusOptions {
  /** Scratch directory for configuration, data and log. */
  readonly dir: string;
  /** `host:port` of what is scraped, as job `berthage`. */
  readonly target: string;
  /** Paths of rule files. */
  readonly rules: readonly string[];
  readonly scrapeSeconds: number;
}

/** One series of an answer: its labels, and its samples as [seconds, value]. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [seconds: number, value: string])[];
}

export interface Target {
  readonly health: "up" | "down" | "unknown";
  readonly lastError: string;
}

export interface LoadedRule {
  readonly name: string;
  readonly state: "inactive" | "pending" | "firing";
  readonly health: "ok" | "err" | "unknown";
  readonly lastError?: string;
}

/** A real Prometheus that scrapes one job. */
export interface Prometheus {
  /** The value of a PromQL expression now, one sample a series. @throws with Prometheus's words when it is no PromQL */
  query(expr: string): Promise<readonly Series[]>;
  /** The values of an expression over the last `seconds`. */
  range(expr: string, seconds: number, stepSeconds: number): Promise<readonly Series[]>;
  targets(): Promise<readonly Target[]>;
  /** The rules that were loaded, once each was evaluated. */
  rules(): Promise<readonly LoadedRule[]>;
  stop(): Promise<void>;
}

/** Starts Prometheus on a free port of the loopback and waits until it has scraped its target once. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { dir } = options;
  const { prometheus } = await prometheusBinaries();
  const [port = 0] = await freePorts(1);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "prometheus.yml"), stringify(configuration(options)));
  const running = launch({
    name: "prometheus",
    command: prometheus,
    args: [
      `--config.file=${join(dir, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(dir, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    dir,
  });
  const ask = async <T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> =>
    await answer(`http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const server: Prometheus = {
    async query(expr) {
      const { result } = await ask<{ result: VectorSeries[] }>("query", { query: expr });
      return result.map(({ metric, value }) => ({ metric, values: [value] }));
    },
    async range(expr, seconds, stepSeconds) {
      const end = Date.now() / 1000;
      const times = { start: String(end - seconds), end: String(end), step: String(stepSeconds) };
      return (await ask<{ result: Series[] }>("query_range", { query: expr, ...times })).result;
    },
    async targets() {
      return (await ask<{ activeTargets: Target[] }>("targets")).activeTargets;
    },
    async rules() {
      const { groups } = await ask<{ groups: { rules: LoadedRule[] }[] }>("rules");
      return groups.flatMap(({ rules }) => rules);
    },
    stop: () => running.stop(),
  };
  await eventually("Prometheus has scraped its target", async () => {
    if (running.hasExited()) throw new Error(`Prometheus ended: ${await running.logTail()}`);
    const [target] = await server.targets();
    if (target?.health === "down") throw new Error(target.lastError);
    return target?.health === "up" ? true : undefined;
  });
  return server;
}

interface VectorSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [seconds: number, value: string];
}

function configuration({ target, rules, scrapeSeconds }: PrometheusOptions): object {
  const interval = `${scrapeSeconds}s`;
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: rules,
    scrape_configs: [{ job_name: "berthage", static_configs: [{ targets: [target] }] }],
  };
}

/** The data of an answer, believed to have the shape that Prometheus documents for the path. */
async function answer<T>(url: string): Promise<T> {
  const response = await fetch(url);
  const body: { status: string; error?: string; data: T } = JSON.parse(await response.text());
  if (body.status !== "success") throw new Error(`Prometheus refuses ${decodeURIComponent(url)}: ${body.error}`);
  return body.data;
}
