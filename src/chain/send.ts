import { keccak256 } from "ethers";
import type { ChainClient, Receipt } from "./client.ts";
import { type Clock, sleep } from "./clock.ts";
import { isRevert } from "./errors.ts";
import { marketFees } from "./fees.ts";
import { judgeSend } from "./send-outcome.ts";
import type { Signer } from "./signer.ts";

/** What a person sends once: a call, or the creation of a contract. */
export interface Transaction {
  /** Absent to create a contract. */
  readonly to?: string;
  readonly data: string;
}

export interface SendOptions {
  readonly client: ChainClient;
  readonly signer: Signer;
  readonly clock: Clock;
  /** Revert data in words. */
  explain(revertData: string): string;
  /** Called when nodes have it, with its hash. */
  onSent?(hash: string): void;
  /** Give up waiting after this long; the transaction may still be mined. Default 180. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

/**
 * Room for one transfer of a token more than was estimated: a lease's first heartbeat may be mined before its close, which then
 * pays the provider as well. What is not used costs nothing.
 */
const TRANSFER_GAS = 65_000n;
const POLL_MILLISECONDS = 500;
const REBROADCAST_POLLS = 24;

/**
 * Sends one transaction and waits until it is mined: for commands that a person runs. Programs use the lane.
 * @throws when it would revert (with the contract's reason), is refused, reverts, or is not mined in time
 */
export async function sendTransaction(transaction: Transaction, options: SendOptions): Promise<Receipt> {
  const { client, signer, clock, signal } = options;
  const gas = await estimate(transaction, options);
  const fees = marketFees(await client.feeHistory(signal), {});
  const raw = await signer.signTransaction(
    {
      chainId: client.pool.chainId,
      nonce: await client.nonce(signer.address, "pending", signal),
      to: transaction.to,
      data: transaction.data,
      gasLimit: (gas * 6n) / 5n + TRANSFER_GAS,
      ...fees,
    },
    signal,
  );
  const hash = keccak256(raw);
  await broadcast(raw, options);
  options.onSent?.(hash);
  const timeoutSeconds = options.timeoutSeconds ?? 180;
  const deadline = clock.monotonic() + timeoutSeconds * 1000;
  for (let poll = 1; clock.monotonic() < deadline; poll += 1) {
    signal?.throwIfAborted();
    const receipt = await client.receipt(hash, signal);
    if (receipt?.succeeded === true) return receipt;
    if (receipt !== undefined) throw new Error(`transaction ${hash} was mined but reverted; look at its trace`);
    if (poll % REBROADCAST_POLLS === 0) await client.sendRawTransaction(raw, signal);
    await sleep(clock, POLL_MILLISECONDS, signal);
  }
  throw new Error(
    `transaction ${hash} was not mined in ${timeoutSeconds} s; it may still be: look it up before sending again`,
  );
}

async function estimate(transaction: Transaction, { client, signer, explain, signal }: SendOptions): Promise<bigint> {
  try {
    return await client.estimateGas({ ...transaction, from: signer.address }, signal);
  } catch (error) {
    if (!isRevert(error)) throw error;
    const reason = error.data === undefined ? error.message : explain(error.data);
    throw new Error(`the transaction would revert: ${reason}`, { cause: error });
  }
}

async function broadcast(raw: string, { client, signer, signal }: SendOptions): Promise<void> {
  const { verdict, text } = judgeSend(await client.sendRawTransaction(raw, signal));
  if (verdict === "InsufficientFunds") throw new Error(`${signer.address} cannot pay for gas: send it some (${text})`);
  if (verdict !== "Accepted" && verdict !== "Unknown") throw new Error(`no node took the transaction: ${text}`);
}
