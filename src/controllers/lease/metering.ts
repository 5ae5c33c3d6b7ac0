import type { LedgerLease } from "../../networks/driver.ts";

/**
 * Served seconds since the last heartbeat, in chain time. Written only when the lease starts or stops accruing and when a
 * heartbeat lands, so a converged lease costs no writes (law 9) and a restart loses nothing (law 5).
 */
export interface Metering {
  /** Chain time of the heartbeat from which this record counts. */
  readonly heartbeatSeconds: number;
  /** Seconds billed on chain at that heartbeat. */
  readonly billedSeconds: number;
  /** Seconds served between that heartbeat and `sinceSeconds`. */
  readonly servedSeconds: number;
  readonly sinceSeconds: number;
  readonly accruing: boolean;
}

/** Seconds served since the record's heartbeat, as of `nowSeconds` of chain time. Never negative. */
export function servedSince(metering: Metering, nowSeconds: number): number {
  const running = metering.accruing ? Math.max(0, nowSeconds - metering.sinceSeconds) : 0;
  return metering.servedSeconds + running;
}

/**
 * The record after what is now known: a newer heartbeat on chain, a change of accrual, or neither, in which case the very
 * same record comes back. What was served in silence longer than the window is dropped with the heartbeat that ends it:
 * silence is never billed (design §4).
 */
export function meter(
  previous: Metering | undefined,
  entry: LedgerLease,
  accruing: boolean,
  nowSeconds: number,
): Metering {
  const base = previous ?? {
    heartbeatSeconds: entry.lastHeartbeatSeconds,
    billedSeconds: entry.billedSeconds,
    servedSeconds: 0,
    sinceSeconds: nowSeconds,
    accruing: false,
  };
  const isRebased = base.heartbeatSeconds !== entry.lastHeartbeatSeconds || base.billedSeconds !== entry.billedSeconds;
  if (!isRebased && base.accruing === accruing) return base;
  // A clock that stepped back must neither take seconds away nor count again what the heartbeat has billed.
  const sinceSeconds = Math.max(base.sinceSeconds, nowSeconds, entry.lastHeartbeatSeconds);
  const served = servedSince(base, sinceSeconds);
  const credited = Math.max(0, entry.billedSeconds - base.billedSeconds);
  // Only what came after the heartbeat can still be claimed; a lease that rested since has nothing of that.
  const servedUntil = base.accruing ? sinceSeconds : base.sinceSeconds;
  const possible = Math.max(0, servedUntil - entry.lastHeartbeatSeconds);
  return {
    heartbeatSeconds: entry.lastHeartbeatSeconds,
    billedSeconds: entry.billedSeconds,
    servedSeconds: isRebased ? Math.min(Math.max(0, served - credited), possible) : served,
    sinceSeconds,
    accruing,
  };
}

/** Why a second of this lease is billable now, or why not (design §8, "What accrues"). */
export type Accrual =
  | { readonly accrues: true; readonly why: "Serving" | "TenantPart" }
  | { readonly accrues: false; readonly why: "NotActive" | "NoCapacity" | "Suspended" | "ProviderPart" };

export interface AccrualInput {
  readonly isActive: boolean;
  readonly isHeld: boolean;
  readonly isSuspended: boolean;
  /** Whose part stands between the workload and Ready; `none` when it is Ready. */
  readonly cause: "none" | "tenant" | "provider";
}

/** Decides whether the provider holds its side: capacity reserved and Ready, or only the tenant's own part in the way. */
export function decideAccrual({ isActive, isHeld, isSuspended, cause }: AccrualInput): Accrual {
  if (!isActive) return { accrues: false, why: "NotActive" };
  if (!isHeld) return { accrues: false, why: "NoCapacity" };
  if (isSuspended) return { accrues: false, why: "Suspended" };
  if (cause === "provider") return { accrues: false, why: "ProviderPart" };
  return { accrues: true, why: cause === "none" ? "Serving" : "TenantPart" };
}
