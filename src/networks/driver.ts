/**
 * What a compute network is to Berthage, in neutral words. A second network is a new folder beside `market/` and
 * nothing else: epochs instead of seconds, per-resource prices, collateral or bids stay behind this line.
 *
 * A driver is read like an API server (list at a point, cheap version to know whether to list again) and written by
 * intents: what should be true on the network, derived from state on every pass and never stored (design §5, §6).
 */

/** A place in the network's history at which everything is consistent: an EVM block. */
export interface LedgerPoint {
  readonly number: bigint;
  readonly hash: string;
  /** Seconds since the epoch, by the network's own clock. */
  readonly timestampSeconds: number;
}

/** `head` may be undone by a reorganisation; what is `final` may be acted on irreversibly (law 2). */
export type Tier = "head" | "final";

export interface LedgerProvider {
  readonly id: string;
  readonly owner: string;
  readonly operator: string;
  readonly payout: string;
  /** X25519 public key, 32 bytes hex, to which tenants seal manifests. */
  readonly manifestKey: string;
}

/** The terms that a tenant buys. A change of any of them is another offer on the network. */
export interface OfferTerms {
  readonly token: string;
  /** Smallest token units for one unit and one hour. */
  readonly pricePerUnitHour: bigint;
  readonly heartbeatWindowSeconds: number;
  readonly minSeconds: number;
  readonly noticeSeconds: number;
  /** keccak256 of what is sold (unit shape, isolation); ties the listing to a ComputeOffer. */
  readonly specHash: string;
}

export interface LedgerOffer {
  readonly id: string;
  readonly providerId: string;
  readonly terms: OfferTerms;
  readonly capacityUnits: number;
  readonly leasedUnits: number;
  readonly isOpen: boolean;
}

export type CloseReason =
  | "TenantClosed"
  | "Unplaceable"
  | "NoticeElapsed"
  | "FundsExhausted"
  | "NeverServed"
  | "ManifestTimeout"
  | "Abandoned"
  | "Unspecified";

/** Reasons that a provider may give. */
export type ProviderCloseReason = Exclude<CloseReason, "TenantClosed" | "Abandoned" | "Unspecified">;

export interface LedgerLease {
  readonly id: string;
  readonly offerId: string;
  readonly tenant: string;
  readonly units: number;
  readonly state: "Active" | "Closed";
  readonly token: string;
  /** For all units together, smallest token units per hour. */
  readonly pricePerHour: bigint;
  readonly deposit: bigint;
  readonly withdrawn: bigint;
  readonly fundedSeconds: number;
  readonly billedSeconds: number;
  /** Time of the last heartbeat (of the opening, before the first). */
  readonly lastHeartbeatSeconds: number;
  readonly heartbeatWindowSeconds: number;
  /** keccak256 of the sealed manifest, or 32 zero bytes when the tenant named none yet. */
  readonly manifestHash: string;
  readonly noticeEndsAtSeconds: number | undefined;
  readonly closeReason: CloseReason | undefined;
}

export interface Snapshot {
  readonly point: LedgerPoint;
  readonly version: string;
  /** Absent while this operator is not registered on the network. */
  readonly provider: LedgerProvider | undefined;
  /** All offers of this provider, by id. */
  readonly offers: ReadonlyMap<string, LedgerOffer>;
  /** Active leases of this provider and the `known` ones that exist, by id. */
  readonly leases: ReadonlyMap<string, LedgerLease>;
}

/** So many units of a listing and no more, and whether it takes new leases. */
export type Listed = Pick<LedgerOffer, "id" | "capacityUnits" | "isOpen">;

/** More for sale. It counts only beside these listings, also in a history that replaces this one: where they lease more, nothing grows. */
interface Growth {
  readonly beside?: readonly Listed[];
}

/** What should be true on the network. */
export type Intent =
  | (Growth & { readonly kind: "PublishOffer"; readonly terms: OfferTerms; readonly capacityUnits: number })
  | (Growth & {
      readonly kind: "SetCapacity";
      readonly offerId: string;
      readonly capacityUnits: number;
      readonly isOpen: boolean;
    })
  | { readonly kind: "Heartbeat"; readonly leaseId: string; readonly servedSeconds: number }
  | { readonly kind: "Settle"; readonly leaseId: string }
  | { readonly kind: "GiveNotice"; readonly leaseId: string }
  | { readonly kind: "Close"; readonly leaseId: string; readonly reason: ProviderCloseReason };

/** One call that the lane may put into a transaction, and the intents that it serves (by their keys). */
export interface EncodedCall {
  readonly to: string;
  readonly data: string;
  readonly intentKeys: readonly string[];
}

/** Which of the neutral abilities a network has; a controller never asks for one that is absent. */
export interface NetworkFeatures {
  readonly heartbeats: boolean;
  readonly notice: boolean;
  readonly settlement: boolean;
  /** `Gateway`: the tenant uploads a sealed manifest; `Ledger`: a pointer stands on the network. */
  readonly manifestDelivery: "Gateway" | "Ledger";
}

/** Identity checks that a network must pass before anything read from it is believed. */
export interface NetworkIdentity {
  readonly chainId: bigint;
  readonly genesisHash: string;
  readonly codeHash: string;
}

export interface NetworkDriver {
  readonly name: string;
  readonly features: NetworkFeatures;
  /** The network as its endpoints present it now. Throws when they disagree with what the resource says. */
  identify(signal: AbortSignal): Promise<NetworkIdentity>;
  /** The newest point of a tier. */
  point(tier: Tier, signal: AbortSignal): Promise<LedgerPoint>;
  /** A word that changes with every write that concerns this provider; read at exactly that point. */
  version(point: LedgerPoint, signal: AbortSignal): Promise<string>;
  /** Everything of this provider at exactly that point; `known` leases are included even when closed. */
  snapshot(point: LedgerPoint, known: readonly string[], signal: AbortSignal): Promise<Snapshot>;
  /** As few calls as the network allows; an intent that another one makes needless is left out. */
  encode(intents: ReadonlyMap<string, Intent>, provider: LedgerProvider): readonly EncodedCall[];
  /** Puts calls that each passed a dry run into one. */
  bundle(calls: readonly EncodedCall[]): EncodedCall;
  /** The network's own error (ABI-encoded revert data) in words. */
  explain(revertData: string): string;
}
