import type { Intent, LedgerOffer, OfferTerms } from "../../networks/driver.ts";

export interface PublicationInput {
  readonly terms: OfferTerms;
  /** Every listing on the network that sells this ComputeOffer, under today's terms or earlier ones. */
  readonly listed: readonly LedgerOffer[];
  /** Further units that could be sold now, after every lease that is sold but not yet placed. */
  readonly freeUnits: number;
  readonly maxUnits: number;
  readonly isPaused: boolean;
  /** The ComputeOffer is being deleted: sell nothing more, let live leases run out. */
  readonly isRetiring: boolean;
  /** How long `freeUnits` has been higher than what is listed. A node that flaps must not cost a transaction each time. */
  readonly growthSeenForSeconds: number;
  readonly growthDelaySeconds: number;
}

export interface PublicationPlan {
  readonly intents: readonly Intent[];
  /** The listing under today's terms, when it is on the network. */
  readonly current: LedgerOffer | undefined;
  /** Units that the listing shall have in all; 0 while paused or retiring. */
  readonly capacityUnits: number;
  /** Seconds until a growth that is being waited out may be written. */
  readonly growthInSeconds: number | undefined;
}

/** Plans what to list: the difference between what can be sold and what the network shows. Less goes out at once, more after a delay. */
export function planPublication(input: PublicationInput): PublicationPlan {
  const { terms, listed } = input;
  const current = listed.find((offer) => hasTerms(offer, terms));
  const leasedUnits = listed.reduce((sum, offer) => sum + offer.leasedUnits, 0);
  const isSelling = !input.isPaused && !input.isRetiring;
  const room = Math.max(0, input.maxUnits - leasedUnits);
  const free = isSelling ? Math.min(input.freeUnits, room) : 0;
  const capacityUnits = (current?.leasedUnits ?? 0) + free;

  const intents: Intent[] = listed
    .filter((offer) => offer !== current || !isSelling)
    .filter((offer) => offer.isOpen)
    .map((offer) => ({ kind: "SetCapacity", offerId: offer.id, capacityUnits: offer.leasedUnits, isOpen: false }));
  let growthInSeconds: number | undefined;
  if (isSelling && current === undefined) {
    if (capacityUnits > 0) intents.push({ kind: "PublishOffer", terms, capacityUnits });
  } else if (isSelling && current !== undefined && !(current.isOpen && current.capacityUnits === capacityUnits)) {
    const isGrowth = current.isOpen && capacityUnits > current.capacityUnits;
    const waitSeconds = isGrowth ? input.growthDelaySeconds - input.growthSeenForSeconds : 0;
    if (waitSeconds > 0) growthInSeconds = waitSeconds;
    else intents.push({ kind: "SetCapacity", offerId: current.id, capacityUnits, isOpen: true });
  }
  return { intents, current, capacityUnits: isSelling ? capacityUnits : 0, growthInSeconds };
}

function hasTerms({ terms }: LedgerOffer, wanted: OfferTerms): boolean {
  return (
    terms.specHash === wanted.specHash &&
    terms.token.toLowerCase() === wanted.token.toLowerCase() &&
    terms.pricePerUnitHour === wanted.pricePerUnitHour &&
    terms.heartbeatWindowSeconds === wanted.heartbeatWindowSeconds &&
    terms.minSeconds === wanted.minSeconds &&
    terms.noticeSeconds === wanted.noticeSeconds
  );
}
