import { keccak256, toUtf8Bytes } from "ethers";
import type { ComputeOffer, ComputeOfferSpec } from "../../api/types.gen.ts";
import type { OfferTerms } from "../../networks/driver.ts";

/**
 * keccak256 of what an offer sells: its name, unit and isolation, all of them immutable. It ties a listing on the network
 * to its ComputeOffer without anything being remembered, also after status and listing were made by another process.
 */
export function specHash(offer: ComputeOffer): string {
  const known = hashes.get(offer);
  if (known !== undefined) return known;
  const { unit, isolation } = offer.spec;
  const hash = keccak256(toUtf8Bytes(canonical({ name: offer.metadata.name, unit, isolation: isolation ?? {} })));
  hashes.set(offer, hash);
  return hash;
}

/** Objects of a cache are never changed, so a hash stays true for as long as its object lives. */
const hashes = new WeakMap<ComputeOffer, string>();

/** The terms under which a ComputeOffer is sold today. */
export function termsOf(offer: ComputeOffer): OfferTerms {
  const { price, terms }: ComputeOfferSpec = offer.spec;
  return {
    token: price.token,
    pricePerUnitHour: BigInt(price.perUnitHour),
    heartbeatWindowSeconds: terms.heartbeatWindowSeconds,
    minSeconds: terms.minSeconds,
    noticeSeconds: terms.noticeSeconds,
    specHash: specHash(offer),
  };
}

/** JSON with sorted keys and no spaces (the idea of RFC 8785), so that equal offers hash equally. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
