import type { BlockTag, Header } from "./block.ts";
import type { Endpoint } from "./endpoint.ts";
import { BlockUnknown, Disagreement, isBlockUnknown, isRevert, RpcError } from "./errors.ts";
import { parseData, parseHash, parseList, parseNumber, parseQuantity, parseRecord, quantity } from "./hex.ts";
import type { RpcPool, SendOutcome } from "./pool.ts";

export interface CallRequest {
  readonly to?: string;
  readonly data: string;
  readonly from?: string;
}

export interface Receipt {
  readonly transactionHash: string;
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly effectiveGasPriceWei: bigint;
  /** Set when the transaction created a contract. */
  readonly contractAddress: string | undefined;
  readonly logs: readonly { readonly address: string; readonly topics: readonly string[]; readonly data: string }[];
}

export interface FeeHistory {
  /** Base fee that the next block will have. */
  readonly nextBaseFeePerGasWei: bigint;
  /** Median tip of each of the last blocks. */
  readonly medianTipsWei: readonly bigint[];
}

const FEE_HISTORY_BLOCKS = 5;

/** The JSON-RPC methods that Berthage uses, typed, over a pool. */
export class ChainClient {
  readonly pool: RpcPool;

  constructor(pool: RpcPool) {
    this.pool = pool;
  }

  async header(tag: BlockTag, signal?: AbortSignal): Promise<Header> {
    return (await this.pool.header(tag, signal)).header;
  }

  /**
   * `eth_call` at exactly the block with this hash (EIP-1898), at the endpoint that served its header; where that
   * endpoint takes no hashes, by number with the header read again.
   * @throws BlockUnknown when the block is no longer canonical; RpcError when the call reverts
   */
  async callAt(request: CallRequest, block: { number: bigint; hash: string }, signal?: AbortSignal): Promise<string> {
    return await callAtBlock(this.pool, this.pool.readerOf(block.hash), request, block, signal);
  }

  /**
   * `callAt` asked of two endpoints, for what something irreversible will rest on. With one endpoint, `callAt`.
   * @throws Disagreement when they differ
   */
  async callAtConfirmed(
    request: CallRequest,
    block: { number: bigint; hash: string },
    signal?: AbortSignal,
  ): Promise<string> {
    const first = this.pool.readerOf(block.hash);
    const second = this.pool.another(first);
    const answer = await callAtBlock(this.pool, first, request, block, signal);
    if (second !== undefined && (await callAtBlock(this.pool, second, request, block, signal)) !== answer) {
      throw new Disagreement(
        `endpoints ${first.name} and ${second.name} differ on the state at block ${block.number} (${block.hash}); find out which one is wrong and remove it`,
      );
    }
    return answer;
  }

  /** Deployed code at a block, `0x` for none, from the endpoint that served its header. */
  async codeAt(address: string, block: { number: bigint; hash: string }, signal?: AbortSignal): Promise<string> {
    const endpoint = this.pool.readerOf(block.hash);
    const at = endpoint.supportsBlockHash ? { blockHash: block.hash, requireCanonical: true } : quantity(block.number);
    return await this.pool.ask(endpoint, "eth_getCode", [address, at], parseData, signal);
  }

  /** `eth_call` on the newest state that any endpoint serves. */
  async call(request: CallRequest, signal?: AbortSignal): Promise<string> {
    return await this.pool.read("eth_call", [request, "latest"], parseData, signal);
  }

  async estimateGas(request: CallRequest, signal?: AbortSignal): Promise<bigint> {
    return await this.pool.read("eth_estimateGas", [request], parseQuantity, signal);
  }

  /** The next nonce: of the mined state (`latest`), or counting the node's queue as well (`pending`, never signed with). */
  async nonce(address: string, tag: "latest" | "pending", signal?: AbortSignal): Promise<number> {
    return await this.pool.read("eth_getTransactionCount", [address, tag], parseNumber, signal);
  }

  async balanceWei(address: string, signal?: AbortSignal): Promise<bigint> {
    return await this.pool.read("eth_getBalance", [address, "latest"], parseQuantity, signal);
  }

  /** Deployed code, `0x` for none. */
  async code(address: string, endpoint?: Endpoint, signal?: AbortSignal): Promise<string> {
    const params = [address, "latest"];
    if (endpoint === undefined) return await this.pool.read("eth_getCode", params, parseData, signal);
    return await this.pool.ask(endpoint, "eth_getCode", params, parseData, signal);
  }

  async feeHistory(signal?: AbortSignal): Promise<FeeHistory> {
    const params = [quantity(FEE_HISTORY_BLOCKS), "latest", [50]];
    return await this.pool.read("eth_feeHistory", params, parseFeeHistory, signal);
  }

  /** Undefined while the transaction is not mined, as far as the endpoint knows. */
  async receipt(hash: string, signal?: AbortSignal): Promise<Receipt | undefined> {
    return await this.pool.read("eth_getTransactionReceipt", [hash], parseReceipt, signal);
  }

  /** Whether the endpoint knows a transaction, mined or waiting. One that keeps what waits to itself says no. */
  async isKnown(hash: string, signal?: AbortSignal): Promise<boolean> {
    return await this.pool.read("eth_getTransactionByHash", [hash], (result) => result !== null, signal);
  }

  async sendRawTransaction(raw: string, signal?: AbortSignal): Promise<readonly SendOutcome[]> {
    return await this.pool.broadcast("eth_sendRawTransaction", [raw], signal);
  }
}

async function callAtBlock(
  pool: RpcPool,
  endpoint: Endpoint,
  request: CallRequest,
  block: { number: bigint; hash: string },
  signal: AbortSignal | undefined,
): Promise<string> {
  const ask = (at: unknown): Promise<string> => pool.ask(endpoint, "eth_call", [request, at], parseData, signal);
  try {
    if (endpoint.supportsBlockHash) {
      try {
        return await ask({ blockHash: block.hash, requireCanonical: true });
      } catch (error) {
        if (!isParameterRefused(error)) throw error;
        endpoint.supportsBlockHash = false;
      }
    }
    const answer = await ask(quantity(block.number));
    const { header } = await pool.header(block.number, signal, endpoint);
    if (header.hash === block.hash) return answer;
  } catch (error) {
    if (!isBlockUnknown(error)) throw error;
  }
  throw new BlockUnknown(`endpoint ${endpoint.name} no longer has block ${block.number} (${block.hash}); read again`);
}

/** The node does not understand a block object: it predates EIP-1898. */
function isParameterRefused(error: unknown): boolean {
  return error instanceof RpcError && error.code === -32602 && !isRevert(error) && !isBlockUnknown(error);
}

function parseFeeHistory(value: unknown): FeeHistory {
  const history = parseRecord(value);
  const baseFees = parseList(history["baseFeePerGas"]).map(parseQuantity);
  const rewards = history["reward"] === undefined || history["reward"] === null ? [] : parseList(history["reward"]);
  return {
    nextBaseFeePerGasWei: baseFees.at(-1) ?? 0n,
    medianTipsWei: rewards.map((block) => parseQuantity(parseList(block)[0])),
  };
}

function parseReceipt(value: unknown): Receipt | undefined {
  if (value === null) return undefined;
  const receipt = parseRecord(value);
  const contract = receipt["contractAddress"];
  return {
    transactionHash: parseHash(receipt["transactionHash"]),
    blockNumber: parseQuantity(receipt["blockNumber"]),
    blockHash: parseHash(receipt["blockHash"]),
    succeeded: parseQuantity(receipt["status"]) === 1n,
    gasUsed: parseQuantity(receipt["gasUsed"]),
    effectiveGasPriceWei: parseQuantity(receipt["effectiveGasPrice"]),
    contractAddress: contract === null || contract === undefined ? undefined : parseData(contract),
    logs: parseList(receipt["logs"]).map((entry) => {
      const log = parseRecord(entry);
      return {
        address: parseData(log["address"]),
        topics: parseList(log["topics"]).map(parseHash),
        data: parseData(log["data"]),
      };
    }),
  };
}
