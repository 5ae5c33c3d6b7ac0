import type { LatencyRun } from "./latency.ts";
import type { LifeCalls } from "./life.ts";
import type { BenchOptions } from "./options.ts";
import type { QuietRun, RestartRun } from "./restart.ts";
import { percentile, summarize } from "./statistics.ts";
import { figure, percent, spread, table } from "./table.ts";
import type { ThroughputRun } from "./throughput.ts";

/** Everything that one run of the bench measured. */
export interface Findings {
  readonly options: BenchOptions;
  readonly machine: readonly (readonly [string, string])[];
  readonly throughput: {
    readonly operator: readonly ThroughputRun[];
    readonly bareObjects: readonly ThroughputRun[];
    readonly bareCalls: readonly ThroughputRun[];
    readonly burst: ThroughputRun;
    readonly objectsALease: number;
  };
  readonly restarts: readonly RestartRun[];
  readonly quiet: QuietRun;
  readonly latencies: readonly LatencyRun[];
  readonly lives: readonly LifeCalls[];
}

/** The results as Markdown. */
export function report(findings: Findings): string {
  const { machine, options } = findings;
  return `${[
    "# Measured",
    `Written by \`make bench\`, which measures everything below in one run; the figures are of this machine and this commit. Medians, with the
extremes in brackets. Seconds depend on what else the machine does; CPU a piece of work much less. Nothing in the tests asserts a time.`,
    table(["", ""], machine),
    ...throughputPart(findings.throughput, options),
    ...restartPart(findings.restarts, findings.quiet, options),
    ...latencyPart(findings.latencies),
    ...lifePart(findings.lives),
    "## Again",
    "`make bench` (about 9 minutes on two cores), `npm run bench -- --quick` (about two minutes, into `.berthage/bench-quick.md`).",
    `Sizes are flags: ${sizes(options)}.`,
  ].join("\n\n")}\n`;
}

function sizes(options: BenchOptions): string {
  const { leases, repetitions, restartLeases, openings, lives, quietSeconds } = options;
  const flags = {
    leases,
    repetitions,
    "restart-leases": restartLeases,
    openings,
    lives,
    "quiet-seconds": quietSeconds,
  };
  return Object.entries(flags)
    .map(([name, value]) => `\`--${name}=${value}\``)
    .join(", ");
}

type Measure<T> = (run: T) => number;

const objectsPerSecond: Measure<ThroughputRun> = ({ objects, seconds }) => objects / seconds;
const writerCpu: Measure<ThroughputRun> = ({ writerCpuSeconds, objects }) => (1000 * writerCpuSeconds) / objects;
const serverCpu: Measure<ThroughputRun> = ({ serverCpuSeconds, objects }) => (1000 * serverCpuSeconds) / objects;

function throughputPart(measured: Findings["throughput"], { leases, repetitions }: BenchOptions): readonly string[] {
  const { operator, bareObjects, bareCalls, burst, objectsALease } = measured;
  const of = (runs: readonly ThroughputRun[], measure: Measure<ThroughputRun>): string =>
    spread(summarize(runs.map(measure)));
  const row = (name: string, runs: readonly ThroughputRun[]): readonly string[] => [
    name,
    of(runs, objectsPerSecond),
    of(runs, ({ objects, seconds }) => objects / objectsALease / seconds),
    of(runs, ({ writes, objects }) => (writes * objectsALease) / objects),
    of(runs, writerCpu),
    of(runs, serverCpu),
  ];
  const rate = (runs: readonly ThroughputRun[]): number => summarize(runs.map(objectsPerSecond)).median;
  const cpu = (runs: readonly ThroughputRun[]): number =>
    summarize(runs.map((run) => writerCpu(run) + serverCpu(run))).median;
  return [
    "## Leases to objects",
    `${leases} leases opened in one block, each with its own sealed manifest; ${repetitions} runs of each writer in turn against one API server. Running beside them: etcd
and the EVM node, no controller-manager, no scheduler. The bare client sends bodies recorded from the operator, from the same number of leases at once, over as many
pooled connections: once each object as created and the last status of the ComputeLease (*same objects*), once every call the operator made, events too (*same calls*).`,
    table(
      [
        "writer",
        "objects/s",
        "leases/s",
        "writes a lease",
        "CPU of the writer, ms an object",
        "CPU of the API server, ms an object",
      ],
      [
        row("operator", operator),
        row("bare client, same objects", bareObjects),
        row("bare client, same calls", bareCalls),
        row(`operator, ${figure(burst.objects / objectsALease)} leases at once`, [burst]),
      ],
    ),
    table(
      ["operator against the bare client", "objects/s", "CPU of writer and API server together (less is better)"],
      [
        ["same objects", percent(rate(operator) / rate(bareObjects)), percent(cpu(operator) / cpu(bareObjects))],
        ["same calls", percent(rate(operator) / rate(bareCalls)), percent(cpu(operator) / cpu(bareCalls))],
      ],
    ),
    `What the operator wrote for a lease: ${kindsALease(operator, leases)}.`,
    "Target: 80 % of the bare client's objects/s now, 90 % is the budget.",
  ];
}

function kindsALease(runs: readonly ThroughputRun[], leases: number): string {
  const names = [...new Set(runs.flatMap(({ kinds }) => [...kinds.keys()]))].sort();
  const count = (name: string): number => summarize(runs.map(({ kinds }) => (kinds.get(name) ?? 0) / leases)).median;
  return names.map((name) => `${figure(count(name))} × ${name}`).join(", ");
}

function restartPart(
  restarts: readonly RestartRun[],
  quiet: QuietRun,
  { restartLeases }: BenchOptions,
): readonly string[] {
  const of = (measure: Measure<RestartRun>): string => spread(summarize(restarts.map(measure)));
  return [
    `## Restart with ${figure(restartLeases)} leases`,
    `All objects of ${figure(restartLeases)} leases stand; the operator starts as a new process, ${restarts.length} times. Times run from the start of the process.`,
    table(
      ["", "measured"],
      [
        ["caches filled (`/readyz`), s", of((run) => run.syncedSeconds)],
        ["every lease decided on, s", of((run) => run.evaluatedSeconds)],
        ["reconciles of leases", of((run) => run.reconciles)],
        ["CPU, s", of((run) => run.cpuSeconds)],
        ["resident memory, MiB", of((run) => run.residentMiB)],
        ["resident memory at its highest, MiB", of((run) => run.peakMiB)],
        ["event-loop delay p99, ms (10 ms of it are the sampling)", of((run) => run.loopDelayP99Milliseconds)],
        ["event-loop delay, longest, ms", of((run) => run.loopDelayMaxMilliseconds)],
        ["API writes", of((run) => total(run.writes))],
        ["transactions", of((run) => run.transactions)],
      ],
    ),
    ...(restarts.some(({ writes }) => writes.size > 0) ? [`What was written: ${writtenBy(restarts)}.`] : []),
    `Then left alone for ${quiet.seconds} s: ${quiet.writes} API writes, ${quiet.transactions} transactions, ${figure(quiet.cpuSeconds)} s of CPU.`,
  ];
}

function writtenBy(restarts: readonly RestartRun[]): string {
  const names = restarts.map(({ writes }) => [...writes].map(([name, count]) => `${count} × ${name}`).join(", "));
  return names.map((text) => text || "nothing").join("; ");
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function latencyPart(runs: readonly LatencyRun[]): readonly string[] {
  const row = (name: string, measure: Measure<LatencyRun>): readonly string[] => {
    const values = runs.map(measure);
    return [name, ...[0.5, 0.99].map((p) => figure(percentile(values, p))), figure(Math.max(...values))];
  };
  return [
    "## Chain to first write",
    `${runs.length} leases opened one at a time beside those leases, at random moments of the polling period (\`pollSeconds: 1\`, the shortest).`,
    table(
      ["milliseconds", "p50", "p99", "max"],
      [
        ["block readable → operator shown its header (polling)", (run: LatencyRun) => run.pollWait] as const,
        ["header shown → first write received", (run: LatencyRun) => run.reaction] as const,
        ["block readable → first write received", (run: LatencyRun) => run.firstWrite] as const,
        ["block readable → last object created", (run: LatencyRun) => run.allObjects] as const,
      ].map(([name, measure]) => row(name, measure)),
    ),
  ];
}

function lifePart(lives: readonly LifeCalls[]): readonly string[] {
  const names = [...new Set(lives.flatMap((life) => [...life.keys()]))].sort();
  const counts = (name: string): readonly number[] => lives.map((life) => life.get(name) ?? 0);
  const totals = lives.map(total);
  return [
    "## API calls in a lease's life",
    `${lives.length} lives on a whole cluster (controller-manager, scheduler, kwok): opened, Ready, billed, closed by the tenant, gone. What the operator asked of the
API server for the lease, by the audit log; watches are shared by all leases and not counted.`,
    table(
      ["call", "a lease"],
      [...names.map((name) => [name, spread(summarize(counts(name)))]), ["all", spread(summarize(totals))]],
    ),
  ];
}
