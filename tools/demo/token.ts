import { AbiCoder, id } from "ethers";
import type { Stage } from "./stage.ts";

/** What the tenant has to spend: a thousand of the test token, in its smallest units. */
export const MINTED = 1_000_000_000n;

/** Gives the tenant test tokens: anyone may mint them. */
export async function mint({ chain, addresses }: Pick<Stage, "chain" | "addresses">, token: string): Promise<void> {
  const data = call("mint(address,uint256)", ["address", "uint256"], [addresses.tenant, MINTED]);
  await chain.rpc("eth_sendTransaction", [{ from: addresses.deployer, to: token, data }]);
}

/** Smallest units that an account holds. */
export async function balanceOf({ chain }: Stage, token: string, account: string): Promise<bigint> {
  const data = call("balanceOf(address)", ["address"], [account]);
  return BigInt(await chain.rpc<string>("eth_call", [{ to: token, data }, "latest"]));
}

function call(signature: string, types: readonly string[], values: readonly unknown[]): string {
  return id(signature).slice(0, 10) + AbiCoder.defaultAbiCoder().encode(types, values).slice(2);
}
