import type { JournalTransaction } from "./journal.ts";

/** What a transaction in flight needs when no receipt is there. */
export type NextStep = "wait" | "rebroadcast" | "bump";

export interface AttemptPolicy {
  /** Sent again, as it is, after this long: a node may have forgotten it. */
  readonly rebroadcastSeconds: number;
  /** Signed again with higher fees after this long. */
  readonly bumpSeconds: number;
}

/**
 * Decides by the clock. `broadcastAtSeconds` is when this process last sent it: a restart sends at once what was only
 * written ahead.
 */
export function nextStep(
  transaction: JournalTransaction,
  broadcastAtSeconds: number | undefined,
  nowSeconds: number,
  policy: AttemptPolicy,
): NextStep {
  if (broadcastAtSeconds === undefined) return "rebroadcast";
  const newest = transaction.attempts.at(-1);
  if (newest !== undefined && nowSeconds - newest.signedAtSeconds >= policy.bumpSeconds) return "bump";
  return nowSeconds - broadcastAtSeconds >= policy.rebroadcastSeconds ? "rebroadcast" : "wait";
}
