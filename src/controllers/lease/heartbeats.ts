import { type Metering, servedSince } from "./metering.ts";

/** One live lease as the heartbeat schedule sees it. */
export interface MeteredLease {
  readonly leaseId: string;
  readonly metering: Metering;
  readonly windowSeconds: number;
  readonly fundedSeconds: number;
  /** A last word is wanted at once: the runway is used up. At a notice's end the last word goes with the close. */
  readonly isUrgent: boolean;
}

export interface HeartbeatPlan {
  readonly heartbeats: readonly { readonly leaseId: string; readonly servedSeconds: number }[];
  /** Seconds of chain time until the next one falls due; undefined when nothing accrues. */
  readonly nextInSeconds: number | undefined;
}

/**
 * Decides which leases to heartbeat now. One due lease takes all others along whose service is worth a word, since a
 * transaction's base cost is shared (design §6). Due after a third of the window, so that two may fail before a second is lost.
 */
export function planHeartbeats(leases: readonly MeteredLease[], nowSeconds: number): HeartbeatPlan {
  let nextInSeconds: number | undefined;
  let isDue = false;
  const claims: { leaseId: string; servedSeconds: number }[] = [];
  for (const lease of leases) {
    const { metering, windowSeconds } = lease;
    const unbilled = lease.fundedSeconds - metering.billedSeconds;
    const servedSeconds = Math.min(servedSince(metering, nowSeconds), windowSeconds, unbilled);
    if (servedSeconds < 1) {
      if (metering.accruing && unbilled > 0) nextInSeconds = Math.min(nextInSeconds ?? 1, 1);
      continue;
    }
    claims.push({ leaseId: lease.leaseId, servedSeconds });
    // The first heartbeat activates the lease, so it is due as soon as there is anything to say.
    const intervalSeconds = metering.billedSeconds === 0 || lease.isUrgent ? 0 : Math.floor(windowSeconds / 3);
    const inSeconds = metering.heartbeatSeconds + intervalSeconds - nowSeconds;
    if (inSeconds <= 0) isDue = true;
    else nextInSeconds = Math.min(nextInSeconds ?? inSeconds, inSeconds);
  }
  if (!isDue) return { heartbeats: [], nextInSeconds };
  return { heartbeats: claims, nextInSeconds: Math.min(nextInSeconds ?? REFRESH_SECONDS, REFRESH_SECONDS) };
}

/** A claim that waits for its transaction (endpoints away, fees too high) grows meanwhile: it is made anew this often. */
const REFRESH_SECONDS = 5;
