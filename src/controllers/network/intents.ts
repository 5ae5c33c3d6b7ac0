import type { Intent } from "../../networks/driver.ts";

/** All wishes about one lease, but for its heartbeats, begin so. */
export function leaseIntents(leaseId: string): string {
  return `lease/${leaseId}/`;
}

/** The lease that a wish is about, if it is about one. */
export function leaseOfIntent(key: string): string | undefined {
  return /^lease\/([0-9]+)\//.exec(key)?.[1];
}

/** All wishes about the listings of one ComputeOffer begin so. */
export function offerIntents(offer: string): string {
  return `offer/${offer}/`;
}

/** All heartbeats begin so. */
export const heartbeatIntents = "heartbeat/";

/** The name of a wish about a lease: one of each kind, a later one replaces an earlier. */
export function leaseIntentKey(leaseId: string, kind: Intent["kind"]): string {
  return `${leaseIntents(leaseId)}${kind}`;
}

/** The name of a wish about one listing, or about one that is not there yet. */
export function offerIntentKey(offer: string, intent: Intent): string {
  return `${offerIntents(offer)}${intent.kind === "SetCapacity" ? intent.offerId : intent.kind}`;
}
