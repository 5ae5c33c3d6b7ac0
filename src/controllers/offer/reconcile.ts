import { isTrue, type NewCondition } from "../../api/conditions.ts";
import { finalizers } from "../../api/names.ts";
import type { ComputeOffer, ComputeOfferStatus } from "../../api/types.gen.ts";
import { describeUnplaceable } from "../../inventory/placement.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { Clock } from "../../kube/clock.ts";
import type { Result } from "../../kube/controller.ts";
import { addFinalizer, removeFinalizer } from "../../kube/finalizers.ts";
import { applyStatus } from "../../kube/status.ts";
import type { LedgerOffer } from "../../networks/driver.ts";
import { withConditions } from "../conditions.ts";
import type { Explain } from "../explain.ts";
import { byOffer, type Informers } from "../informers.ts";
import type { FedInventory } from "../inventory/feed.ts";
import { offerIntentKey, offerIntents } from "../network/intents.ts";
import type { Ledger, Ledgers } from "../network/ledger.ts";
import { computeOffers } from "../resources.ts";
import { capacityAvailable, type PublicationState, published, readySummary, validated } from "./conditions.ts";
import { GrowthWatch } from "./growth.ts";
import { isKeptFromSale, isolationOf } from "./isolation.ts";
import { type PublicationPlan, planPublication } from "./publication-plan.ts";
import { specHash, termsOf } from "./spec-hash.ts";
import { forSale, type Supply } from "./supply.ts";
import { validationFacts } from "./validation.ts";

export interface OfferDependencies {
  readonly client: KubeClient;
  readonly informers: Informers;
  readonly supply: FedInventory;
  readonly ledgers: Ledgers;
  /** Where the report of the isolation probe stands. */
  readonly namespace: string;
  readonly explain: Explain;
  readonly clock: Clock;
  /** How long more room must last before it is listed. */
  readonly growthDelaySeconds: number;
}

const options = { fieldManager: "berthage" };
/** Until a network that is well has been read by this process. */
const READ_SECONDS = 1;

/** offer.readiness and offer.publication: what can be sold, what the network lists, and the difference as wishes. */
export class OfferReconciler {
  readonly #deps: OfferDependencies;
  readonly #growth: GrowthWatch;

  constructor(dependencies: OfferDependencies) {
    this.#deps = dependencies;
    this.#growth = new GrowthWatch(dependencies.clock);
  }

  async reconcile(name: string, signal: AbortSignal): Promise<Result | undefined> {
    const { client, informers, ledgers, supply } = this.#deps;
    const found = informers.offers.store.get(name);
    if (found === undefined) {
      this.#growth.forget(name);
      return undefined;
    }
    const isRetiring = found.metadata.deletionTimestamp !== undefined;
    const offer = isRetiring
      ? found
      : await addFinalizer(client, computeOffers, found, finalizers.offer, { ...options, signal });
    const ledger = ledgers.get(offer.spec.networkRef.name);
    // Just started: nothing is known yet, so what was known of the offer stands (laws 1, 4, 9).
    if (ledger?.hasSynced() !== true && isConnected(informers, offer)) return { requeueAfterSeconds: READ_SECONDS };
    const listed = listingsOf(offer, ledger);
    const isKnown = ledger?.hasSynced() === true && supply.hasSynced() && isOurs(informers, offer);
    const leasedUnits = listed.reduce((sum, listing) => sum + listing.leasedUnits, 0);
    const sale = forSale(informers, supply, ledgers, offer, leasedUnits);
    const fitness = this.#fitness(offer);
    const plan = isKnown ? this.#plan(offer, listed, sale, fitness) : undefined;
    if (ledger !== undefined && plan !== undefined) this.#submit(name, ledger, plan);
    await this.#writeStatus(offer, ledger, listed, sale, fitness, plan, signal);
    if (isRetiring && isKnown && this.#isRetired(offer, ledger, listed)) {
      await removeFinalizer(client, computeOffers, offer, finalizers.offer, { ...options, signal });
      ledger?.withdraw(offerIntents(name));
    }
    return plan?.growthInSeconds === undefined ? undefined : { requeueAfterSeconds: plan.growthInSeconds };
  }

  #fitness(offer: ComputeOffer): Fitness {
    const { informers, supply, namespace } = this.#deps;
    const valid = validated(validationFacts(informers, supply, offer));
    return { valid, isolated: isolationOf(informers, namespace, offer) };
  }

  #plan(offer: ComputeOffer, listed: readonly LedgerOffer[], sale: Supply, fitness: Fitness): PublicationPlan {
    const name = offer.metadata.name ?? "";
    const input = {
      terms: termsOf(offer),
      listed,
      freeUnits: sale.freeUnits,
      maxUnits: offer.spec.capacity.maxUnits,
      isPaused: offer.spec.paused === true || unfitness(fitness) !== undefined,
      isRetiring: offer.metadata.deletionTimestamp !== undefined,
      growthDelaySeconds: this.#deps.growthDelaySeconds,
    };
    const now = planPublication({ ...input, growthSeenForSeconds: Number.POSITIVE_INFINITY });
    return planPublication({ ...input, growthSeenForSeconds: this.#growth.seenForSeconds(name, now) });
  }

  #submit(name: string, ledger: Ledger, { intents }: PublicationPlan): void {
    const wishes = new Map(intents.map((intent) => [offerIntentKey(name, intent), intent]));
    for (const [key, intent] of wishes) ledger.submit(key, intent);
    ledger.withdraw(offerIntents(name), new Set(wishes.keys()));
  }

  /** Gone from the market, and nobody lives on its terms any more. */
  #isRetired(offer: ComputeOffer, ledger: Ledger | undefined, listed: readonly LedgerOffer[]): boolean {
    const leases = this.#deps.informers.leases.store.byIndex(byOffer, offer.metadata.name ?? "");
    const isListed = ledger === undefined || listed.some((listing) => listing.isOpen || listing.leasedUnits > 0);
    return leases.length === 0 && !isListed;
  }

  async #writeStatus(
    offer: ComputeOffer,
    ledger: Ledger | undefined,
    listed: readonly LedgerOffer[],
    sale: Supply,
    fitness: Fitness,
    plan: PublicationPlan | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, explain, clock } = this.#deps;
    const { generation } = offer.metadata;
    const { spec } = offer;
    const leasedUnits = listed.reduce((sum, listing) => sum + listing.leasedUnits, 0);
    const facts = [
      fitness.valid,
      capacityAvailable({
        ...sale,
        leasedUnits,
        maxUnits: spec.capacity.maxUnits,
        reserveUnits: spec.capacity.reserveUnits ?? 0,
        refusals: sale.freeUnits > 0 ? "" : describeRefusals(this.#deps.supply, offer),
      }),
      fitness.isolated,
      published(publicationState(offer, ledger, fitness, plan)),
    ];
    const conditions = withConditions(
      offer.status?.conditions,
      [...facts, readySummary(facts)],
      generation,
      clock.now(),
    );
    const { current } = plan ?? {};
    const status: ComputeOfferStatus = {
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      // While the network is away, what it last showed stays (law 1).
      ...(plan === undefined ? kept(offer.status) : listing(current)),
      capacity: {
        totalUnits: leasedUnits + sale.freeUnits,
        leasedUnits,
        freeUnits: sale.freeUnits,
        largestLeaseUnits: Math.min(sale.largestLeaseUnits, sale.freeUnits),
      },
      conditions,
    };
    await applyStatus(client, computeOffers, offer, status, { ...options, signal });
    explain({ ...offer, kind: computeOffers.kind }, offer.status?.conditions, conditions);
  }
}

/** What must hold for anything new to be sold, whatever room and network say. */
interface Fitness {
  readonly valid: NewCondition;
  readonly isolated: NewCondition;
}

function unfitness({ valid, isolated }: Fitness): "NotValid" | "NotIsolated" | undefined {
  if (valid.status !== "True") return "NotValid";
  return isKeptFromSale(isolated) ? "NotIsolated" : undefined;
}

/** By its status; when this process can't read it either, the network's own reconcile will say so. */
function isConnected({ networks }: Informers, { spec }: ComputeOffer): boolean {
  const network = networks.store.get(spec.networkRef.name);
  return network !== undefined && isTrue(network, "Connected");
}

/** Anyone can name our key as their operator: nothing is sold until the provider is the one that the resource means. */
function isOurs({ networks }: Informers, { spec }: ComputeOffer): boolean {
  const network = networks.store.get(spec.networkRef.name);
  return network !== undefined && isTrue(network, "Registered");
}

/** Listings of one ComputeOffer, under whatever terms: they name the hash of what it sells. */
function listingsOf(offer: ComputeOffer, ledger: Ledger | undefined): readonly LedgerOffer[] {
  const hash = specHash(offer);
  return [...(ledger?.head?.offers.values() ?? [])].filter((listing) => listing.terms.specHash === hash);
}

function publicationState(
  offer: ComputeOffer,
  ledger: Ledger | undefined,
  fitness: Fitness,
  plan: PublicationPlan | undefined,
): PublicationState {
  if (offer.metadata.deletionTimestamp !== undefined) return "Retiring";
  if (plan === undefined || ledger?.provider === undefined) return "NetworkNotReady";
  const unfit = unfitness(fitness);
  if (unfit !== undefined) return unfit;
  if (offer.spec.paused === true && plan.intents.length === 0) return "Paused";
  return plan.intents.length === 0 && plan.current !== undefined ? "Published" : "Publishing";
}

function listing(current: LedgerOffer | undefined): Pick<ComputeOfferStatus, "offerId" | "published"> {
  if (current === undefined) return {};
  const { capacityUnits, isOpen, terms } = current;
  return {
    offerId: current.id,
    published: { capacityUnits, pricePerUnitHour: terms.pricePerUnitHour.toString(), isOpen },
  };
}

function kept(status: ComputeOfferStatus | undefined): Pick<ComputeOfferStatus, "offerId" | "published"> {
  return {
    ...(status?.offerId === undefined ? {} : { offerId: status.offerId }),
    ...(status?.published === undefined ? {} : { published: status.published }),
  };
}

function describeRefusals({ inventory, shape }: FedInventory, offer: ComputeOffer): string {
  const placement = inventory.place(shape(offer), 1);
  return placement.kind === "placed" ? "" : describeUnplaceable(placement.reasons, 1);
}
