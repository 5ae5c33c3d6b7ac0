import { bundleThatFits, type Estimate, type SizedCall } from "./bundle.ts";
import { isRevert } from "./errors.ts";
import type { LaneSettings } from "./lane-settings.ts";
import { type Call, preflight } from "./preflight.ts";

export interface Composed {
  /** What to send; undefined when nothing can be done now. */
  readonly sized: SizedCall | undefined;
  readonly refused: ReadonlyMap<string, string>;
}

/** Turns due intents into one call that was seen to pass at the newest state. */
export async function compose<I>(
  settings: Pick<LaneSettings<I>, "client" | "signer" | "encode" | "bundle" | "explain">,
  due: ReadonlyMap<string, I>,
  signal: AbortSignal,
): Promise<Composed> {
  const { client, signer, encode, bundle, explain } = settings;
  const from = signer.address;
  const revertReason = (error: unknown): string => {
    if (!isRevert(error)) throw error;
    return error.data === undefined ? error.message : explain(error.data);
  };
  const dryRun = async ({ to, data }: Call): Promise<string | undefined> => {
    try {
      await client.call({ to, data, from }, signal);
      return undefined;
    } catch (error) {
      return revertReason(error);
    }
  };
  const estimate = async ({ to, data }: Call): Promise<Estimate> => {
    try {
      return { gas: await client.estimateGas({ to, data, from }, signal) };
    } catch (error) {
      return { reverts: revertReason(error) };
    }
  };

  const { calls, refused } = await preflight(due, encode, dryRun);
  const [first, ...rest] = calls;
  if (first === undefined) return { sized: undefined, refused };
  const bundled = await bundleThatFits([first, ...rest], bundle, estimate);
  if ("gasLimit" in bundled) return { sized: bundled, refused };
  const { call, reason } = bundled;
  return { sized: undefined, refused: new Map([...refused, ...call.intentKeys.map((key) => [key, reason] as const)]) };
}
