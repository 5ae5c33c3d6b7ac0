import { Transaction } from "ethers";
import type { Chain } from "../harness/chain.ts";
import { chainCall } from "./chain-call.ts";
import { failure, result } from "./chain-faults.ts";
import type { Call, Fault } from "./fault.ts";

/** A transaction that waits to be mined. */
export interface Waiting {
  readonly hash: string;
  readonly nonce: number;
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
  readonly raw: string;
}

/** A replacement must offer at least 9/8 in both fields: geth asks for 10 % more, the strictest for 12.5 %. */
const isReplacement = (offered: bigint, held: bigint): boolean => offered * 8n >= held * 9n;

/**
 * The mempool that nodes on real networks have, for one sender, before anvil, whose own takes a replacement for one more wei,
 * refuses what pays less than the base fee, and drops what a rising base fee leaves behind. Here a transaction stays until it
 * pays for a block, is replaced as geth allows, or is evicted; each refusal is in geth's words. To be put into a proxy before
 * a chain that mines nothing by itself.
 */
export class StrictMempool {
  readonly #chain: Chain;
  readonly #waiting = new Map<number, Waiting>();
  readonly #answers: string[] = [];
  readonly #taken: Waiting[] = [];
  #nextNonce = 0;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  get waiting(): readonly Waiting[] {
    return [...this.#waiting.values()].sort((a, b) => a.nonce - b.nonce);
  }

  /** Every version that was ever let in, oldest first. */
  get taken(): readonly Waiting[] {
    return this.#taken;
  }

  /** What was answered to each send: `accepted`, or the refusal. */
  get answers(): readonly string[] {
    return this.#answers;
  }

  /** To be asked for each call. */
  fault(call: Call): Fault | undefined {
    const { method, params = [] } = chainCall(call) ?? {};
    if (method === "eth_getTransactionCount" && params[1] === "pending") {
      return { kind: "ChangeAnswer", change: (body) => this.#withWaiting(body) };
    }
    if (method === "eth_getTransactionByHash") return this.#shown(call, String(params[0]));
    if (method !== "eth_sendRawTransaction") return undefined;
    const transaction = parse(String(params[0]));
    const refusal = this.#refusal(transaction);
    this.#answers.push(refusal ?? "accepted");
    if (refusal !== undefined) return failure(call, -32_000, refusal);
    this.hold(transaction.raw);
    return result(call, transaction.hash);
  }

  /** Lets a transaction in, whatever it offers. */
  hold(raw: string): void {
    const transaction = parse(raw);
    this.#waiting.set(transaction.nonce, transaction);
    this.#taken.push(transaction);
  }

  /** Forgets everything, as a node does that starts anew or is full. */
  evict(): void {
    this.#waiting.clear();
  }

  /** Mines a block with all that pays its base fee, in the order of nonces. */
  async mine(baseFeePerGasWei: bigint): Promise<void> {
    await this.#chain.rpc("anvil_setNextBlockBaseFeePerGas", [`0x${baseFeePerGasWei.toString(16)}`]);
    const held = this.waiting;
    const tooCheap = held.findIndex(({ maxFeePerGasWei }) => maxFeePerGasWei < baseFeePerGasWei);
    const paying = held.slice(0, tooCheap === -1 ? held.length : tooCheap);
    for (const { raw } of paying) await this.#chain.rpc("eth_sendRawTransaction", [raw]);
    await this.#chain.rpc("evm_mine");
    for (const { nonce } of paying) {
      this.#waiting.delete(nonce); // only now: until its block is there, a transaction that is sent again is known
      this.#nextNonce = nonce + 1;
    }
  }

  #shown(call: Call, hash: string): Fault | undefined {
    const found = this.waiting.find((transaction) => transaction.hash === hash);
    return found === undefined ? undefined : result(call, { hash, nonce: found.nonce, blockHash: null });
  }

  #refusal({ hash, nonce, ...offer }: Waiting): string | undefined {
    if (nonce < this.#nextNonce) return "nonce too low";
    const held = this.#waiting.get(nonce);
    if (held === undefined) return undefined;
    if (held.hash === hash) return "already known";
    const isEnough =
      isReplacement(offer.maxFeePerGasWei, held.maxFeePerGasWei) &&
      isReplacement(offer.maxPriorityFeePerGasWei, held.maxPriorityFeePerGasWei);
    return isEnough ? undefined : "replacement transaction underpriced";
  }

  /** The nonce after those that wait without a gap. */
  #withWaiting(body: string): string {
    const { result: mined, ...rest }: { result?: unknown } = JSON.parse(body);
    let next = Number(mined);
    while (this.#waiting.has(next)) next += 1;
    return JSON.stringify({ ...rest, result: `0x${next.toString(16)}` });
  }
}

function parse(raw: string): Waiting {
  const { hash, nonce, maxFeePerGas, maxPriorityFeePerGas } = Transaction.from(raw);
  return {
    hash: hash ?? "",
    nonce,
    maxFeePerGasWei: maxFeePerGas ?? 0n,
    maxPriorityFeePerGasWei: maxPriorityFeePerGas ?? 0n,
    raw,
  };
}
