import { ChainClient } from "../../chain/client.ts";
import { isValidContractSignature } from "../../chain/erc1271.ts";
import { HeadTracker } from "../../chain/head.ts";
import { Lane } from "../../chain/lane.ts";
import { RpcPool } from "../../chain/pool.ts";
import type { Intent } from "../driver.ts";
import { ledgerInformer } from "../ledger.ts";
import type { Network, NetworkDependencies, NetworkSettings } from "../network.ts";
import { marketDriver } from "./driver.ts";

/** Defaults of the custom resource. */
const CONFIRMATIONS = 1;
const POLL_SECONDS = 2;

/**
 * Connects to a ComputeMarket. Nothing is asked of the chain before `run`, so a dead endpoint is no failure here.
 * @throws when the settings have no `market`
 */
export function connectMarket(settings: NetworkSettings, dependencies: NetworkDependencies): Network {
  const { market, budget } = settings;
  if (market === undefined) throw new Error("the network's driver is Market but spec.market is missing: add it");
  const { confirmations = CONFIRMATIONS, finalityBlocks, pollSeconds = POLL_SECONDS } = market;
  const { signer, clock, random, metrics, recorded, stallSeconds, finalPollSeconds, known, fence, journal } =
    dependencies;
  const optional = metrics === undefined ? {} : { metrics };

  const pool = new RpcPool({ chainId: BigInt(market.chainId), endpoints: market.endpoints, clock, ...optional });
  const client = new ChainClient(pool);
  const heads = new HeadTracker({
    client,
    clock,
    address: market.address,
    confirmations,
    finalityBlocks,
    stallSeconds,
    recorded,
  });
  const driver = marketDriver({ client, heads, market: market.address, operator: signer.address });
  const ledger = ledgerInformer({
    driver,
    known,
    clock,
    random,
    periodSeconds: pollSeconds,
    ...(finalPollSeconds === undefined ? {} : { finalPeriodSeconds: finalPollSeconds }),
    ...optional,
  });
  const lane = new Lane<Intent>({
    client,
    signer,
    journal,
    clock,
    confirmations,
    fees: { maxFeePerGasWei: wei(budget?.maxFeePerGasWei), maxSpendPerDayWei: wei(budget?.maxSpendPerDayWei) },
    encode: (intents) => {
      const provider = ledger.head?.provider;
      return provider === undefined ? [] : driver.encode(intents, provider);
    },
    bundle: (calls) => driver.bundle(calls),
    explain: (data) => driver.explain(data),
    fence,
    ...(dependencies.admit === undefined ? {} : { admit: dependencies.admit }),
    ...(dependencies.onDone === undefined ? {} : { onDone: dependencies.onDone }),
    ...(dependencies.onRefused === undefined ? {} : { onRefused: dependencies.onRefused }),
    ...optional,
  });
  return {
    driver,
    ledger,
    lane,
    balanceWei: (signal) => client.balanceWei(signer.address, signal),
    endpoints: () => pool.states(),
    isValidSignature: (contract, hash, signature, signal) =>
      isValidContractSignature(client, contract, hash, signature, signal),
    run: (signal) => ledger.run(signal),
    close: () => pool.close(),
  };
}

function wei(text: string | undefined): bigint | undefined {
  return text === undefined ? undefined : BigInt(text);
}
