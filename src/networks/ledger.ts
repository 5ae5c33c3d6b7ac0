import type { Clock } from "../chain/clock.ts";
import { LedgerInformer, type LedgerState } from "../chain/informer.ts";
import type { ChainMetrics } from "../chain/metrics.ts";
import type { LedgerLease, LedgerOffer, LedgerProvider, NetworkDriver, Snapshot } from "./driver.ts";

export type LedgerEntry = LedgerProvider | LedgerOffer | LedgerLease;

/** A network's snapshot with its parts by queue key: `provider`, `offer/3`, `lease/7`. */
export interface NetworkState extends Snapshot, LedgerState<LedgerEntry> {}

export interface LedgerOptions {
  readonly driver: NetworkDriver;
  /** Leases that the cluster knows: their entries are kept when they are closed. */
  known(): readonly string[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly periodSeconds: number;
  readonly finalPeriodSeconds?: number;
  readonly metrics?: ChainMetrics;
}

/** The informer of one network. Subscribers get the keys of `NetworkState.entries`. */
export function ledgerInformer(options: LedgerOptions): LedgerInformer<LedgerEntry, NetworkState> {
  const { driver, known, ...rest } = options;
  return new LedgerInformer<LedgerEntry, NetworkState>({
    ...rest,
    source: {
      point: (tier, signal) => driver.point(tier, signal),
      version: (point, signal) => driver.version(point, signal),
      snapshot: async (point, signal) => withEntries(await driver.snapshot(point, known(), signal)),
    },
  });
}

/** The queue key of a lease. */
export function leaseKey(leaseId: string): string {
  return `lease/${leaseId}`;
}

/** The queue key of an offer. */
export function offerKey(offerId: string): string {
  return `offer/${offerId}`;
}

export const providerKey = "provider";

function withEntries(snapshot: Snapshot): NetworkState {
  const { provider, offers, leases } = snapshot;
  const entries = new Map<string, LedgerEntry>();
  if (provider !== undefined) entries.set(providerKey, provider);
  for (const [id, offer] of offers) entries.set(offerKey(id), offer);
  for (const [id, lease] of leases) entries.set(leaseKey(id), lease);
  return { ...snapshot, entries };
}
