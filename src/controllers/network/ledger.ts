import type { Intent, LedgerLease, LedgerProvider, Snapshot } from "../../networks/driver.ts";

/** One network as the other controllers see it: what stands on the ledger, what time it is there, and wishes for it. */
export interface Ledger {
  readonly network: string;
  /** Both tiers have been read at least once, and recently enough to be believed (law 4). */
  hasSynced(): boolean;
  readonly head: Snapshot | undefined;
  readonly final: Snapshot | undefined;
  readonly provider: LedgerProvider | undefined;
  /** Whether a listing has been what it is at the head for less long than it takes to become final. */
  isListingRecent(offerId: string): boolean;
  /** The network's own time, carried forward from the newest block by the local clock. */
  nowSeconds(): number;
  /** Says what should be true on the network. Replaces what was said under the same key before. */
  submit(key: string, intent: Intent): void;
  /** Takes back every wish whose key starts so and is not among those to keep. */
  withdraw(prefix: string, except?: ReadonlySet<string>): void;
  /** Private X25519 keys, by public key hex, to which manifests may have been sealed. */
  openManifest(envelope: Uint8Array, lease: Pick<LedgerLease, "tenant">): Promise<string>;
}

/** The networks that are connected now, by the ComputeNetwork's name. */
export interface Ledgers {
  get(network: string): Ledger | undefined;
}
