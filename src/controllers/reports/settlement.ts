import type { ComputeLease, ComputeLeaseStatus } from "../../api/types.gen.ts";
import type { Mismatch, ServiceMetrics } from "../../telemetry/service-metrics.ts";
import type { Caches } from "./caches.ts";

type Money = NonNullable<ComputeLeaseStatus["money"]>;

/** Counts leases whose money can't be right, whenever Prometheus asks. */
export function reportSettlement(
  { leases }: Pick<Caches, "leases">,
  metrics: Pick<ServiceMetrics, "mismatched">,
): () => void {
  return () => metrics.mismatched(countMismatches(leases.store.list()));
}

/** Leases by what is wrong with the figures that the network gave. */
export function countMismatches(leases: readonly ComputeLease[]): ReadonlyMap<Mismatch, number> {
  const counts = new Map<Mismatch, number>();
  for (const { status } of leases) {
    const mismatch = status?.money && mismatchOf(status.money);
    if (mismatch) counts.set(mismatch, (counts.get(mismatch) ?? 0) + 1);
  }
  return counts;
}

/** The contract's invariants (design §4): withdrawn ≤ earned ≤ deposit, and no second is billed that was not paid for. */
export function mismatchOf({ billedSeconds, fundedSeconds, deposit, earned, withdrawn }: Money): Mismatch | undefined {
  if (billedSeconds > fundedSeconds) return "BilledBeyondFunded";
  if (BigInt(earned) > BigInt(deposit)) return "EarnedBeyondDeposit";
  return BigInt(withdrawn) > BigInt(earned) ? "WithdrawnBeyondEarned" : undefined;
}
