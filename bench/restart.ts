import type { OperatorProcess } from "../test/harness/operator.ts";
import { eventually } from "../test/harness/wait.ts";
import { countByName, isOperators, isWrite } from "./audit-log.ts";
import { settled } from "./operator-writes.ts";
import { cpuSeconds, programOf, residentMiB } from "./process-usage.ts";
import { metricValue } from "./prometheus.ts";
import type { BenchWorld } from "./world.ts";

/** One restart of an operator whose work is done. */
export interface RestartRun {
  /** From the start of the process to `/readyz`: every cache filled. */
  readonly syncedSeconds: number;
  /** From the start of the process until every lease was decided on with both tiers of the ledger read. */
  readonly evaluatedSeconds: number;
  readonly reconciles: number;
  readonly cpuSeconds: number;
  readonly residentMiB: number;
  readonly peakMiB: number;
  /** Node's own measure; its sampling interval of 10 ms is in it. */
  readonly loopDelayP99Milliseconds: number;
  readonly loopDelayMaxMilliseconds: number;
  /** How often the operator wrote, by verb and kind. None is the target. */
  readonly writes: ReadonlyMap<string, number>;
  readonly transactions: number;
}

const lease = { controller: "lease.lifecycle" };

/** Starts the operator over leases that are as they should be, and watches it until it has looked at all of them. */
export async function measureRestart(
  world: BenchWorld,
  leases: number,
): Promise<{ run: RestartRun; operator: OperatorProcess }> {
  await world.audit.read();
  const nonce = await operatorNonce(world);
  const startedAt = performance.now();
  const operator = await world.startOperator();
  const syncedSeconds = (performance.now() - startedAt) / 1000;
  const pid = await programOf(operator.running.pid);
  let [p99, max] = [0, 0];
  const page = await eventually(
    "every lease to be looked at again",
    async () => {
      const text = await operator.metrics();
      p99 = Math.max(p99, metricValue(text, "nodejs_eventloop_lag_p99_seconds"));
      max = Math.max(max, metricValue(text, "nodejs_eventloop_lag_max_seconds"));
      return isEvaluated(text, leases) ? text : undefined;
    },
    { timeoutSeconds: 120, intervalMilliseconds: 100 },
  );
  const evaluatedSeconds = (performance.now() - startedAt) / 1000;
  const used = await cpuSeconds(pid);
  const writes = await settled(world.audit);
  const memory = await residentMiB(pid);
  const run = {
    syncedSeconds,
    evaluatedSeconds,
    reconciles: metricValue(page, "controller_runtime_reconcile_total", lease),
    cpuSeconds: used,
    residentMiB: memory.now,
    peakMiB: memory.peak,
    loopDelayP99Milliseconds: p99 * 1000,
    loopDelayMaxMilliseconds: max * 1000,
    writes: countByName(writes),
    transactions: (await operatorNonce(world)) - nonce,
  };
  return { run, operator };
}

/** A lease looked at before the ledger was read was only put off: what counts comes after both tiers' snapshots. */
function isEvaluated(page: string, leases: number): boolean {
  const snapshots = ["head", "final"].map((tier) =>
    metricValue(page, "berthage_chain_ledger_ticks_total", { tier, outcome: "snapshot" }),
  );
  const waiting =
    metricValue(page, "workqueue_depth", lease) + metricValue(page, "controller_runtime_active_workers", lease);
  const done = metricValue(page, "controller_runtime_reconcile_total", lease);
  return snapshots.every((count) => count > 0) && waiting === 0 && done >= leases;
}

/** What a converged operator does while nothing happens. */
export interface QuietRun {
  readonly seconds: number;
  readonly writes: number;
  readonly transactions: number;
  readonly cpuSeconds: number;
}

export async function measureQuiet(world: BenchWorld, operator: OperatorProcess, seconds: number): Promise<QuietRun> {
  const pid = await programOf(operator.running.pid);
  const [nonce, before] = [await operatorNonce(world), await cpuSeconds(pid)];
  await world.audit.read();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const writes = (await world.audit.read()).filter((call) => isWrite(call) && isOperators(call)).length;
  const transactions = (await operatorNonce(world)) - nonce;
  return { seconds, writes, transactions, cpuSeconds: (await cpuSeconds(pid)) - before };
}

async function operatorNonce({ market }: BenchWorld): Promise<number> {
  return Number(await market.client.nonce(market.operator.address, "latest"));
}
