import type { ComputeOffer } from "../../api/types.gen.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import type { Demand } from "../../inventory/shares.ts";
import { byOffer, type Informers } from "../informers.ts";
import type { FedInventory } from "../inventory/feed.ts";
import type { Ledgers } from "../network/ledger.ts";
import { specHash } from "./spec-hash.ts";

export interface Supply {
  readonly nodes: number;
  /** Further units that the cluster could hold, were this the only offer. */
  readonly placeableUnits: number;
  readonly largestLeaseUnits: number;
  /** Units for sale: its share of the free room, less its reserve, what is sold but not yet placed, and within its cap. */
  readonly freeUnits: number;
}

/** What one offer may sell beside all others of all networks (law 6). Reads caches only. */
export function forSale(
  informers: Informers,
  supply: FedInventory,
  ledgers: Ledgers,
  offer: ComputeOffer,
  leasedUnits: number,
): Supply {
  const { inventory, shape } = supply;
  const capacity = inventory.capacity(shape(offer));
  const name = offer.metadata.name ?? "";
  const { maxUnits, reserveUnits = 0 } = offer.spec.capacity;
  const demands = informers.offers.store.list().map((other) => ({
    name: other.metadata.name ?? "",
    shape: shape(other),
    limit: isSelling(other) ? wantedUnits(other) : 0,
  }));
  const share = inventory.shares(demands).get(name) ?? 0;
  const claims = claimsOf(informers, supply, ledgers);
  const own = claims.find((claim) => claim.name === name)?.limit ?? 0;
  const kept = reserveUnits + unplacedUnits(informers, supply, ledgers, offer);
  const free = unitsBeside(inventory, claims, name, share, own + reserveUnits) - kept;
  return {
    nodes: capacity.nodes,
    placeableUnits: capacity.freeUnits,
    largestLeaseUnits: capacity.largestLeaseUnits,
    freeUnits: Math.max(0, Math.min(free, maxUnits - leasedUnits)),
  };
}

/**
 * Of a share, what fits beside all that the other offers list now: a share that moves from one offer to another is listed by
 * the second only when the first has given it up, so that at no block more is for sale than there is (law 6). What the
 * offer itself lists is not taken from it: else two that must both shrink would both go to zero.
 */
function unitsBeside(
  inventory: Pick<Inventory, "shares" | "meet">,
  claims: readonly Demand[],
  name: string,
  share: number,
  own: number,
): number {
  let [surely, atMost] = [Math.min(own, share), share];
  while (surely < atMost) {
    const middle = Math.ceil((surely + atMost) / 2);
    if (fitsBeside(inventory, claims, name, middle)) surely = middle;
    else atMost = middle - 1;
  }
  return surely;
}

/**
 * Whether one offer can have so many units without taking from what any other has. Where a claim on the same nodes has no
 * room any more, nothing grows until it is given up: what is free may be too scattered for it, and is sold already.
 */
export function fitsBeside(
  inventory: Pick<Inventory, "shares" | "meet">,
  claims: readonly Demand[],
  name: string,
  units: number,
): boolean {
  const sharesWith = (limit: number): ReadonlyMap<string, number> =>
    inventory.shares(claims.map((claim) => (claim.name === name ? { ...claim, limit } : claim)));
  const own = claims.find((claim) => claim.name === name);
  const [shares, without] = [sharesWith(units), sharesWith(0)];
  return claims.every((claim) => {
    const got = shares.get(claim.name) ?? 0;
    if (claim === own) return got === units;
    const isHeld = got === claim.limit || own === undefined || !inventory.meet(claim.shape, own.shape);
    return isHeld && got === without.get(claim.name);
  });
}

/** What each offer lists and has sold without a place yet: none of it may be sold once more. */
export function claimsOf(informers: Informers, supply: FedInventory, ledgers: Ledgers): readonly Demand[] {
  const listed = listedUnits(informers, ledgers);
  return informers.offers.store.list().map((offer) => {
    const name = offer.metadata.name ?? "";
    const limit = (listed.get(name) ?? 0) + unplacedUnits(informers, supply, ledgers, offer);
    return { name, shape: supply.shape(offer), limit };
  });
}

/** Units that could be rented of each ComputeOffer now, by all its listings. */
function listedUnits(informers: Informers, ledgers: Ledgers): ReadonlyMap<string, number> {
  const offers = informers.offers.store.list();
  const networks = new Set(offers.map(({ spec }) => spec.networkRef.name));
  const byHash = new Map<string, number>();
  for (const network of networks) {
    for (const { isOpen, terms, capacityUnits, leasedUnits } of ledgers.get(network)?.head?.offers.values() ?? []) {
      const free = isOpen ? Math.max(0, capacityUnits - leasedUnits) : 0;
      byHash.set(terms.specHash, (byHash.get(terms.specHash) ?? 0) + free);
    }
  }
  return new Map(offers.map((offer) => [offer.metadata.name ?? "", byHash.get(specHash(offer)) ?? 0]));
}

/** The reserve is room that stays empty beside what is sold, not a part of it. */
function wantedUnits({ spec: { capacity } }: ComputeOffer): number {
  return capacity.maxUnits + (capacity.reserveUnits ?? 0);
}

function isSelling({ metadata, spec }: ComputeOffer): boolean {
  return spec.paused !== true && metadata.deletionTimestamp === undefined;
}

/** Units that the network has sold and no node holds yet: they will take from what is free. */
function unplacedUnits(
  informers: Informers,
  { inventory }: FedInventory,
  ledgers: Ledgers,
  offer: ComputeOffer,
): number {
  const network = offer.spec.networkRef.name;
  const name = offer.metadata.name ?? "";
  const active = [...(ledgers.get(network)?.head?.leases.values() ?? [])].filter(({ state }) => state === "Active");
  const own = new Set(informers.leases.store.byIndex(byOffer, name).map((lease) => lease.spec.leaseId));
  return active
    .filter((entry) => own.has(entry.id) || isListedBy(ledgers, offer, entry.offerId))
    .filter((entry) => inventory.reservation(`${network}-${entry.id}`) === undefined)
    .reduce((sum, entry) => sum + entry.units, 0);
}

function isListedBy(ledgers: Ledgers, offer: ComputeOffer, offerId: string): boolean {
  const listing = ledgers.get(offer.spec.networkRef.name)?.head?.offers.get(offerId);
  return listing?.terms.specHash === specHash(offer);
}
