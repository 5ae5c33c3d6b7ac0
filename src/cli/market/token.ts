import type { ChainClient } from "../../chain/client.ts";
import { isRevert } from "../../chain/errors.ts";
import { TokenReader } from "../../networks/market/token.ts";
import { formatAmount } from "../input/amount.ts";
import { printable } from "../output/text.ts";
import { isBadData } from "./bad-data.ts";

/**
 * An ERC-20 as people name it. The symbol is the token's own claim: the address says which token it is. A token that does
 * not tell goes by its address, in smallest units.
 */
export interface Token {
  readonly address: string;
  readonly symbol: string;
  readonly decimals: number;
}

/** Reads each token once. */
export class Tokens {
  readonly #client: ChainClient;
  readonly #known = new Map<string, Promise<Token>>();

  constructor(client: ChainClient) {
    this.#client = client;
  }

  get(address: string): Promise<Token> {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const token = readToken(this.#client, address);
    this.#known.set(address, token);
    return token;
  }
}

/** Anybody may publish an offer in any contract: one that is no proper token must not spoil the list for all others. */
async function readToken(client: ChainClient, address: string): Promise<Token> {
  try {
    const { symbol, decimals } = await new TokenReader(client, address).info();
    return { address, symbol: printable(symbol, 16) || address, decimals };
  } catch (error) {
    if (!isRevert(error) && !isBadData(error)) throw error;
    return { address, symbol: address, decimals: 0 };
  }
}

/** `12.5 USDC`. */
export function formatMoney(units: bigint, token: Token): string {
  return `${formatAmount(units, token.decimals)} ${token.symbol}`;
}
