import type { ChainClient } from "../../chain/client.ts";
import { isRevert } from "../../chain/errors.ts";
import { tokenAbi } from "./abi.ts";

export interface TokenInfo {
  readonly symbol: string;
  readonly decimals: number;
}

/** Reads an ERC-20. */
export class TokenReader {
  readonly #client: ChainClient;
  readonly #token: string;

  constructor(client: ChainClient, token: string) {
    this.#client = client;
    this.#token = token;
  }

  async info(signal?: AbortSignal): Promise<TokenInfo> {
    const [symbol, decimals] = await Promise.all([
      this.#read("symbol", [], signal),
      this.#read("decimals", [], signal),
    ]);
    return { symbol: String(symbol), decimals: Number(decimals) };
  }

  /** Smallest units. */
  async balance(account: string, signal?: AbortSignal): Promise<bigint> {
    return BigInt(String(await this.#read("balanceOf", [account], signal)));
  }

  async allowance(owner: string, spender: string, signal?: AbortSignal): Promise<bigint> {
    return BigInt(String(await this.#read("allowance", [owner, spender], signal)));
  }

  /** What a permit of `owner` must be signed over (EIP-5267, ERC-2612); undefined where the token lacks either. */
  async permitDomain(
    owner: string,
    signal?: AbortSignal,
  ): Promise<{ name: string; version: string; nonce: bigint } | undefined> {
    try {
      const data = await this.#call("eip712Domain", [], signal);
      const domain = tokenAbi.decodeFunctionResult("eip712Domain", data);
      const nonce = BigInt(String(await this.#read("nonces", [owner], signal)));
      return { name: String(domain["name"]), version: String(domain["version"]), nonce };
    } catch (error) {
      if (isRevert(error) || isBadData(error)) return undefined;
      throw error;
    }
  }

  async #read(name: string, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    const [value] = tokenAbi.decodeFunctionResult(name, await this.#call(name, args, signal));
    return value;
  }

  #call(name: string, args: readonly unknown[], signal?: AbortSignal): Promise<string> {
    return this.#client.call({ to: this.#token, data: tokenAbi.encodeFunctionData(name, args) }, signal);
  }
}

/** ethers' code for an answer that the ABI does not describe: a contract with a fallback function. */
function isBadData(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "BAD_DATA";
}
