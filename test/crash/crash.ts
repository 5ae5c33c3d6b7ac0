import { chainCall } from "../faults/chain-call.ts";
import type { Call, Rule } from "../faults/fault.ts";
import { isWrite, kubeCall } from "../faults/kube-call.ts";
import { history } from "../harness/history.ts";
import { isInFlight } from "../harness/lane.ts";
import { offerWhere } from "../harness/leases.ts";
import type { Tenant } from "../harness/tenant.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, inPool, offerObject } from "../harness/world-objects.ts";
import type { Life } from "./lives.ts";

/** What a life has left, whichever way it took: the same for every moment at which the operator is killed. */
export interface EndState {
  /** Namespaces, ComputeLeases and RoleBindings that are left of leases. */
  readonly leftovers: readonly string[];
  readonly leases: readonly { readonly state: string; readonly closeReason: string | undefined }[];
  readonly listing: { readonly capacityUnits: number; readonly leasedUnits: number; readonly isOpen: boolean };
  readonly capacity: unknown;
  /** Every token that the tenant lost reached the provider, and was billed. */
  readonly isMoneyExact: boolean;
  readonly transactionsInFlight: number;
}

export interface Run {
  readonly end: EndState;
  /** What the operator wrote, oldest first, up to its death and after it. */
  readonly writes: readonly string[];
}

/** A world in which one life after the other is lived, each with a kill somewhere in it. */
export class CrashWorld {
  readonly #world: World;
  readonly #tenant: Tenant;
  readonly #life: Life;
  /** Starting and killing the operator, one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(world: World, tenant: Tenant, life: Life) {
    this.#world = world;
    this.#tenant = tenant;
    this.#life = life;
  }

  static async open(life: Life): Promise<CrashWorld> {
    const nodes = Array.from({ length: life.nodes ?? 1 }, (_, i) => h100Node(`main-${i + 1}`, { pool: name }));
    const world = await startWorld({ nodes, faults: { endpoints: 1 } });
    const terms = { unfundedGraceSeconds: 600, ...life.terms };
    const capacity = { maxUnits: units(life) };
    await world.apply(offerObject(name, world.market, { placement: inPool(name), capacity, terms }));
    await offerWhere(world, name, "can be rented", ({ status }) => status?.published?.isOpen === true);
    return new CrashWorld(world, await world.tenant(), life);
  }

  /**
   * Lives the life once. Right after each of the requests that write, to the API server or to the chain, whose number from 1 is
   * in `deaths` was applied, the operator dies without having seen the answer, and is started again.
   */
  async live(deaths: readonly number[] = []): Promise<Run> {
    const { market, faults } = this.#world;
    const writes: string[] = [];
    const restarts: Promise<void>[] = [];
    const rule: Rule = (call) => {
      const write = writeOf(call);
      if (write === undefined) return undefined;
      writes.push(write);
      if (!deaths.includes(writes.length)) return undefined;
      restarts.push(this.#exclusively(() => this.#world.restartOperator()));
      return { kind: "LoseAnswer" };
    };
    for (const proxy of [faults.api, ...faults.chain]) proxy.rule = rule;
    const balances = async () => [
      await market.balance(this.#tenant.account.address),
      await market.balance(market.payout),
    ];
    const [tenantBefore = 0n, payoutBefore = 0n] = await balances();
    const ids = await this.#life.live({
      world: this.#world,
      tenant: this.#tenant,
      name,
      whileDown: (act) =>
        this.#exclusively(async () => {
          await this.#world.killOperator();
          await act();
          await this.#world.startOperator();
        }),
    });
    await Promise.all(restarts);
    faults.clear();
    const leases = await Promise.all(ids.map((id) => market.lease(id)));
    const owed = leases.reduce((sum, l) => sum + (l.pricePerHour * BigInt(l.billedSeconds)) / 3600n, 0n);
    const end = await this.#settled(leases.map(({ state, closeReason }) => ({ state, closeReason })));
    const [tenantAfter = 0n, payoutAfter = 0n] = await balances();
    const lost = tenantBefore - tenantAfter;
    const isMoneyExact = lost === owed && lost === payoutAfter - payoutBefore;
    return { end: { ...end, isMoneyExact }, writes };
  }

  /** What everybody has told lately, for whoever must understand a failure. */
  history(): Promise<string> {
    return history(this.#world);
  }

  async stop(): Promise<void> {
    await this.#world.stop();
  }

  async #exclusively(act: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(act);
    this.#turn = mine.catch(() => undefined);
    await mine;
  }

  /** Waits until the offer is for sale as a whole again and nothing of a lease is left. */
  async #settled(leases: EndState["leases"]): Promise<Omit<EndState, "isMoneyExact">> {
    const { market } = this.#world;
    const whole = units(this.#life);
    const { status } = await offerWhere(this.#world, name, "is free again", (offer) => {
      const { capacity, published } = offer.status ?? {};
      return capacity?.freeUnits === whole && published?.capacityUnits === whole;
    });
    const listing = await eventually("the listing is whole again", async () => {
      const found = (await market.offers()).find(({ id }) => id === status?.offerId);
      return found?.capacityUnits === whole && found.leasedUnits === 0 ? found : undefined;
    });
    const { capacityUnits, leasedUnits, isOpen } = listing;
    const transactionsInFlight = await eventually("the lane is idle", async () =>
      (await isInFlight(this.#world)) ? undefined : 0,
    );
    const leftovers = await this.#world.cluster.kubectl([
      "get",
      "namespace,clease",
      "-l",
      "berthage.dev/lease",
      "-o",
      "name",
    ]);
    return {
      leases,
      leftovers: leftovers.split("\n").filter(Boolean),
      listing: { capacityUnits, leasedUnits, isOpen },
      capacity: status?.capacity,
      transactionsInFlight,
    };
  }
}

const name = "main";

const units = ({ nodes = 1 }: Life): number => 8 * nodes;

/** What a call writes, in words that are alike for every run; undefined when it writes nothing. */
function writeOf(call: Call): string | undefined {
  const asked = chainCall(call);
  if (asked?.method.startsWith("eth_"))
    return asked.method === "eth_sendRawTransaction" ? "send transaction" : undefined;
  if (!isWrite(call)) return undefined;
  const kube = kubeCall(call);
  if (kube === undefined || kube.resource.endsWith("reviews")) return undefined;
  const { verb, resource, subresource } = kube;
  return `${verb} ${resource}${subresource === "" ? "" : `/${subresource}`}`;
}
