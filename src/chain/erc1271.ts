import { Interface } from "ethers";
import type { ChainClient } from "./client.ts";
import { isRevert } from "./errors.ts";

const abi = new Interface(["function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)"]);
/** What a contract that takes the signature answers, padded to a word. */
const MAGIC = `0x1626ba7e${"0".repeat(56)}`;

/**
 * Whether `contract` takes `signature` for its signature of `hash` (ERC-1271).
 * @throws when the chain cannot be asked
 */
export async function isValidContractSignature(
  client: ChainClient,
  contract: string,
  hash: string,
  signature: string,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    const data = abi.encodeFunctionData("isValidSignature", [hash, signature]);
    return (await client.call({ to: contract, data }, signal)).startsWith(MAGIC);
  } catch (error) {
    if (isRevert(error)) return false;
    throw error;
  }
}
