import type { Intent, ProviderCloseReason, Snapshot } from "../../networks/driver.ts";

/** What these say is that nothing was billed and all is refunded. */
const unserved: ReadonlySet<ProviderCloseReason> = new Set(["NeverServed", "Unplaceable", "ManifestTimeout"]);

/**
 * Of the wishes about to be sent, all but those that would tell a tenant what is not so: a close that says that nothing was
 * served, of a lease of which a heartbeat was billed since the wish was made, and a first heartbeat beside such a close. What
 * is kept back is wished anew, or no more, after the lease's next pass. Pure.
 */
export function truthfulCloses(
  wishes: ReadonlyMap<string, Intent>,
  head: Pick<Snapshot, "point" | "leases"> | undefined,
  writtenAt: bigint | undefined,
): ReadonlyMap<string, Intent> {
  const isBehind = head === undefined || (writtenAt !== undefined && head.point.number < writtenAt);
  const isUnbilled = (leaseId: string): boolean => !isBehind && head.leases.get(leaseId)?.billedSeconds === 0;
  const refunding = [...wishes.values()].flatMap((wish) =>
    wish.kind === "Close" && unserved.has(wish.reason) ? [wish.leaseId] : [],
  );
  const closing = new Set(refunding.filter(isUnbilled));
  const isTrue = (wish: Intent): boolean => {
    if (wish.kind === "Heartbeat") return !closing.has(wish.leaseId);
    return wish.kind !== "Close" || !unserved.has(wish.reason) || closing.has(wish.leaseId);
  };
  return new Map([...wishes].filter(([, wish]) => isTrue(wish)));
}
