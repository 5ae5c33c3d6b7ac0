import type { Chain } from "../harness/chain.ts";
import { ChainRpcError } from "../harness/rpc.ts";

const BLOCK_TIME_SECONDS = 1;

/** A transaction that a reorganisation took out: nodes may send it once more, or have forgotten it. */
export interface Lost {
  readonly block: number;
  /** Signed. */
  readonly raw: string;
}

/**
 * Replaces the newest `depth` blocks by empty ones. anvil 1.7 loses blocks for good when it mines meanwhile, so mining
 * pauses; from then on it mines a block a second, and none at once for a transaction.
 * @returns what was in the blocks, oldest first
 */
export async function reorganise(chain: Chain, depth: number): Promise<readonly Lost[]> {
  await chain.rpc("evm_setIntervalMining", [0]);
  await chain.rpc("evm_mine"); // waits for a block that is being mined
  const replaced = depth + 1;
  const sent = await sentIn(chain, replaced);
  await chain.rpc("anvil_reorg", [replaced, []]);
  await chain.rpc("evm_setIntervalMining", [BLOCK_TIME_SECONDS]);
  return sent;
}

/** Sends what a reorganisation took out once more, and mines it. What has become impossible since is refused, and stays out. */
export async function sendAgain(chain: Chain, lost: readonly Lost[]): Promise<void> {
  for (const { raw } of lost) {
    try {
      await chain.rpc("eth_sendRawTransaction", [raw]);
    } catch (error) {
      if (!(error instanceof ChainRpcError)) throw error;
    }
  }
  await chain.rpc("evm_mine");
}

async function sentIn(chain: Chain, depth: number): Promise<readonly Lost[]> {
  const head = Number(await chain.rpc<string>("eth_blockNumber"));
  const found: Lost[] = [];
  for (let number = head - depth + 1; number <= head; number += 1) {
    const asked = [`0x${number.toString(16)}`, false];
    const { transactions } = await chain.rpc<{ transactions: readonly string[] }>("eth_getBlockByNumber", asked);
    for (const hash of transactions) {
      found.push({ block: number, raw: await chain.rpc<string>("eth_getRawTransactionByHash", [hash]) });
    }
  }
  return found;
}
