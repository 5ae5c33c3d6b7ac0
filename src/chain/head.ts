import { keccak256 } from "ethers";
import { type BlockPoint, type BlockTag, type Header, parseHeader, tagParameter } from "./block.ts";
import type { ChainClient } from "./client.ts";
import type { Clock } from "./clock.ts";
import type { Endpoint } from "./endpoint.ts";
import { HeadRefused } from "./errors.ts";
import { Lineage } from "./lineage.ts";

/** `head` may be undone by a reorganisation; `final` may be acted on irreversibly. */
export type Tier = "head" | "final";

/** What tells this network from any other; pinned when first seen. */
export interface ChainIdentity {
  readonly chainId: bigint;
  readonly genesisHash: string;
  /** keccak256 of the code at the pinned address. */
  readonly codeHash: string;
}

export interface HeadSettings {
  readonly client: ChainClient;
  readonly clock: Clock;
  /** The contract whose code belongs to the identity. */
  readonly address: string;
  /** The head tier is `latest` less this many blocks. */
  readonly confirmations: number;
  /** The final tier is `latest` less this many blocks; the chain's `finalized` tag when absent. */
  readonly finalityBlocks?: number | undefined;
  /** A deeper reorganisation of the head tier is refused. Default 64. */
  readonly reorgBudgetBlocks?: number;
  /** A chain whose newest block is older is stalled: nothing is decided on it. Never when absent. */
  readonly stallSeconds?: number | undefined;
  /** The newest head point that was acted on before a restart: an endpoint that is behind it lags. */
  readonly recorded?: { readonly number: bigint; readonly hash: string } | undefined;
}

/**
 * The newest believable block of each tier. What is refused: another chain, genesis or code than first seen, a lagging
 * or stalled endpoint, a reorganisation beyond the budget, any change of what was final.
 */
export class HeadTracker {
  readonly #settings: HeadSettings;
  readonly #lineages: Readonly<Record<Tier, Lineage>>;
  /** Connections whose identity was checked. */
  readonly #vouched = new Map<string, number>();
  #identity: ChainIdentity | undefined;

  constructor(settings: HeadSettings) {
    this.#settings = settings;
    this.#lineages = {
      head: new Lineage(settings.reorgBudgetBlocks ?? 64, "ReorgBeyondBudget", settings.recorded),
      final: new Lineage(0, "FinalityViolated"),
    };
  }

  /** Reorganisations of a tier seen so far: state read before the last one may differ although its version is equal. */
  reorganisations(tier: Tier): number {
    return this.#lineages[tier].reorganisations;
  }

  /** The identity as the present primary shows it; the first becomes the pinned one. */
  async identify(signal?: AbortSignal): Promise<ChainIdentity> {
    const { endpoint } = await this.#settings.client.pool.header("latest", signal);
    return await this.#vouch(endpoint, signal);
  }

  /** @throws HeadRefused, or what the pool throws */
  async point(tier: Tier, signal?: AbortSignal): Promise<BlockPoint> {
    const { pool } = this.#settings.client;
    const { header: latest, endpoint } = await pool.header("latest", signal);
    if (this.#vouched.get(endpoint.name) !== endpoint.connection) await this.#vouch(endpoint, signal);
    this.#refuseStalled(latest);
    const own = await this.#tierHeader(tier, latest, async (tag) => (await pool.header(tag, signal, endpoint)).header);
    const header = tier === "final" ? await this.#confirmedFinal(own, endpoint, signal) : own;
    const ancestor = async (number: bigint): Promise<string> =>
      (await pool.ask(endpoint, ...headerRequest(number), parseHeader, signal)).hash;
    await this.#lineages[tier].accept(header, ancestor);
    return { number: header.number, hash: header.hash, timestampSeconds: header.timestampSeconds };
  }

  async #tierHeader(tier: Tier, latest: Header, read: (tag: BlockTag) => Promise<Header>): Promise<Header> {
    const { confirmations, finalityBlocks } = this.#settings;
    const depth = tier === "head" ? confirmations : finalityBlocks;
    if (depth === 0) return latest;
    return await read(depth === undefined ? "finalized" : max(0n, latest.number - BigInt(depth)));
  }

  /** Of what is final by the word of one endpoint, what is so by the word of another as well, where there is one. */
  async #confirmedFinal(final: Header, endpoint: Endpoint, signal?: AbortSignal): Promise<Header> {
    const { pool } = this.#settings.client;
    const second = pool.another(endpoint);
    if (second === undefined) return final;
    const read = (tag: BlockTag): Promise<Header> => pool.ask(second, ...headerRequest(tag), parseHeader, signal);
    const its = await this.#tierHeader("final", await read("latest"), read);
    return its.number < final.number ? its : final;
  }

  #refuseStalled(latest: Header): void {
    const { stallSeconds, clock } = this.#settings;
    const age = Math.floor(clock.now() / 1000) - latest.timestampSeconds;
    if (stallSeconds === undefined || age <= stallSeconds) return;
    throw new HeadRefused(
      "Stalled",
      `the newest block ${latest.number} is ${age} s old: the chain or the endpoint stalled`,
    );
  }

  async #vouch(endpoint: Endpoint, signal?: AbortSignal): Promise<ChainIdentity> {
    const { client, address } = this.#settings;
    const { connection } = endpoint;
    const [genesis, code] = await Promise.all([
      client.pool.ask(endpoint, ...headerRequest(0n), parseHeader, signal),
      client.code(address, endpoint, signal),
    ]);
    if (code === "0x") {
      throw new HeadRefused(
        "IdentityChanged",
        `endpoint ${endpoint.name} has no contract at ${address}: correct the address`,
      );
    }
    const identity = { chainId: client.pool.chainId, genesisHash: genesis.hash, codeHash: keccak256(code) };
    this.#identity ??= identity;
    if (identity.genesisHash !== this.#identity.genesisHash || identity.codeHash !== this.#identity.codeHash) {
      throw new HeadRefused(
        "IdentityChanged",
        `endpoint ${endpoint.name} serves another genesis or contract code than was first seen: it is another network; remove it`,
      );
    }
    this.#vouched.set(endpoint.name, connection);
    return identity;
  }
}

function headerRequest(tag: BlockTag): [method: string, params: readonly unknown[]] {
  return ["eth_getBlockByNumber", [tagParameter(tag), false]];
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
