import { mkdir, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { dirname } from "node:path";
import type { ChainProxy } from "./chain-proxy.ts";
import { startChainProxy } from "./chain-proxy.ts";
import { type LatencyRun, measureOpening } from "./latency.ts";
import { countLife, type LifeCalls } from "./life.ts";
import { describeMachine } from "./machine.ts";
import { uploadManifests } from "./openings.ts";
import { settled } from "./operator-writes.ts";
import { type BenchOptions, parseOptions } from "./options.ts";
import { progress } from "./progress.ts";
import { type Findings, report } from "./report.ts";
import { measureQuiet, measureRestart, type RestartRun } from "./restart.ts";
import { measureBare, measureOperator, type Recording, recordOperator, type ThroughputRun } from "./throughput.ts";
import { type BenchWorld, startBenchWorld } from "./world.ts";

const RECORDED = 8;

/** Everything that needs nothing but an API server and a chain, on one of each. */
async function measureAlone(options: BenchOptions): Promise<Omit<Findings, "lives" | "options">> {
  const { leases, repetitions, restartLeases, openings } = options;
  const burst = restartLeases - RECORDED - leases * repetitions;
  if (burst < 1) throw new Error("--restart-leases must be more than 8 + leases × repetitions");
  let proxy: ChainProxy | undefined;
  const world = await startBenchWorld({
    gpus: restartLeases + openings,
    isWhole: false,
    chainUrl: async (chain) => {
      proxy = await startChainProxy(chain);
      return proxy.url;
    },
  });
  try {
    if (proxy === undefined) throw new Error("the world was not told of the proxy");
    progress("sealing and storing manifests");
    const hashes = await uploadManifests(world, restartLeases + openings);
    const take = (count: number): readonly string[] => hashes.splice(0, count);
    progress("recording what the operator writes");
    const recording = await recordOperator(world, take(RECORDED));
    const throughput = await compareWriters(world, recording, options, take);
    progress(`${burst} leases at once`);
    let operator = await world.startOperator();
    const burstRun = await measureOperator(world, operator, take(burst), recording);
    await settled(world.audit);
    const restarts: RestartRun[] = [];
    for (let round = 1; round <= repetitions; round++) {
      progress(`restart ${round} of ${repetitions} with ${restartLeases} leases`);
      await operator.running.kill();
      const measured = await measureRestart(world, restartLeases);
      restarts.push(measured.run);
      operator = measured.operator;
    }
    progress(`watching it do nothing for ${options.quietSeconds} s`);
    const quiet = await measureQuiet(world, operator, options.quietSeconds);
    const latencies = await measureOpenings(world, proxy, take(openings), recording.objectsALease);
    await operator.running.stop();
    const { objectsALease } = recording;
    const machine = await describeMachine(world.cluster);
    return { machine, throughput: { ...throughput, burst: burstRun, objectsALease }, restarts, quiet, latencies };
  } finally {
    await world.stop();
    await proxy?.stop();
  }
}

/** The writers take turns, so that a drift of the machine touches all of them. Nobody else runs while one is measured. */
async function compareWriters(
  world: BenchWorld,
  recording: Recording,
  { leases, repetitions }: BenchOptions,
  take: (count: number) => readonly string[],
): Promise<Pick<Findings["throughput"], "operator" | "bareObjects" | "bareCalls">> {
  const operatorRuns: ThroughputRun[] = [];
  const bareObjects: ThroughputRun[] = [];
  const bareCalls: ThroughputRun[] = [];
  for (let round = 0; round < repetitions; round++) {
    progress(`writers, round ${round + 1} of ${repetitions}: operator, then the bare client twice`);
    const operator = await world.startOperator();
    operatorRuns.push(await measureOperator(world, operator, take(leases), recording));
    await operator.running.stop();
    bareObjects.push(await measureBare(world, recording, "objects", leases, 2 * round * leases));
    bareCalls.push(await measureBare(world, recording, "calls", leases, (2 * round + 1) * leases));
  }
  return { operator: operatorRuns, bareObjects, bareCalls };
}

async function measureOpenings(
  world: BenchWorld,
  proxy: ChainProxy,
  hashes: readonly string[],
  objectsALease: number,
): Promise<readonly LatencyRun[]> {
  const offerId = await world.offerId();
  await world.chain.rpc("evm_setAutomine", [true]);
  const runs: LatencyRun[] = [];
  for (const hash of hashes) {
    if (runs.length % 10 === 0) progress(`opening ${runs.length + 1} of ${hashes.length}, one at a time`);
    runs.push(await measureOpening(world, proxy, { offerId, hash }, objectsALease, Math.random));
  }
  return runs;
}

async function measureLives({ lives }: BenchOptions): Promise<readonly LifeCalls[]> {
  const world = await startBenchWorld({ gpus: 8, isWhole: true });
  try {
    const hashes = await uploadManifests(world, lives);
    const operator = await world.startOperator();
    const offerId = await world.offerId();
    const counted: LifeCalls[] = [];
    for (const hash of hashes) {
      progress(`life ${counted.length + 1} of ${lives} on a whole cluster`);
      counted.push(await countLife(world, offerId, hash));
    }
    await operator.running.stop();
    return counted;
  } finally {
    await world.stop();
  }
}

const options = parseOptions(process.argv.slice(2));
const [loadBefore = 0] = loadavg();
progress("starting a control plane and a chain");
const alone = await measureAlone(options);
const lives = await measureLives(options);
const machine = [...alone.machine, ["load before the run", loadBefore.toFixed(1)] as const];
await mkdir(dirname(options.output), { recursive: true });
await writeFile(options.output, report({ ...alone, machine, options, lives }));
progress(`written to ${options.output}`);
