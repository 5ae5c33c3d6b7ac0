import type { Ledger } from "../../../src/controllers/network/ledger.ts";
import type {
  Intent,
  LedgerLease,
  LedgerOffer,
  LedgerPoint,
  LedgerProvider,
  OfferTerms,
  Snapshot,
} from "../../../src/networks/driver.ts";

export const tenant = `0x${"ab".repeat(20)}`;
export const token = `0x${"22".repeat(20)}`;
export const noManifest = `0x${"0".repeat(64)}`;
export const someHash = `0x${"5e".repeat(32)}`;

export function ledgerLease(changes: Partial<LedgerLease> = {}): LedgerLease {
  return {
    id: "7",
    offerId: "1",
    tenant,
    units: 2,
    state: "Active",
    token,
    pricePerHour: 7200n,
    deposit: 7200n,
    withdrawn: 0n,
    fundedSeconds: 3600,
    billedSeconds: 0,
    lastHeartbeatSeconds: 1000,
    heartbeatWindowSeconds: 300,
    manifestHash: noManifest,
    noticeEndsAtSeconds: undefined,
    closeReason: undefined,
    ...changes,
  };
}

export function offerTerms(changes: Partial<OfferTerms> = {}): OfferTerms {
  return {
    token,
    pricePerUnitHour: 3600n,
    heartbeatWindowSeconds: 300,
    minSeconds: 60,
    noticeSeconds: 600,
    specHash: `0x${"77".repeat(32)}`,
    ...changes,
  };
}

export function ledgerOffer(changes: Partial<LedgerOffer> = {}): LedgerOffer {
  return { id: "1", providerId: "1", terms: offerTerms(), capacityUnits: 8, leasedUnits: 0, isOpen: true, ...changes };
}

export const provider: LedgerProvider = {
  id: "1",
  owner: `0x${"01".repeat(20)}`,
  operator: `0x${"02".repeat(20)}`,
  payout: `0x${"03".repeat(20)}`,
  manifestKey: "04".repeat(32),
};

export function point(number: bigint, timestampSeconds = 1000): LedgerPoint {
  return { number, hash: `0x${number.toString(16).padStart(64, "0")}`, timestampSeconds };
}

export function snapshot(
  at: LedgerPoint,
  leases: readonly LedgerLease[] = [],
  offers: readonly LedgerOffer[] = [],
): Snapshot {
  return {
    point: at,
    version: String(at.number),
    provider,
    offers: new Map(offers.map((offer) => [offer.id, offer])),
    leases: new Map(leases.map((lease) => [lease.id, lease])),
  };
}

/** A ledger that says what the test says, and remembers the wishes of the operator. Manifests are "sealed" as plain text. */
export class HandLedger implements Ledger {
  readonly network: string;
  readonly wishes = new Map<string, Intent>();
  isSynced = true;
  seconds = 1000;
  head: Snapshot | undefined;
  final: Snapshot | undefined;

  constructor(network: string) {
    this.network = network;
  }

  /** Both tiers show the same. */
  show(leases: readonly LedgerLease[], offers: readonly LedgerOffer[], block: bigint): void {
    this.head = snapshot(point(block, this.seconds), leases, offers);
    this.final = this.head;
  }

  get provider(): LedgerProvider | undefined {
    return this.head?.provider;
  }

  hasSynced(): boolean {
    return this.isSynced;
  }

  isListingRecent(): boolean {
    return this.head?.point.number !== this.final?.point.number;
  }

  nowSeconds(): number {
    return this.seconds;
  }

  submit(key: string, intent: Intent): void {
    this.wishes.set(key, intent);
  }

  withdraw(prefix: string, except: ReadonlySet<string> = new Set()): void {
    for (const key of this.wishes.keys()) if (key.startsWith(prefix) && !except.has(key)) this.wishes.delete(key);
  }

  async openManifest(envelope: Uint8Array): Promise<string> {
    return Buffer.from(envelope).toString("utf8");
  }
}
