import { isTrue } from "../../api/conditions.ts";
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
  for (const lease of leases) {
    const { money } = lease.status ?? {};
    const mismatch = money && mismatchOf(money, isTrue(lease, "Closed"));
    if (mismatch) counts.set(mismatch, (counts.get(mismatch) ?? 0) + 1);
  }
  return counts;
}

/**
 * The contract's invariants (design §4): withdrawn ≤ earned ≤ deposit, and no second is billed that was not paid for. The end of
 * a lease withdraws all of its deposit, the tenant's refund included.
 */
function mismatchOf(money: Money, isClosed: boolean): Mismatch | undefined {
  const [deposit, earned, withdrawn] = [BigInt(money.deposit), BigInt(money.earned), BigInt(money.withdrawn)];
  if (money.billedSeconds > money.fundedSeconds) return "BilledBeyondFunded";
  if (earned > deposit) return "EarnedBeyondDeposit";
  if (withdrawn > deposit) return "WithdrawnBeyondDeposit";
  return withdrawn > earned && !isClosed ? "WithdrawnBeyondEarned" : undefined;
}
