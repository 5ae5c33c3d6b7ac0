import { errorText } from "./errors.ts";

/** One call of a transaction and the keys of the intents that it serves. */
export interface Call {
  readonly to: string;
  readonly data: string;
  readonly intentKeys: readonly string[];
}

export interface Preflight {
  /** Calls that pass. */
  readonly calls: readonly Call[];
  /** Why an intent cannot be done now, by its key. */
  readonly refused: ReadonlyMap<string, string>;
}

type Encode<I> = (intents: ReadonlyMap<string, I>) => readonly Call[];
/** Why a call reverts, or undefined when it passes. @throws when it cannot be run */
type DryRun = (call: Call) => Promise<string | undefined>;

/**
 * Runs every call dry, alone, so that one that reverts takes nothing with it but its own intents (law 7). A reverting
 * call that serves several is halved until the culprit stands alone: about 2 log₂ n dry runs for one among n. So are
 * intents that cannot even be encoded.
 */
export async function preflight<I>(
  intents: ReadonlyMap<string, I>,
  encode: Encode<I>,
  dryRun: DryRun,
): Promise<Preflight> {
  let calls: readonly Call[];
  try {
    calls = encode(intents);
  } catch (error) {
    return await isolate([...intents.keys()], errorText(error), intents, encode, dryRun);
  }
  return merged(await Promise.all(calls.map((call) => examine(call, intents, encode, dryRun))));
}

async function examine<I>(
  call: Call,
  intents: ReadonlyMap<string, I>,
  encode: Encode<I>,
  dryRun: DryRun,
): Promise<Preflight> {
  const reason = await dryRun(call);
  if (reason === undefined) return { calls: [call], refused: new Map() };
  return await isolate(call.intentKeys, reason, intents, encode, dryRun);
}

/** Something is wrong with one of these: tries each half by itself. */
async function isolate<I>(
  keys: readonly string[],
  reason: string,
  intents: ReadonlyMap<string, I>,
  encode: Encode<I>,
  dryRun: DryRun,
): Promise<Preflight> {
  if (keys.length <= 1) return { calls: [], refused: new Map(keys.map((key) => [key, reason])) };
  const middle = Math.ceil(keys.length / 2);
  const halves = [keys.slice(0, middle), keys.slice(middle)];
  return merged(await Promise.all(halves.map((half) => preflight(only(intents, half), encode, dryRun))));
}

function merged(results: readonly Preflight[]): Preflight {
  return {
    calls: results.flatMap(({ calls }) => calls),
    refused: new Map(results.flatMap(({ refused }) => [...refused])),
  };
}

function only<I>(intents: ReadonlyMap<string, I>, keys: readonly string[]): ReadonlyMap<string, I> {
  const wanted = new Set(keys);
  return new Map([...intents].filter(([key]) => wanted.has(key)));
}
