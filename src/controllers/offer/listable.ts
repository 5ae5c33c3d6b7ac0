import type { Inventory } from "../../inventory/inventory.ts";
import type { Demand } from "../../inventory/shares.ts";
import type { Intent, LedgerOffer, Snapshot } from "../../networks/driver.ts";
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
  /** What every ComputeOffer lists, or has sold and not placed yet. */
  readonly claims: readonly Demand[];
  /** The ComputeOffer that sells what a hash names. */
  nameOf(specHash: string): string | undefined;
  readonly inventory: Pick<Inventory, "shares">;
}

/**
 * Of the wishes about to be sent, those that list no more than there is. Wishes were derived one by one and may be older than
 * what was written since; here all are seen together at the last moment: a listing grows, or a new one is made, only beside
 * everything that is listed and was granted before it (law 6). What does not fit waits for others to give up what they list,
 * also for the offer's own listing under earlier terms, whose closing the network may refuse. Pure.
 */
export function listable({ wishes, head, writtenAt, claims, nameOf, inventory }: ListableInput): Wishes {
  const isBehind = writtenAt !== undefined && head.point.number < writtenAt;
  const refused = new Set<string>();
  let granted = claims;
  for (const [key, wish] of wishes) {
    const growth = growthOf(wish, head.offers);
    if (growth === undefined) continue;
    const name = nameOf(growth.specHash);
    const claim = granted.find((one) => one.name === name);
    const limit = (claim?.limit ?? 0) + growth.units;
    if (isBehind || claim === undefined || !fitsBeside(inventory, granted, claim.name, limit)) refused.add(key);
    else granted = granted.map((one) => (one === claim ? { ...one, limit } : one));
  }
  return new Map([...wishes].filter(([key]) => !refused.has(key)));
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
  const head = ledgers.get(network)?.head;
  const isAboutListings = [...wishes.values()].some(({ kind }) => kind === "PublishOffer" || kind === "SetCapacity");
  if (head === undefined || !isAboutListings) return wishes;
  const names = new Map(informers.offers.store.list().map((offer) => [specHash(offer), offer.metadata.name ?? ""]));
  const claims = claimsOf(informers, supply, ledgers);
  const { inventory } = supply;
  return listable({ wishes, head, writtenAt, claims, nameOf: (hash) => names.get(hash), inventory });
}

/** By how many units a wish puts more up for sale; undefined when by none. */
function growthOf(
  wish: Intent,
  offers: Snapshot["offers"],
): { readonly specHash: string; readonly units: number } | undefined {
  if (wish.kind === "PublishOffer") return { specHash: wish.terms.specHash, units: wish.capacityUnits };
  if (wish.kind !== "SetCapacity" || !wish.isOpen) return undefined;
  const listing = offers.get(wish.offerId);
  if (listing === undefined) return undefined;
  const units = wish.capacityUnits - listing.leasedUnits - freeUnits(listing);
  return units > 0 ? { specHash: listing.terms.specHash, units } : undefined;
}

function freeUnits({ isOpen, capacityUnits, leasedUnits }: LedgerOffer): number {
  return isOpen ? Math.max(0, capacityUnits - leasedUnits) : 0;
}
