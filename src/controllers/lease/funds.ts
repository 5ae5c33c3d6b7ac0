import type { LedgerLease } from "../../networks/driver.ts";

export interface FundsPolicy {
  /** Runway under which the tenant is warned. */
  readonly warnSeconds: number;
  /** How long a suspended lease keeps its volumes and reservation before the provider closes it. */
  readonly graceSeconds: number;
}

/** What a lease's remaining runway asks for. Runway is in whole seconds of paid service left. */
export type FundsDecision =
  | { readonly kind: "ok"; readonly runwaySeconds: number }
  | { readonly kind: "warn"; readonly runwaySeconds: number }
  /** Scale to zero, keep volumes and reservation. `isBilled`: the chain has credited all that was paid for. */
  | {
      readonly kind: "exhausted";
      readonly sinceSeconds: number;
      readonly isBilled: boolean;
      readonly isGraceOver: boolean;
      readonly graceLeftSeconds: number;
    };

export interface FundsInput {
  readonly entry: LedgerLease;
  /** Served since the last heartbeat and not yet billed. */
  readonly unbilledSeconds: number;
  /** Chain time at which the lease was suspended for lack of funds, when it is. */
  readonly exhaustedSinceSeconds: number | undefined;
  readonly nowSeconds: number;
}

/** Decides on funds. Pure: the caller acts. A top-up shows as a longer `fundedSeconds`, and the lease resumes by itself. */
export function decideFunds(input: FundsInput, policy: FundsPolicy): FundsDecision {
  const { entry, unbilledSeconds, nowSeconds } = input;
  const runwaySeconds = entry.fundedSeconds - entry.billedSeconds - unbilledSeconds;
  if (runwaySeconds <= 0) {
    const sinceSeconds = input.exhaustedSinceSeconds ?? nowSeconds;
    const graceLeftSeconds = Math.max(0, sinceSeconds + policy.graceSeconds - nowSeconds);
    const isBilled = entry.billedSeconds >= entry.fundedSeconds;
    return { kind: "exhausted", sinceSeconds, isBilled, isGraceOver: graceLeftSeconds === 0, graceLeftSeconds };
  }
  return { kind: runwaySeconds < policy.warnSeconds ? "warn" : "ok", runwaySeconds };
}
