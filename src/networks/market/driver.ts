import { getAddress } from "ethers";
import type { ChainClient } from "../../chain/client.ts";
import type { HeadTracker } from "../../chain/head.ts";
import type {
  LedgerLease,
  LedgerOffer,
  LedgerPoint,
  NetworkDriver,
  NetworkFeatures,
  Snapshot,
  Tier,
} from "../driver.ts";
import type { PackedLease } from "./codec.ts";
import { bundleCalls, encodeIntents } from "./encode.ts";
import { explainRevert } from "./explain.ts";
import { type Certainty, MarketReader, NotDeployed } from "./reader.ts";

export interface MarketDriverSettings {
  readonly client: ChainClient;
  readonly heads: HeadTracker;
  readonly market: string;
  /** The address whose provider this is: the signer's. */
  readonly operator: string;
}

const features: NetworkFeatures = { heartbeats: true, notice: true, settlement: true, manifestDelivery: "Gateway" };

/** The driver of the ComputeMarket contract. */
export function marketDriver(settings: MarketDriverSettings): NetworkDriver {
  const { heads } = settings;
  const market = getAddress(settings.market);
  const operator = getAddress(settings.operator);
  const reader = new MarketReader(settings.client, market);
  /** Tier that a point was given for. */
  const tiers = new WeakMap<LedgerPoint, Tier>();
  const providerIds = new Map<Tier, string>();
  const tierOf = (point: LedgerPoint): Tier => tiers.get(point) ?? "head";

  /** The provider's generation, and the tier's reorganisations: two branches can count to the same generation. */
  const version = async (point: LedgerPoint, signal: AbortSignal): Promise<string> => {
    const tier = tierOf(point);
    const at = reader.at(point, certaintyOf(tier), signal);
    const generation = await orIfNotDeployed("undeployed", async () => {
      const providerId = providerIds.get(tier) ?? (await at.providerOf(operator));
      if (providerId === undefined) return "unregistered";
      providerIds.set(tier, providerId);
      return String(await at.generation(providerId));
    });
    return `${generation}/${heads.reorganisations(tier)}`;
  };

  return {
    name: "Market",
    features,
    identify: (signal) => heads.identify(signal),
    async point(tier, signal) {
      const point = await heads.point(tier, signal);
      tiers.set(point, tier);
      return point;
    },
    version,
    async snapshot(point, known, signal) {
      const tier = tierOf(point);
      const at = reader.at(point, certaintyOf(tier), signal);
      const providerId = await orIfNotDeployed(undefined, () => at.providerOf(operator));
      providerIds.delete(tier); // the operator may serve another one now
      const word = await version(point, signal);
      const empty: Snapshot = { point, version: word, provider: undefined, offers: new Map(), leases: new Map() };
      if (providerId === undefined) return empty;
      const [provider, offerList, active] = await Promise.all([
        at.provider(providerId),
        at.offers(providerId),
        at.activeIds(providerId),
      ]);
      const packed = await at.leases(new Set([...active, ...known]));
      const offers = byId(offerList);
      return { ...empty, provider, offers, leases: ownLeases(packed, providerId, offers) };
    },
    encode: (intents, provider) => encodeIntents(market, provider.id, intents),
    bundle: (calls) => bundleCalls(market, calls),
    explain: explainRevert,
  };
}

/**
 * Final state is read from two endpoints, and so is whether it changed: one that keeps telling an old version would else hold
 * what was final then against what is final now.
 */
function certaintyOf(tier: Tier): Certainty {
  return tier === "final" ? "confirmed" : "once";
}

/** A market that was just deployed is not final yet: at that tier nothing stands. */
async function orIfNotDeployed<T>(absent: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NotDeployed) return absent;
    throw error;
  }
}

function byId(offers: readonly LedgerOffer[]): ReadonlyMap<string, LedgerOffer> {
  return new Map(offers.map((offer) => [offer.id, offer]));
}

/** `known` may name leases that are not this provider's (an id that a reorganisation gave to another): they are left out. */
function ownLeases(
  packed: readonly PackedLease[],
  providerId: string,
  offers: ReadonlyMap<string, LedgerOffer>,
): ReadonlyMap<string, LedgerLease> {
  return new Map(
    packed.flatMap(({ lease, providerId: owner }) => {
      const offer = offers.get(lease.offerId);
      if (owner !== providerId || offer === undefined) return [];
      return [[lease.id, { ...lease, token: offer.terms.token }]];
    }),
  );
}
