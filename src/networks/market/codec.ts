import type { LedgerLease, LedgerOffer, LedgerProvider } from "../driver.ts";
import { reasonOfCode } from "./reasons.ts";
import { type RecordReader, readRecords } from "./record-reader.ts";

/** Widths and layouts are part of the contract's interface: contracts/src/IComputeMarket.sol, "views". */
const PROVIDER_BYTES = 110;
const OFFER_BYTES = 89;
const LEASE_BYTES = 158;
const ID_BYTES = 6;
const HEARTBEAT_BYTES = 9;

const STATE_ACTIVE = 1;
const STATE_CLOSED = 2;

/** The end of the year 9999: the last second that RFC 3339, and so an object's status, can say. */
const LAST_SECOND = 253_402_300_799;

/** A lease as the contract keeps it: its token stands in its offer. */
export interface PackedLease {
  readonly providerId: string;
  readonly lease: Omit<LedgerLease, "token">;
  /** To whom the tenant offers the lease; the zero address for nobody. */
  readonly pendingTenant: string;
}

/** One `providerPacked` record; undefined when the provider is unknown. */
export function decodeProvider(data: string): LedgerProvider | undefined {
  const [provider] = readRecords(data, PROVIDER_BYTES, (r) => ({
    id: String(r.uint(4)),
    owner: r.address(),
    operator: r.address(),
    payout: r.address(),
    manifestKey: r.bytes32(),
  }));
  return provider?.id === "0" ? undefined : provider;
}

/** `offerPacked` or `offersPacked` records, without unknown ones. */
export function decodeOffers(data: string): LedgerOffer[] {
  return readRecords(data, OFFER_BYTES, readOffer).filter((offer) => offer.id !== "0");
}

function readOffer(r: RecordReader): LedgerOffer {
  const [id, providerId, capacityUnits, leasedUnits] = [r.uint(4), r.uint(4), r.uint(4), r.uint(4)];
  const [heartbeatWindowSeconds, minSeconds, noticeSeconds] = [r.uint(3), r.uint(3), r.uint(3)];
  const pricePerUnitHour = r.bigUint(11);
  const token = r.address();
  const isOpen = r.uint(1) === 1;
  const specHash = r.bytes32();
  return {
    id: String(id),
    providerId: String(providerId),
    terms: { token, pricePerUnitHour, heartbeatWindowSeconds, minSeconds, noticeSeconds, specHash },
    capacityUnits,
    leasedUnits,
    isOpen,
  };
}

/**
 * `leasesPacked` records, without unknown ones.
 * @throws when one says what the contract never writes: the whole answer is not to be believed
 */
export function decodeLeases(data: string): PackedLease[] {
  return readRecords(data, LEASE_BYTES, readLease).filter((entry) => entry !== undefined);
}

function readLease(r: RecordReader): PackedLease | undefined {
  const [id, providerId, offerId, units, state, reason] = [
    r.uint(6),
    r.uint(4),
    r.uint(4),
    r.uint(2),
    r.uint(1),
    r.uint(2),
  ];
  if (id === 0 || (state !== STATE_ACTIVE && state !== STATE_CLOSED)) return undefined;
  const [lastHeartbeatSeconds, billedSeconds, fundedSeconds] = [r.uint(5), r.uint(5), r.uint(5)];
  const [heartbeatWindowSeconds, noticeEndsAt] = [r.uint(3), r.uint(5)];
  if (units === 0 || Math.max(lastHeartbeatSeconds, noticeEndsAt) > LAST_SECOND) {
    throw new Error(
      `the market answered lease ${id} with no units or a time beyond the year 9999: is the address a market of this version?`,
    );
  }
  const [pricePerHour, deposit, withdrawn] = [r.bigUint(12), r.bigUint(16), r.bigUint(16)];
  const [tenant, pendingTenant, manifestHash] = [r.address(), r.address(), r.bytes32()];
  const lease = {
    id: String(id),
    offerId: String(offerId),
    tenant,
    units,
    state: state === STATE_ACTIVE ? ("Active" as const) : ("Closed" as const),
    pricePerHour,
    deposit,
    withdrawn,
    fundedSeconds,
    billedSeconds,
    lastHeartbeatSeconds,
    heartbeatWindowSeconds,
    manifestHash,
    noticeEndsAtSeconds: noticeEndsAt === 0 ? undefined : noticeEndsAt,
    closeReason: state === STATE_CLOSED ? reasonOfCode(reason) : undefined,
  };
  return { providerId: String(providerId), lease, pendingTenant };
}

/** `activeIds` records. */
export function decodeIds(data: string): string[] {
  return readRecords(data, ID_BYTES, (r) => String(r.uint(ID_BYTES)));
}

/** The batch that `heartbeat` takes: 9 bytes an entry, lease id and claimed seconds (at most 2^24 − 1). */
export function encodeHeartbeats(beats: readonly { leaseId: string; servedSeconds: number }[]): string {
  const bytes = Buffer.alloc(beats.length * HEARTBEAT_BYTES);
  beats.forEach(({ leaseId, servedSeconds }, index) => {
    bytes.writeUIntBE(Number(leaseId), index * HEARTBEAT_BYTES, 6);
    bytes.writeUIntBE(Math.min(Math.max(0, Math.floor(servedSeconds)), 0xff_ff_ff), index * HEARTBEAT_BYTES + 6, 3);
  });
  return `0x${bytes.toString("hex")}`;
}
