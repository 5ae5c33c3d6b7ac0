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

/**
 * Runs every call dry, alone, so that one that reverts takes nothing with it but its own intents (law 7). A reverting
 * call that serves several is halved until the culprit stands alone: log₂ n dry runs for one among n.
 * `dryRun` answers why the call reverts, or undefined, and throws when it cannot be run.
 */
export async function preflight<I>(
  intents: ReadonlyMap<string, I>,
  encode: (intents: ReadonlyMap<string, I>) => readonly Call[],
  dryRun: (call: Call) => Promise<string | undefined>,
): Promise<Preflight> {
  const results = await Promise.all(encode(intents).map((call) => examine(call, intents, encode, dryRun)));
  return {
    calls: results.flatMap(({ calls }) => calls),
    refused: new Map(results.flatMap(({ refused }) => [...refused])),
  };
}

async function examine<I>(
  call: Call,
  intents: ReadonlyMap<string, I>,
  encode: (intents: ReadonlyMap<string, I>) => readonly Call[],
  dryRun: (call: Call) => Promise<string | undefined>,
): Promise<Preflight> {
  const reason = await dryRun(call);
  if (reason === undefined) return { calls: [call], refused: new Map() };
  const keys = call.intentKeys;
  if (keys.length <= 1) return { calls: [], refused: new Map(keys.map((key) => [key, reason])) };
  const middle = Math.ceil(keys.length / 2);
  const [first, second] = await Promise.all(
    [keys.slice(0, middle), keys.slice(middle)].map((half) => preflight(only(intents, half), encode, dryRun)),
  );
  return {
    calls: [...(first?.calls ?? []), ...(second?.calls ?? [])],
    refused: new Map([...(first?.refused ?? []), ...(second?.refused ?? [])]),
  };
}

function only<I>(intents: ReadonlyMap<string, I>, keys: readonly string[]): ReadonlyMap<string, I> {
  const wanted = new Set(keys);
  return new Map([...intents].filter(([key]) => wanted.has(key)));
}
