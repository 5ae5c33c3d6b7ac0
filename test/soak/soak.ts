import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { isWrite } from "../faults/kube-call.ts";
import { history } from "../harness/history.ts";
import { type Step, step } from "./action.ts";
import { liveEpoch } from "./epoch.ts";
import { closeStage, openStage, type Stage } from "./stage.ts";
import { Tally } from "./tally.ts";
import { demand } from "./violation.ts";
import { Watch } from "./watch.ts";

export interface SoakOptions {
  /** How many things are done in all. */
  readonly actions: number;
  readonly seed: number;
  /** The least and the most that is done between two empty worlds. */
  readonly epochActions: readonly [least: number, most: number];
  /** For how long nothing may be written at the end. */
  readonly quietSeconds: number;
  /** How often a failed epoch is tried with less of it. */
  readonly tries: number;
  log(line: string): void;
  /** Keeps a script that failed. */
  keep(script: readonly Step[]): Promise<void>;
  /** Keeps what was told until a script failed. */
  keepHistory(text: string): Promise<void>;
}

export interface SoakResult {
  readonly report: string;
  /** The smallest script that was seen to fail, and how. */
  readonly failure: { readonly script: readonly Step[]; readonly why: string } | undefined;
}

/**
 * Random lives: epochs of random actions by tenants, admins, nodes, chain and faults against one world, each from an empty world
 * to an empty one. What fails is tried again with less, in a world of its own each time, to be told as a short script.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { actions, seed, tries, log } = options;
  const [least, most] = options.epochActions;
  const tally = new Tally();
  let place = await openPlace();
  let triesLeft = tries;
  let hasFailed = false;
  const live = async (steps: readonly Step[]): Promise<void> => {
    const script = hasFailed ? steps : steps.slice(0, actions - tally.actions);
    if (script.length === 0 || (hasFailed && triesLeft-- <= 0)) return;
    try {
      await liveEpoch(place.stage, place.watch, tally, script);
      const { memoryMiB, leases, actions: done } = tally;
      log(`epoch ${tally.epochs}: ${script.length} actions, in all ${done}, ${leases} leases, ${memoryMiB.at(-1)} MiB`);
      for (const proxy of [place.stage.world.faults.api, ...place.stage.world.faults.chain]) proxy.forget();
    } catch (error) {
      log(`failed with ${script.length} actions: ${error instanceof Error ? error.message : String(error)}`);
      hasFailed = true;
      await options.keep(script);
      await options.keepHistory(await history(place.stage.world));
      await place.close().catch((problem: unknown) => log(String(problem)));
      place = await openPlace();
      throw error;
    }
  };
  try {
    const epochs = fc.noBias(fc.array(step, { minLength: least, maxLength: most, size: "max" }));
    const numRuns = Math.ceil((4 * actions) / most) + 8;
    const found = await fc.check(fc.asyncProperty(epochs, live), { seed, numRuns });
    if (!found.failed) {
      tally.checkFlat();
      await stayQuiet(place.stage, options.quietSeconds);
    }
    const [script] = found.counterexample ?? [];
    const failure = script === undefined ? undefined : { script, why: messageOf(found.errorInstance) };
    return { report: tally.report(place.stage, place.watch.ledger.blocks, seed), failure };
  } finally {
    await place.close();
  }
}

/** Lives one script in a world of its own. @throws what went wrong */
export async function replay(
  script: readonly Step[],
  { keepHistory }: Pick<SoakOptions, "keepHistory">,
): Promise<string> {
  const place = await openPlace();
  const tally = new Tally();
  try {
    await liveEpoch(place.stage, place.watch, tally, script);
    return tally.report(place.stage, place.watch.ledger.blocks, 0);
  } catch (error) {
    await keepHistory(await history(place.stage.world));
    throw error;
  } finally {
    await place.close();
  }
}

interface Place {
  readonly stage: Stage;
  readonly watch: Watch;
  close(): Promise<void>;
}

async function openPlace(): Promise<Place> {
  const stage = await openStage();
  const watch = new Watch(stage);
  const close = async (): Promise<void> => {
    await watch.stop();
    await closeStage(stage);
  };
  return { stage, watch, close };
}

/** Law 9: with nothing left to do, nothing is written to either side. */
async function stayQuiet({ world }: Stage, seconds: number): Promise<void> {
  const { client, operator } = world.market;
  const nonce = await client.nonce(operator.address, "latest");
  const before = world.faults.api.calls.length;
  await delay(seconds * 1000);
  const writes = world.faults.api.calls.slice(before).filter(isWrite);
  demand(writes.length === 0, () => `${writes.map(({ method, path }) => `${method} ${path}`).join(", ")} at rest`);
  const sent = (await client.nonce(operator.address, "latest")) - nonce;
  demand(sent === 0, () => `${sent} transactions at rest`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
