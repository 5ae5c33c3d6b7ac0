import type { CloseReason, LedgerLease, LedgerPoint } from "../../networks/driver.ts";

/** What the ledger says of a lease that stands in the cluster. */
export type Existence =
  | { readonly kind: "active"; readonly entry: LedgerLease }
  | {
      readonly kind: "closed";
      readonly tier: "Head" | "Final";
      readonly reason: CloseReason;
      readonly entry: LedgerLease;
    }
  /** Vanished from the head: keep running, bill nothing, decide at finality (law 3). */
  | { readonly kind: "suspect" }
  /** Final history has passed the block at which the lease was found missing, and it is not there. */
  | { readonly kind: "void" };

export interface ExistenceInput {
  readonly head: LedgerLease | undefined;
  readonly final: LedgerLease | undefined;
  readonly finalPoint: LedgerPoint | undefined;
  /** Block number at which an earlier look found this lease missing. Not where it was first seen: it may have come back since. */
  readonly missingAtBlock: bigint | undefined;
}

/** Decides whether a lease exists. Absence in one answer proves nothing, and a close counts as final only at finality (laws 2, 3). */
export function decideExistence({ head, final, finalPoint, missingAtBlock }: ExistenceInput): Existence {
  if (head?.state === "Active") return { kind: "active", entry: head };
  if (head !== undefined) {
    const tier = final?.state === "Closed" ? "Final" : "Head";
    return { kind: "closed", tier, reason: head.closeReason ?? "Unspecified", entry: head };
  }
  const isPast = finalPoint !== undefined && missingAtBlock !== undefined && finalPoint.number >= missingAtBlock;
  return final === undefined && isPast ? { kind: "void" } : { kind: "suspect" };
}
