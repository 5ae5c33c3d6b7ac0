import type { AttemptPolicy } from "./attempts.ts";
import type { ChainClient, Receipt } from "./client.ts";
import type { Clock } from "./clock.ts";
import type { FeePolicy } from "./fees.ts";
import type { Refusal } from "./intent-queue.ts";
import type { Journal } from "./journal.ts";
import type { ChainMetrics } from "./metrics.ts";
import type { Call } from "./preflight.ts";
import type { Signer } from "./signer.ts";

export interface LaneTimings extends AttemptPolicy {
  /** Between two looks at the receipts, and while idle at the queue. */
  readonly pollSeconds: number;
  /** How long somebody else's pending transaction with this key is waited for. */
  readonly takeoverSeconds: number;
  /** Pause after somebody else used the key. */
  readonly foreignPauseSeconds: number;
}

export const defaultTimings: LaneTimings = {
  pollSeconds: 1,
  rebroadcastSeconds: 12,
  showSeconds: 2,
  bumpSeconds: 30,
  takeoverSeconds: 60,
  foreignPauseSeconds: 60,
};

export interface LaneSettings<I> {
  readonly client: ChainClient;
  readonly signer: Signer;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly fees: FeePolicy;
  /** A transaction is done when this many blocks stand on its block. */
  readonly confirmations: number;
  readonly timings?: Partial<LaneTimings>;
  readonly metrics?: ChainMetrics;
  /** Turns intents into as few calls as possible. Every key should be in one call. */
  encode(intents: ReadonlyMap<string, I>): readonly Call[];
  bundle(calls: readonly Call[]): Call;
  /**
   * Which of the due intents may be sent now; all of them when absent. `writtenAt`: the block of the last transaction, so that
   * what rests on all that was written is not judged by a view that has not seen it.
   */
  admit?(intents: ReadonlyMap<string, I>, writtenAt: bigint | undefined): ReadonlyMap<string, I>;
  /** The contract's revert data in words. */
  explain(revertData: string): string;
  /** Whether this process may still write; asked right before every signature. */
  fence(): Promise<boolean>;
  /** A transaction for these keys succeeded and is confirmed. */
  onDone?(keys: readonly string[], receipt: Receipt): void;
  /** An intent cannot be done now and is tried again later. */
  onRefused?(key: string, reason: string): void;
}

/** What keeps the lane from going on as planned, for a condition in status. */
export type LaneTrouble =
  /** The chain asks more than the ceiling, or a bump would pass it. */
  | "FeeCeiling"
  | "BudgetExhausted"
  | "LowBalance"
  /** Somebody else used the key's nonce. */
  | "ForeignNonce"
  /** Somebody else's transaction with this key waits to be mined. */
  | "ForeignPending"
  | "NonceGap"
  /** The fence said no. */
  | "NotLeader"
  /** Every node refused the transaction. */
  | "Rejected"
  /** The signer refuses or is away; see `lastError`. */
  | "SignerFailed"
  /** Endpoints or journal failed; see `lastError`. */
  | "Failing";

export interface LaneState {
  /** Intents that wait or are in flight. */
  readonly depth: number;
  /** Since when the intent that waits longest has waited. */
  readonly oldestSinceSeconds: number | undefined;
  readonly pendingNonce: number | undefined;
  readonly attempts: number;
  readonly trouble: LaneTrouble | undefined;
  readonly lastError: string | undefined;
  /** Since when the transaction in flight should have been mined. */
  readonly stuckSinceSeconds: number | undefined;
  readonly spentTodayWei: bigint;
  /** Hash of the last one that was mined. */
  readonly lastTransaction: string | undefined;
  readonly refusals: ReadonlyMap<string, Refusal>;
}
