import { MaxUint256 } from "ethers";
import type { LedgerOffer } from "../../src/networks/driver.ts";
import { readyOffer } from "../harness/leases.ts";
import type { Tenant } from "../harness/tenant.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100, h100Node, inPool, offerObject, UNIT_SECOND, unitOf } from "../harness/world-objects.ts";
import { type OfferName, offerNames, roughNodes } from "./action.ts";

/** Finality trails by twice as many blocks, just beyond the deepest reorganisation. */
const SLOTS = 32;
const FINAL_BLOCKS = 2 * SLOTS + 2;
const TENANTS = 7;
/** Given to each tenant, smallest token units. */
export const FUNDS = 10n ** 15n;

export interface Opened {
  readonly id: string;
  readonly tenant: Tenant;
  /** That of its opening: no other lease has it, whatever ids a reorganisation gives to whom. Of leases without a manifest it is zero. */
  readonly manifestHash: string;
  /** Served by a pod from its first second to its last: it accrues at no other time. */
  isPlain: boolean;
  /** What was done with it, in words, to explain what went wrong. */
  readonly story: string[];
}

/** GPUs of one unit of an offer. */
export const gpusOf: Readonly<Record<OfferName, number>> = { single: 1, pair: 2, rough: 1 };
/** Nodes that `single` and `pair` are sold from, both of them. */
const steadyNodes = Array.from({ length: 16 }, (_, i) => `steady-${i}`);
/** GPUs that exist, and that nothing else uses. */
export const gpusIn = { steady: 8 * steadyNodes.length, rough: 8 * roughNodes.length } as const;
export const poolOf = (offer: OfferName): keyof typeof gpusIn => (offer === "rough" ? "rough" : "steady");
export const unitsOf = (offer: OfferName): number => gpusIn[poolOf(offer)] / gpusOf[offer];
export const priceOf = (offer: OfferName): bigint => 3600n * UNIT_SECOND * BigInt(gpusOf[offer]);

/** The world of a soak and what has been done in it. */
export interface Stage {
  readonly world: World;
  readonly tenants: readonly Tenant[];
  /** Leases in the order of their opening, of this epoch. */
  readonly opened: Opened[];
  /** Hashes of uploads of this epoch that no lease names, by tenant and kind. */
  readonly unused: Map<string, string[]>;
  /** Leases whose workload somebody scaled by hand. */
  readonly scaled: Set<string>;
  /** Whether it is our doing that no operator runs. */
  isDown: boolean;
  /** Whether the operator cannot look at the cluster now. */
  isBlind: boolean;
  /** The name of the ComputeOffer that a listing belongs to. */
  offerOf(listing: LedgerOffer): OfferName;
  /** The oldest block that a reorganisation may replace is the one after it. */
  epochStart: bigint;
  /** The lowest id that a lease of this epoch has. */
  firstLease: number;
}

export const roughNode = (name: string): object => h100Node(name, { pool: "rough" });

export async function openStage(): Promise<Stage> {
  const nodes = [...steadyNodes.map((name) => h100Node(name, { pool: "steady" })), ...roughNodes.map(roughNode)];
  const world = await startWorld({ nodes, slotsInAnEpoch: SLOTS, faults: { endpoints: 2 }, tenantPatienceSeconds: 20 });
  const terms = { noticeSeconds: 3, provisioningTimeoutSeconds: 20 };
  const offers = offerNames.map((name) => {
    const accelerator = { resource: "nvidia.com/gpu", ...h100, count: gpusOf[name] };
    return offerObject(name, world.market, {
      unit: { ...unitOf(h100), accelerator },
      placement: inPool(poolOf(name)),
      capacity: { maxUnits: unitsOf(name) },
      price: { token: world.market.token, perUnitHour: String(priceOf(name)) },
      terms,
    });
  });
  await world.apply(...offers);
  const names = new Map<string, OfferName>();
  for (const name of offerNames) {
    const id = await readyOffer(world, name);
    const listing = (await world.market.offers()).find((offer) => offer.id === id);
    names.set(listing?.terms.specHash ?? "", name);
  }
  const tenants: Tenant[] = [];
  for (let i = 0; i < TENANTS; i += 1) tenants.push(await world.tenant());
  for (const { account } of tenants) {
    await world.market.send(world.market.calls.approve(world.market.token, MaxUint256), account);
  }
  await world.chain.rpc("evm_setAutomine", [false]); // blocks come once a second, as they do on a chain
  await makeFinal(world);
  const { number: epochStart } = await world.market.client.header("latest");
  return {
    world,
    tenants,
    opened: [],
    unused: new Map(),
    scaled: new Set(),
    isDown: false,
    isBlind: false,
    offerOf({ id, terms }) {
      const name = names.get(terms.specHash);
      if (name === undefined) throw new Error(`listing ${id} sells what no ComputeOffer does`);
      return name;
    },
    epochStart,
    firstLease: 1,
  };
}

/** Mines until all that is on chain now is final. */
export async function makeFinal({ chain }: World): Promise<void> {
  await chain.rpc("anvil_mine", [`0x${FINAL_BLOCKS.toString(16)}`, "0x1"]);
}

export async function closeStage({ world }: Stage): Promise<void> {
  await world.stop({ tookRights: true }); // whoever deletes a namespace deletes the operator's rights in it
}
