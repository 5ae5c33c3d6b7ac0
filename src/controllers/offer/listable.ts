import type { Inventory } from "../../inventory/inventory.ts";
import type { Demand } from "../../inventory/shares.ts";
import type { Intent, LedgerOffer, Listed, Snapshot } from "../../networks/driver.ts";
import type { Informers } from "../informers.ts";
import type { FedInventory } from "../inventory/feed.ts";
import type { Ledgers } from "../network/ledger.ts";
import { specHash } from "./spec-hash.ts";
import { claimsOf, fitsBeside } from "./supply.ts";

type Wishes = ReadonlyMap<string, Intent>;

export interface ListableInput {
  readonly wishes: Wishes;
  readonly head: Pick<Snapshot, "point" | "offers">;
  /** The block of the last transaction, when one was sent. */
  readonly writtenAt: bigint | undefined;
  /** Whether a reorganisation may bring back an earlier state of a listing. */
  isRecent(offerId: string | undefined): boolean;
  /** What every ComputeOffer lists, or has sold and not placed yet. */
  readonly claims: readonly Demand[];
  /** The ComputeOffer that sells what a hash names. */
  nameOf(specHash: string): string | undefined;
  readonly inventory: Pick<Inventory, "shares" | "meet">;
}

/**
 * Of the wishes about to be sent, those that list no more than there is. Wishes were derived one by one and may be older than
 * what was written since; here all are seen together at the last moment: a listing grows, or a new one is made, only beside
 * everything that is listed and was granted before it (law 6). What does not fit waits for others to give up what they list,
 * also for the offer's own listing under earlier terms, whose closing the network may refuse. What lists more than there was,
 * or might where a reorganisation has taken back what came before, names the listings that it rests on: it counts in no
 * history where they are larger. Pure.
 */
export function listable({ wishes, head, isRecent, writtenAt, claims, nameOf, inventory }: ListableInput): Wishes {
  const isBehind = writtenAt !== undefined && head.point.number < writtenAt;
  const admitted = new Map<string, Intent>();
  let granted = claims;
  for (const [key, wish] of wishes) {
    const offering = offeringOf(wish, head.offers);
    const isGrowth = offering !== undefined && offering.moreUnits > 0;
    if (offering === undefined || !(isGrowth || isRecent(offering.offerId))) {
      admitted.set(key, wish);
      continue;
    }
    const name = nameOf(offering.specHash);
    const claim = granted.find((one) => one.name === name);
    if (isBehind || claim === undefined) continue;
    const limit = claim.limit + Math.max(0, offering.moreUnits);
    if (isGrowth && !fitsBeside(inventory, granted, claim.name, limit)) continue;
    const beside = [...head.offers.values()]
      .filter(({ id }) => id !== offering.offerId)
      .filter((listing) => isAlive(listing) || isRecent(listing.id))
      .map(listedOf);
    admitted.set(key, { ...offering.wish, beside });
    granted = granted.map((one) => (one === claim ? { ...one, limit } : one));
  }
  return admitted;
}

function isAlive({ isOpen, leasedUnits }: LedgerOffer): boolean {
  return isOpen || leasedUnits > 0;
}

/** `listable` of what the caches know. */
export function admitListings(
  informers: Informers,
  supply: FedInventory,
  ledgers: Ledgers,
  network: string,
  wishes: Wishes,
  writtenAt: bigint | undefined,
): Wishes {
  const ledger = ledgers.get(network);
  const head = ledger?.head;
  const isAboutListings = [...wishes.values()].some(({ kind }) => kind === "PublishOffer" || kind === "SetCapacity");
  if (ledger === undefined || head === undefined || !isAboutListings) return wishes;
  const names = new Map(informers.offers.store.list().map((offer) => [specHash(offer), offer.metadata.name ?? ""]));
  const claims = claimsOf(informers, supply, ledgers);
  const { inventory } = supply;
  const isRecent = (offerId: string | undefined): boolean => offerId === undefined || ledger.isListingRecent(offerId);
  return listable({ wishes, head, isRecent, writtenAt, claims, nameOf: (hash) => names.get(hash), inventory });
}

/** A wish to have something for sale. */
interface Offering {
  readonly wish: Extract<Intent, { kind: "PublishOffer" | "SetCapacity" }>;
  /** The listing; undefined where a new one is made. */
  readonly offerId: string | undefined;
  readonly specHash: string;
  /** By so many units there would be more for sale than there is; negative when there would be less. */
  readonly moreUnits: number;
}

function offeringOf(wish: Intent, offers: Snapshot["offers"]): Offering | undefined {
  if (wish.kind === "PublishOffer") {
    return { wish, offerId: undefined, specHash: wish.terms.specHash, moreUnits: wish.capacityUnits };
  }
  if (wish.kind !== "SetCapacity" || !wish.isOpen) return undefined;
  const listing = offers.get(wish.offerId);
  if (listing === undefined) return undefined;
  const moreUnits = wish.capacityUnits - listing.leasedUnits - freeUnits(listing);
  return { wish, offerId: listing.id, specHash: listing.terms.specHash, moreUnits };
}

/** What of a listing was counted: all of it while it is open, else what is leased. */
function listedOf(listing: LedgerOffer): Listed {
  const { id, leasedUnits, isOpen } = listing;
  return { id, capacityUnits: leasedUnits + freeUnits(listing), isOpen };
}

function freeUnits({ isOpen, capacityUnits, leasedUnits }: LedgerOffer): number {
  return isOpen ? Math.max(0, capacityUnits - leasedUnits) : 0;
}
