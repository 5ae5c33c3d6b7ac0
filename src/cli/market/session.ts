import { getAddress } from "ethers";
import { ChainClient } from "../../chain/client.ts";
import { withDeadline } from "../../chain/clock.ts";
import { isRevert, Unreachable } from "../../chain/errors.ts";
import { parseQuantity } from "../../chain/hex.ts";
import { JsonRpcTransport } from "../../chain/json-rpc.ts";
import { RpcPool } from "../../chain/pool.ts";
import { decodeResult, marketAbi } from "../../networks/market/abi.ts";
import { MarketAt } from "../../networks/market/reader.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import type { Flags } from "../flags.ts";
import { parseAddress, parseUrl } from "../input/values.ts";
import { isBadData } from "./bad-data.ts";

const DEADLINE_SECONDS = 10;

/** A chain that answered. */
export interface ChainSession {
  readonly client: ChainClient;
  readonly chainId: bigint;
}

/** A market that was seen to be one. */
export interface MarketSession extends ChainSession {
  /** With checksum. */
  readonly market: string;
  /** Its views on the newest block. */
  readonly views: MarketAt;
}

/** Runs `work` with the chain behind `--rpc`. */
export async function withChain<T>(
  flags: Flags,
  context: Context,
  work: (session: ChainSession) => Promise<T>,
): Promise<T> {
  const url = parseUrl(flags.required("rpc"), "--rpc");
  const name = url.origin; // stands for the endpoint in errors: path and user may hold a credential
  const chainId = await readChainId(name, url.href, context);
  const pool = new RpcPool({
    chainId,
    endpoints: [{ name, url: url.href }],
    clock: context.clock,
    readDeadlineSeconds: DEADLINE_SECONDS,
  });
  try {
    return await work({ client: new ChainClient(pool), chainId });
  } finally {
    await pool.close();
  }
}

/** Runs `work` with the market of `--rpc` and `--market`. @throws Failure when there is none */
export async function withMarket<T>(
  flags: Flags,
  context: Context,
  work: (session: MarketSession) => Promise<T>,
): Promise<T> {
  const market = parseAddress(flags.required("market"), "--market");
  return await withChain(flags, context, async (chain) => {
    await checkMarket(chain, market);
    return await work(marketSession(chain, market));
  });
}

/** @throws Failure when the address holds no market of this version */
export async function checkMarket({ client, chainId }: ChainSession, market: string): Promise<void> {
  const next = "check --market (BERTHAGE_MARKET), and that --rpc is the market's chain";
  if ((await client.code(market)) === "0x") {
    throw new Failure(`there is no contract at ${market} on chain ${chainId}`, next);
  }
  try {
    for (const view of ["leaseCount", "providerCount"]) {
      decodeResult(view, await client.call({ to: market, data: marketAbi.encodeFunctionData(view) }));
    }
  } catch (error) {
    if (!isRevert(error) && !isBadData(error)) throw error;
    throw new Failure(`the contract at ${market} on chain ${chainId} is not a ComputeMarket of this version`, next);
  }
}

export function marketSession(chain: ChainSession, market: string): MarketSession {
  const views = new MarketAt(async (name, args) =>
    decodeResult(name, await chain.client.call({ to: market, data: marketAbi.encodeFunctionData(name, args) })),
  );
  return { ...chain, market: getAddress(market), views };
}

async function readChainId(name: string, url: string, { clock }: Context): Promise<bigint> {
  const transport = new JsonRpcTransport(name, url);
  const late = (): Error => new Unreachable(`endpoint ${name} did not answer in ${DEADLINE_SECONDS} s`);
  try {
    return await withDeadline(clock, DEADLINE_SECONDS * 1000, undefined, late, async (signal) =>
      parseQuantity(await transport.call("eth_chainId", [], signal)),
    );
  } finally {
    await transport.close();
  }
}
