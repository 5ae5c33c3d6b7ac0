import { AbiCoder, id } from "ethers";
import type { LedgerLease, LedgerOffer, LedgerPoint } from "../../src/networks/driver.ts";
import { MarketReader } from "../../src/networks/market/reader.ts";
import { FUNDS, gpusIn, gpusOf, type Stage } from "./stage.ts";
import { demand, Violation } from "./violation.ts";

type Lease = Omit<LedgerLease, "token">;

/**
 * What must be so at every block, whatever befalls: no offer leases more than it lists, offers that share nodes never lease more
 * GPUs than the nodes have, and every token is either somebody's or stands behind a live lease.
 */
export class LedgerWatch {
  readonly #stage: Stage;
  readonly #reader: MarketReader;
  #last: LedgerPoint | undefined;
  /** Blocks that were looked at. */
  blocks = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#reader = new MarketReader(stage.world.market.client, stage.world.market.address);
  }

  /** Looks at the newest block if it is a new one. @throws Violation; other errors say that the block is not there any more */
  async look(): Promise<void> {
    const { client } = this.#stage.world.market;
    const point = await client.header("latest");
    if (point.hash === this.#last?.hash) return;
    try {
      await this.#lookAt(point);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      // anvil answers for a block that it is replacing from two states at once: believed is what it says twice.
      if ((await client.header(point.number)).hash !== point.hash) return;
      await this.#lookAt(point);
    }
    this.#last = point;
    this.blocks += 1;
  }

  async #lookAt(point: LedgerPoint): Promise<void> {
    const { providerId } = this.#stage.world.market;
    const at = this.#reader.at(point, "once");
    const [offers, ids, balances] = await Promise.all([
      at.offers(providerId),
      at.activeIds(providerId),
      this.#balances(point),
    ]);
    const leases = (await at.leases(new Set(ids))).map(({ lease }) => lease);
    this.#checkSold(offers, leases, point);
    checkMoney(balances, leases, point);
  }

  #checkSold(offers: readonly LedgerOffer[], leases: readonly Lease[], { number }: LedgerPoint): void {
    const steady = { leased: 0, listed: 0 };
    for (const offer of offers) {
      const units = leases.filter(({ offerId }) => offerId === offer.id).reduce((sum, lease) => sum + lease.units, 0);
      const { id: listing, leasedUnits, capacityUnits } = offer;
      demand(
        leasedUnits === units && leasedUnits <= capacityUnits,
        () => `listing ${listing} leases ${units} units in block ${number}, says ${leasedUnits}, of ${capacityUnits}`,
      );
      const name = this.#stage.offerOf(offer);
      if (name !== "rough") steady.leased += leasedUnits * gpusOf[name];
    }
    demand(
      steady.leased <= gpusIn.steady,
      () => `oversold: ${steady.leased} of ${gpusIn.steady} steady GPUs are leased in block ${number}`,
    );
  }

  /** Of the tenants, the payout account and the market itself, smallest token units. */
  async #balances(point: LedgerPoint): Promise<Balances> {
    const { world, tenants } = this.#stage;
    const { client, token, address, payout } = world.market;
    const selector = id("balanceOf(address)").slice(0, 10);
    const of = async (account: string): Promise<bigint> => {
      const data = selector + AbiCoder.defaultAbiCoder().encode(["address"], [account]).slice(2);
      return BigInt(await client.callAt({ to: token, data }, point));
    };
    const [market, paid, ...held] = await Promise.all(
      [address, payout, ...tenants.map(({ account }) => account.address)].map(of),
    );
    const given = FUNDS * BigInt(tenants.length);
    return { market: market ?? 0n, all: [paid ?? 0n, ...held].reduce((sum, some) => sum + some, market ?? 0n), given };
  }
}

interface Balances {
  readonly market: bigint;
  readonly all: bigint;
  readonly given: bigint;
}

function checkMoney({ market, all, given }: Balances, leases: readonly Lease[], { number }: LedgerPoint): void {
  const escrow = leases.reduce((sum, { deposit, withdrawn }) => sum + deposit - withdrawn, 0n);
  demand(market === escrow, () => `the market holds ${market} in block ${number}, ${escrow} stand behind live leases`);
  demand(all === given, () => `there are ${all} tokens in block ${number}, ${given} were given out`);
}
