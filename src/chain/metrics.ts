/** How a look at the ledger ended; `refused`: the block was not believed (see HeadRefused). */
export type TickOutcome = "unchanged" | "snapshot" | "disagreement" | "refused" | "error";

export type BreakerState = "closed" | "open" | "half-open";

/** Everything that `src/chain` reports; telemetry implements it. */
export interface ChainMetrics {
  /** `outcome`: `success`, `rpc_error`, `unreachable`, `throttled` or `wrong_chain`. */
  requestFinished(endpoint: string, method: string, outcome: string, seconds: number): void;
  breakerState(endpoint: string, state: BreakerState): void;
  /** Blocks behind the highest head known. */
  headLag(endpoint: string, blocks: number): void;
  ledgerTick(tier: "head" | "final", outcome: TickOutcome): void;
  laneDepth(depth: number): void;
  /** `outcome`: `mined`, `reverted`, `abandoned`. */
  transactionFinished(outcome: string, seconds: number): void;
  /** A fee bump or a rebroadcast was sent. */
  transactionRepeated(kind: "bump" | "rebroadcast"): void;
  feePaid(wei: bigint): void;
}

/** Counts nothing: the default. */
export const noMetrics: ChainMetrics = {
  requestFinished() {},
  breakerState() {},
  headLag() {},
  ledgerTick() {},
  laneDepth() {},
  transactionFinished() {},
  transactionRepeated() {},
  feePaid() {},
};
