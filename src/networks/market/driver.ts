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
import { MarketReader } from "./reader.ts";

export interface MarketDriverSettings {
  readonly client: ChainClient;
  readonly heads: HeadTracker;
  readonly market: string;
  /** The address whose provider this is: the signer's. */
  readonly operator: string;
}

const features: NetworkFeatures = { heartbeats: true, notice: true, settlement: true, manifestDelivery: "Gateway" };
const UNREGISTERED = "unregistered";

/** The driver of the ComputeMarket contract. */
export function marketDriver(settings: MarketDriverSettings): NetworkDriver {
  const { heads } = settings;
  const market = getAddress(settings.market);
  const operator = getAddress(settings.operator);
  const reader = new MarketReader(settings.client, market);
  /** Tier that a point was given for: final state is read from two endpoints. */
  const tiers = new WeakMap<LedgerPoint, Tier>();
  let knownProviderId: string | undefined;

  /**
   * The provider's generation, and the reorganisations of the tier: two branches can count to the same generation with different contents.
   */
  const version = async (point: LedgerPoint, signal: AbortSignal): Promise<string> => {
    const at = reader.at(point, "once", signal);
    knownProviderId ??= await at.providerOf(operator);
    const generation = knownProviderId === undefined ? UNREGISTERED : String(await at.generation(knownProviderId));
    return `${generation}/${heads.reorganisations(tiers.get(point) ?? "head")}`;
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
      const at = reader.at(point, tiers.get(point) === "final" ? "confirmed" : "once", signal);
      const [providerId, word] = [await at.providerOf(operator), await version(point, signal)];
      knownProviderId = providerId;
      const empty: Snapshot = { point, version: word, provider: undefined, offers: new Map(), leases: new Map() };
      if (providerId === undefined) return empty;
      const [provider, offers, active] = await Promise.all([
        at.provider(providerId),
        at.offers(providerId),
        at.activeIds(providerId),
      ]);
      const leases = await at.leases(new Set([...active, ...known]));
      return { ...empty, provider, offers: byId(offers), leases: ownLeases(leases, providerId, byId(offers)) };
    },
    encode: (intents, provider) => encodeIntents(market, provider.id, intents),
    bundle: (calls) => bundleCalls(market, calls),
    explain: explainRevert,
  };
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
