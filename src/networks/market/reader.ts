import type { ChainClient } from "../../chain/client.ts";
import type { LedgerOffer, LedgerPoint, LedgerProvider } from "../driver.ts";
import { decodeResult, marketAbi } from "./abi.ts";
import { decodeIds, decodeLeases, decodeOffers, decodeProvider, type PackedLease } from "./codec.ts";

const OFFERS_A_PAGE = 256;
const IDS_A_PAGE = 4096;
const LEASES_A_PAGE = 256;

/** More than any provider ever has; an endpoint that goes on for ever is not read for ever. */
const MOST_RECORDS = 1_000_000;

/** How sure a read must be: `confirmed` asks a second endpoint where there is one. */
export type Certainty = "once" | "confirmed";

/** The market did not exist yet at the block that was read. */
export class NotDeployed extends Error {
  override readonly name = "NotDeployed";
}

/** Reads the market at one block. */
export class MarketReader {
  readonly #client: ChainClient;
  readonly #market: string;

  constructor(client: ChainClient, market: string) {
    this.#client = client;
    this.#market = market;
  }

  at(point: LedgerPoint, certainty: Certainty, signal?: AbortSignal): MarketAt {
    return new MarketAt(async (name, args) => {
      const request = { to: this.#market, data: marketAbi.encodeFunctionData(name, args) };
      const data =
        certainty === "confirmed"
          ? await this.#client.callAtConfirmed(request, point, signal)
          : await this.#client.callAt(request, point, signal);
      if (data === "0x") await this.#explainNothing(point, signal);
      return decodeResult(name, data);
    });
  }

  /** A call without an answer: before the deployment, or an endpoint that does not tell the truth. */
  async #explainNothing(point: LedgerPoint, signal?: AbortSignal): Promise<never> {
    const where = `${this.#market} at block ${point.number}`;
    const code = await this.#client.codeAt(this.#market, point, signal);
    if (code === "0x") throw new NotDeployed(`no contract at ${where}`);
    throw new Error(`the contract ${where} answered nothing: is it a market? Check spec.market.address`);
  }
}

type View = (functionName: string, args: readonly unknown[]) => Promise<unknown>;

/** The market's views at one block, in neutral types. */
export class MarketAt {
  readonly #view: View;

  constructor(view: View) {
    this.#view = view;
  }

  /** The provider that an operator serves. */
  async providerOf(operator: string): Promise<string | undefined> {
    const id = String(await this.#view("providerOf", [operator]));
    return id === "0" ? undefined : id;
  }

  async generation(providerId: string): Promise<bigint> {
    return BigInt(String(await this.#view("generation", [providerId])));
  }

  async provider(providerId: string): Promise<LedgerProvider | undefined> {
    return decodeProvider(await this.#packed("providerPacked", [providerId]));
  }

  /** All offers of a provider; of all providers for "0". */
  async offers(providerId: string): Promise<LedgerOffer[]> {
    return await this.#pages(
      OFFERS_A_PAGE,
      async (cursor) => decodeOffers(await this.#packed("offersPacked", [providerId, cursor, OFFERS_A_PAGE])),
      ({ id }) => id,
    );
  }

  async activeIds(providerId: string): Promise<string[]> {
    return await this.#pages(
      IDS_A_PAGE,
      async (cursor) => decodeIds(await this.#packed("activeIds", [providerId, cursor, IDS_A_PAGE])),
      (id) => id,
    );
  }

  /** The leases that exist, closed ones too. */
  async leases(ids: ReadonlySet<string>): Promise<PackedLease[]> {
    const wanted = [...ids];
    const pages = Array.from({ length: Math.ceil(wanted.length / LEASES_A_PAGE) }, async (_, page) => {
      const some = wanted.slice(page * LEASES_A_PAGE, (page + 1) * LEASES_A_PAGE);
      return decodeLeases(await this.#packed("leasesPacked", [some]));
    });
    return (await Promise.all(pages)).flat();
  }

  /** @throws when the answer repeats itself or has no end: an endpoint that ignores the cursor */
  async #pages<T>(size: number, read: (cursor: number) => Promise<T[]>, idOf: (item: T) => string): Promise<T[]> {
    const all = new Map<string, T>();
    for (;;) {
      const page = await read(all.size);
      const expected = all.size + page.length;
      for (const item of page) all.set(idOf(item), item);
      if (all.size < expected || all.size > MOST_RECORDS) {
        throw new Error(
          `the market lists the same record twice or more than ${MOST_RECORDS}: check the network's RPC endpoints`,
        );
      }
      if (page.length < size) return [...all.values()];
    }
  }

  async #packed(functionName: string, args: readonly unknown[]): Promise<string> {
    return String(await this.#view(functionName, args));
  }
}
