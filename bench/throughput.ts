import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { computeLeases } from "../src/controllers/resources.ts";
import type { OperatorProcess } from "../test/harness/operator.ts";
import { run } from "../test/harness/run.ts";
import { type AuditedCall, countByName, isOperators, leaseOf } from "./audit-log.ts";
import type { BareResult, BareWork } from "./bare-client.ts";
import { openAll } from "./openings.ts";
import { collectWrites, creations, settled } from "./operator-writes.ts";
import { cpuSeconds, programOf } from "./process-usage.ts";
import type { RecordedCall } from "./recording-proxy.ts";
import { startRecordingProxy } from "./recording-proxy.ts";
import { callsByLease, countObjects, planReplay, type Selection } from "./replay.ts";
import type { BenchWorld } from "./world.ts";

const bareClient = fileURLToPath(new URL("bare-client.ts", import.meta.url));
/** What the operator has: `--concurrency` and the connections of its client. */
const CONCURRENCY = 8;
const CONNECTIONS = 24;
/** Replayed leases are numbered from here, far from the real ones. */
const REPLAYED_FROM = 900_001;

/** One writer's run over a batch of leases. */
export interface ThroughputRun {
  readonly objects: number;
  /** Requests that wrote, refused ones too. */
  readonly writes: number;
  /** From the first write received to the last object created. */
  readonly seconds: number;
  readonly writerCpuSeconds: number;
  readonly serverCpuSeconds: number;
  /** What the writes were, by verb and kind. */
  readonly kinds: ReadonlyMap<string, number>;
}

/** The recorded writes of some leases, each a model for the bare client. */
export interface Recording {
  readonly leases: readonly { readonly id: string; readonly calls: readonly RecordedCall[] }[];
  readonly objectsALease: number;
}

/** Lets the operator serve some leases through a proxy that keeps what it writes. Warms the API server up as well. */
export async function recordOperator(world: BenchWorld, hashes: readonly string[]): Promise<Recording> {
  const proxy = await startRecordingProxy(world.cluster);
  const operator = await world.startOperator(proxy.kubeconfigFile);
  const offerId = await world.offerId();
  await settled(world.audit);
  const ids = await openAll(world, offerId, hashes);
  await collectWrites(world.audit, "recorded leases", isOperators, (writes) => writes.length > ids.length);
  await operator.running.stop();
  await proxy.stop();
  const found = callsByLease(proxy.calls);
  const all = ids.map((id) => ({ id, calls: found.get(id) ?? [] }));
  // A create that the operator's cache was behind for was refused, and mended in ways that bear no repetition.
  const leases = all.filter(({ calls }) => calls.every(({ code }) => code < 400));
  const counts = new Set(leases.map(({ calls }) => countObjects(calls)));
  const [objectsALease] = counts;
  if (objectsALease === undefined || counts.size !== 1) {
    throw new Error(`the recorded leases have ${[...counts].join(", ")} objects: all should have as many`);
  }
  return { leases, objectsALease };
}

/** The operator brings a batch of leases from one block to all their objects. It runs already and has nothing else to do. */
export async function measureOperator(
  world: BenchWorld,
  operator: OperatorProcess,
  hashes: readonly string[],
  { objectsALease }: Recording,
): Promise<ThroughputRun> {
  const pid = await programOf(operator.running.pid);
  const offerId = await world.offerId();
  await settled(world.audit);
  const before = [await cpuSeconds(pid), await cpuSeconds(world.apiServer)] as const;
  const ids = new Set(await openAll(world, offerId, hashes));
  const writes = await collectWrites(
    world.audit,
    `${ids.size} leases to have all their objects`,
    (call) => isOperators(call) && ids.has(leaseOf(call) ?? ""),
    (seen) => creations(seen).length >= ids.size * objectsALease,
  );
  const after = [await cpuSeconds(pid), await cpuSeconds(world.apiServer)] as const;
  return summarizeRun(writes, after[0] - before[0], after[1] - before[1]);
}

/** The bare client writes the same for as many leases. What it made of ComputeLeases is removed afterwards. */
export async function measureBare(
  world: BenchWorld,
  recording: Recording,
  selection: Selection,
  count: number,
  firstId: number,
): Promise<ThroughputRun> {
  const { cluster, audit } = world;
  const ids = Array.from({ length: count }, (_, index) => String(REPLAYED_FROM + firstId + index));
  const leases = ids.map((id, index) => {
    const model = recording.leases[index % recording.leases.length];
    if (model === undefined) throw new Error("nothing was recorded");
    return planReplay(model.calls, selection, model.id, id);
  });
  const { url, caFile, token } = cluster;
  const work: BareWork = { url, caFile, token, connections: CONNECTIONS, concurrency: CONCURRENCY, leases };
  const file = join(cluster.dir, "bare-work.json");
  await writeFile(file, JSON.stringify(work));
  await audit.read();
  const before = await cpuSeconds(world.apiServer);
  const result = parseResult(await run(process.execPath, ["--max-semi-space-size=16", bareClient, file]));
  const serverCpuSeconds = (await cpuSeconds(world.apiServer)) - before;
  if (result.failures.length > 0) throw new Error(`the bare client was refused:\n${result.failures.join("\n")}`);
  const isBare = ({ userAgent }: AuditedCall): boolean => userAgent === "bare";
  const writes = await collectWrites(audit, "the bare client's writes", isBare, (seen) => seen.length > 0, 0.5);
  await removeLeases(world, ids);
  return summarizeRun(writes, result.cpuSeconds, serverCpuSeconds);
}

function summarizeRun(
  writes: readonly AuditedCall[],
  writerCpuSeconds: number,
  serverCpuSeconds: number,
): ThroughputRun {
  const created = creations(writes);
  const startedAt = Math.min(...writes.map(({ receivedAt }) => receivedAt));
  const endedAt = Math.max(...created.map(({ completedAt }) => completedAt));
  const seconds = (endedAt - startedAt) / 1000;
  const kinds = countByName(writes);
  return { objects: created.length, writes: writes.length, seconds, writerCpuSeconds, serverCpuSeconds, kinds };
}

/** Else the operator would look at them for ever: no network knows them. */
async function removeLeases({ kube }: BenchWorld, ids: readonly string[]): Promise<void> {
  const remove = async (id: string): Promise<void> => {
    const ref = { name: `market-${id}` };
    await kube.mergePatch(computeLeases, ref, { metadata: { finalizers: null } }, { fieldManager: "setup" });
    await kube.delete(computeLeases, ref);
  };
  await Promise.all(ids.map(remove));
}

function parseResult(text: string): BareResult {
  // Our own child's stdout: the type holds.
  const result: BareResult = JSON.parse(text);
  return result;
}
