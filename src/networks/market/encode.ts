import { ZeroHash } from "ethers";
import type { EncodedCall, Intent, OfferTerms } from "../driver.ts";
import { marketAbi } from "./abi.ts";
import { encodeHeartbeats } from "./codec.ts";
import { codeOfReason } from "./reasons.ts";

/** Keeps a heartbeat transaction under 10 M gas (6 k a lease) and so under EIP-7825's limit. */
const HEARTBEATS_A_CALL = 1500;
/** 12 k gas a lease, 40 k where each pays another token. */
const LEASES_A_SETTLE = 300;

type Keyed<K extends Intent["kind"]> = readonly [key: string, intent: Extract<Intent, { kind: K }>];

/**
 * The calls that bring intents about, in the order that makes each count: heartbeats before closes, so that a lease's
 * last seconds are credited; closes before capacities, which may count on the units that they free. A close settles and ends a notice: those intents ride on its key.
 */
export function encodeIntents(market: string, providerId: string, intents: ReadonlyMap<string, Intent>): EncodedCall[] {
  const closes = ofKind(intents, "Close");
  const closing = new Set(closes.map(([, { leaseId }]) => leaseId));
  const settles = ofKind(intents, "Settle");
  const notices = ofKind(intents, "GiveNotice");
  const call = callOf(market);
  const isNeeded = ([, { leaseId }]: Keyed<"Settle"> | Keyed<"GiveNotice">): boolean => !closing.has(leaseId);
  return [
    ...chunks(ofKind(intents, "Heartbeat"), HEARTBEATS_A_CALL).map((beats) =>
      call(keysOf(beats), "heartbeat", [providerId, ZeroHash, encodeHeartbeats(beats.map(([, beat]) => beat))]),
    ),
    ...chunks(settles.filter(isNeeded), LEASES_A_SETTLE).map((batch) =>
      call(keysOf(batch), "settle", [batch.map(([, { leaseId }]) => leaseId)]),
    ),
    ...notices.filter(isNeeded).map(([key, { leaseId }]) => call([key], "giveNotice", [[leaseId]])),
    ...closes.map(([key, { leaseId, reason }]) => {
      const settled = [...settles, ...notices].filter(([, intent]) => intent.leaseId === leaseId);
      return call([key, ...keysOf(settled)], "closeByProvider", [leaseId, codeOfReason(reason)]);
    }),
    ...encodeListings(market, providerId, intents),
  ];
}

/**
 * What grows is one call, which first writes every listing beside it as it is known to be: that changes nothing, and where a
 * history that replaces this one has leased more of one, the contract refuses the whole. So no part of our transactions that a
 * reorganisation keeps lists more than was meant to be listed together (law 6). What grows nothing comes after: else it would
 * be undone.
 */
function encodeListings(market: string, providerId: string, intents: ReadonlyMap<string, Intent>): EncodedCall[] {
  const call = callOf(market);
  const listings = [
    ...ofKind(intents, "PublishOffer").map(([key, { terms, capacityUnits, beside }]) => ({
      beside,
      call: call([key], "setOffer", [providerId, offerTuple(terms, capacityUnits)]),
    })),
    ...ofKind(intents, "SetCapacity").map(([key, { offerId, capacityUnits, isOpen, beside }]) => ({
      beside,
      call: call([key], "setCapacity", [offerId, capacityUnits, isOpen]),
    })),
  ];
  const beside = new Map(listings.flatMap((one) => one.beside ?? []).map((listed) => [listed.id, listed]));
  const asTheyAre = [...beside.values()].map(({ id, capacityUnits, isOpen }) =>
    call([], "setCapacity", [id, capacityUnits, isOpen]),
  );
  const growing = listings.filter((one) => one.beside !== undefined).map((one) => one.call);
  const others = listings.filter((one) => one.beside === undefined).map((one) => one.call);
  return growing.length === 0 ? others : [bundleCalls(market, [...asTheyAre, ...growing]), ...others];
}

const callOf =
  (to: string) =>
  (intentKeys: readonly string[], name: string, args: readonly unknown[]): EncodedCall => ({
    to,
    data: marketAbi.encodeFunctionData(name, args),
    intentKeys,
  });

/** Several calls in one transaction: the contract's own multicall, which keeps the sender. */
export function bundleCalls(market: string, calls: readonly EncodedCall[]): EncodedCall {
  const [only, ...more] = calls;
  if (only !== undefined && more.length === 0) return only;
  return {
    to: market,
    data: marketAbi.encodeFunctionData("multicall", [calls.map((call) => call.data)]),
    intentKeys: calls.flatMap((call) => call.intentKeys),
  };
}

function offerTuple(terms: OfferTerms, capacityUnits: number): readonly unknown[] {
  const { token, pricePerUnitHour, heartbeatWindowSeconds, minSeconds, noticeSeconds, specHash } = terms;
  return [token, pricePerUnitHour, capacityUnits, heartbeatWindowSeconds, minSeconds, noticeSeconds, specHash];
}

function ofKind<K extends Intent["kind"]>(intents: ReadonlyMap<string, Intent>, kind: K): Keyed<K>[] {
  return [...intents].flatMap(([key, intent]) => (isOfKind(intent, kind) ? [[key, intent] as const] : []));
}

function isOfKind<K extends Intent["kind"]>(intent: Intent, kind: K): intent is Extract<Intent, { kind: K }> {
  return intent.kind === kind;
}

function keysOf(keyed: readonly (readonly [string, Intent])[]): string[] {
  return keyed.map(([key]) => key);
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
