import type { ChainClient } from "../../chain/client.ts";
import { TokenReader } from "../../networks/market/token.ts";
import { formatAmount } from "../input/amount.ts";
import { printable } from "../output/text.ts";

/** An ERC-20 as people name it. The symbol is the token's own claim: the address says which token it is. */
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

async function readToken(client: ChainClient, address: string): Promise<Token> {
  const { symbol, decimals } = await new TokenReader(client, address).info();
  return { address, symbol: printable(symbol, 16) || address, decimals };
}

/** `12.5 USDC`. */
export function formatMoney(units: bigint, token: Token): string {
  return `${formatAmount(units, token.decimals)} ${token.symbol}`;
}
