import { getAddress } from "ethers";
import { type SendOptions, sendTransaction } from "../../chain/send.ts";
import { marketBytecode, testTokenBytecode } from "./abi.ts";

export interface Deployment {
  readonly address: string;
  readonly blockNumber: bigint;
  readonly transactionHash: string;
  readonly gasUsed: bigint;
}

/** Puts a new market on the chain. It has no owner and cannot be changed. */
export async function deployMarket(options: SendOptions): Promise<Deployment> {
  return await deploy(marketBytecode, options);
}

/** Puts a new test token on the chain: anyone may mint it. */
export async function deployTestToken(options: SendOptions): Promise<Deployment> {
  return await deploy(testTokenBytecode, options);
}

async function deploy(bytecode: string, options: SendOptions): Promise<Deployment> {
  const receipt = await sendTransaction({ data: bytecode }, options);
  const { contractAddress, blockNumber, transactionHash, gasUsed } = receipt;
  if (contractAddress === undefined) throw new Error(`transaction ${transactionHash} created no contract`);
  return { address: getAddress(contractAddress), blockNumber, transactionHash, gasUsed };
}
