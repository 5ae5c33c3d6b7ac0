import type { AnyInformer } from "./informers.ts";
import type { Ledger } from "./network/ledger.ts";

/** How long one who lost leadership may take to end: reconciles that run get 20 s, transactions in flight less. */
const ENDING_SECONDS = 30;

/** What keeps a process from being honest about leadership: it goes on though another may lead. Undefined when nothing does. */
export function leadershipProblem(overdueSeconds: number): string | undefined {
  if (overdueSeconds < ENDING_SECONDS) return undefined;
  return `leadership could not be renewed for ${Math.round(overdueSeconds)} s too long, and work goes on`;
}

/** Which caches are still to be filled. Undefined when all are. */
export function informersProblem(informers: readonly Pick<AnyInformer, "hasSynced">[]): string | undefined {
  const missing = informers.filter((informer) => !informer.hasSynced()).length;
  return missing === 0 ? undefined : `${missing} of ${informers.length} caches are not filled yet`;
}

/**
 * Why tenants of no network could be answered. One network that answers is enough: another's trouble is told by its own
 * conditions and must not close the gateway to the rest (law 7). Without networks there is nobody to be answered.
 */
export function networksProblem(
  names: readonly string[],
  ledgerOf: (name: string) => Pick<Ledger, "hasSynced"> | undefined,
): string | undefined {
  if (names.length === 0 || names.some((name) => ledgerOf(name)?.hasSynced() === true)) return undefined;
  return `no network was read within the last minute: ${names.join(", ")}`;
}
