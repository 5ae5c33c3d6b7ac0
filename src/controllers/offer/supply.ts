import type { ComputeOffer } from "../../api/types.gen.ts";
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
  const demands = informers.offers.store.list().map((other) => ({
    name: other.metadata.name ?? "",
    shape: shape(other),
    limit: isSelling(other) ? wantedUnits(other) : 0,
  }));
  const share = inventory.shares(demands).get(offer.metadata.name ?? "") ?? 0;
  const { maxUnits, reserveUnits = 0 } = offer.spec.capacity;
  const free = share - reserveUnits - unplacedUnits(informers, supply, ledgers, offer);
  return {
    nodes: capacity.nodes,
    placeableUnits: capacity.freeUnits,
    largestLeaseUnits: capacity.largestLeaseUnits,
    freeUnits: Math.max(0, Math.min(free, maxUnits - leasedUnits)),
  };
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
