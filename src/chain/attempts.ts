import type { JournalTransaction } from "./journal.ts";

/** What a transaction in flight needs when no receipt is there. */
export type NextStep =
  | "wait"
  /** Look whether the nodes still know it, and send it again if not. */
  | "look"
  | "rebroadcast"
  | "bump";

export interface AttemptPolicy {
  /** Sent again, as it is, after this long: a node may have forgotten it. */
  readonly rebroadcastSeconds: number;
  /** A node that took it shows it after this long, or has forgotten it: evicted, or gone with the block of a reorganisation. */
  readonly showSeconds: number;
  /** Signed again with higher fees after this long. */
  readonly bumpSeconds: number;
}

/** What this process knows of the last time that it sent the transaction. */
export interface LastBroadcast {
  readonly atSeconds: number;
  /** The account could pay for it. */
  readonly isAffordable: boolean;
  /** A node has taken it. */
  readonly isAccepted: boolean;
}

/**
 * Decides by the clock. `last` is undefined when this process has not sent it: a restart sends at once what was only
 * written ahead. What the account can't pay is not made dearer: it would take the larger a deposit the longer it waits.
 */
export function nextStep(
  transaction: JournalTransaction,
  last: LastBroadcast | undefined,
  nowSeconds: number,
  policy: AttemptPolicy,
): NextStep {
  if (last === undefined) return "rebroadcast";
  const newest = transaction.attempts.at(-1);
  const isOld = newest !== undefined && nowSeconds - newest.signedAtSeconds >= policy.bumpSeconds;
  if (isOld && last.isAffordable) return "bump";
  const silentSeconds = nowSeconds - last.atSeconds;
  if (silentSeconds >= policy.rebroadcastSeconds) return "rebroadcast";
  return last.isAccepted && silentSeconds >= policy.showSeconds ? "look" : "wait";
}
