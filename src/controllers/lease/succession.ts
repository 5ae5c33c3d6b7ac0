import { findCondition } from "../../api/conditions.ts";
import type { ComputeLease } from "../../api/types.gen.ts";
import type { LedgerLease } from "../../networks/driver.ts";
import type { Ledger } from "../network/ledger.ts";

export interface LedgerEntries {
  readonly head: LedgerLease | undefined;
  readonly final: LedgerLease | undefined;
}

/** The lease was not on the ledger when last looked at. */
export function isMissing(lease: ComputeLease): boolean {
  const reason = findCondition(lease, "Closed")?.reason;
  return reason === "Suspect" || reason === "Void";
}

/**
 * What the ledger says of a lease. After a reorganisation its id may be another's, who must not be given what the first left:
 * then the first is not there, and the other waits until finality has decided and the first is removed.
 */
export function entriesOf(lease: ComputeLease, ledger: Pick<Ledger, "head" | "final">): LedgerEntries {
  const { leaseId } = lease.spec;
  const [head, final] = [ledger.head?.leases.get(leaseId), ledger.final?.leases.get(leaseId)];
  if (head === undefined || !isSuccessor(lease, head, final)) return { head, final };
  return { head: undefined, final: final !== undefined && isAlike(lease, final) ? final : undefined };
}

/**
 * Whether an entry is of another lease under the same id. Offer and size never change. A tenant changes by transfer; a
 * transfer of a lease whose opening is not final can't be told from another lease, so it counts as one.
 */
export function isSuccessor(lease: ComputeLease, head: LedgerLease, final: LedgerLease | undefined): boolean {
  if (isAlike(lease, head)) return false;
  if (!isSameSale(lease, head)) return true;
  return final === undefined || (final.tenant !== lease.spec.tenant && isMissing(lease));
}

function isAlike(lease: ComputeLease, entry: LedgerLease): boolean {
  return isSameSale(lease, entry) && entry.tenant === lease.spec.tenant;
}

function isSameSale({ spec }: ComputeLease, { offerId, units }: LedgerLease): boolean {
  return offerId === spec.offerId && units === spec.units;
}
