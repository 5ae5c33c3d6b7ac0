import { ZeroHash } from "ethers";
import { ChainClient, type Receipt } from "../../../../src/chain/client.ts";
import type { EndpointSettings } from "../../../../src/chain/endpoint.ts";
import { RpcPool } from "../../../../src/chain/pool.ts";
import { sendTransaction } from "../../../../src/chain/send.ts";
import type { Signer } from "../../../../src/chain/signer.ts";
import { rawKeySigner } from "../../../../src/chain/signers/raw-key.ts";
import { systemClock } from "../../../../src/kube/clock.ts";
import type { OfferTerms } from "../../../../src/networks/driver.ts";
import { marketAbi, tokenAbi } from "../../../../src/networks/market/abi.ts";
import { deployMarket, deployTestToken } from "../../../../src/networks/market/deploy.ts";
import { explainRevert } from "../../../../src/networks/market/explain.ts";
import { MarketTransactions, openedLease, registeredProvider } from "../../../../src/networks/market/transactions.ts";
import type { Chain } from "../../../harness/chain.ts";

/** A market on a real chain with one provider and one tenant who has tokens and approved the market. */
export interface Market {
  readonly client: ChainClient;
  readonly address: string;
  readonly token: string;
  readonly providerId: string;
  readonly operator: Signer;
  readonly operatorKey: string;
  readonly tenant: Signer;
  readonly terms: OfferTerms;
  readonly transactions: MarketTransactions;
  send(call: { to: string; data: string }, signer: Signer): Promise<Receipt>;
  publish(capacityUnits: number, terms?: Partial<OfferTerms>): Promise<string>;
  open(offerId: string, units: number, deposit: bigint): Promise<string>;
  close(): Promise<void>;
}

const manifestKey = `0x${"11".repeat(32)}`;

export function poolOf(chain: Chain, endpoints: readonly EndpointSettings[]): RpcPool {
  return new RpcPool({ chainId: BigInt(chain.chainId), endpoints, clock: systemClock });
}

/** The signer of one of the chain's accounts. */
export function account(chain: Chain, index: number): { signer: Signer; privateKey: string } {
  const privateKey = chain.accounts[index]?.privateKey;
  if (privateKey === undefined) throw new Error(`the chain has no account ${index}`);
  return { signer: rawKeySigner(privateKey), privateKey };
}

export async function startMarket(chain: Chain): Promise<Market> {
  const client = new ChainClient(poolOf(chain, [{ name: "setup", url: chain.url }]));
  const { signer: operator, privateKey: operatorKey } = account(chain, 1);
  const { signer: tenant } = account(chain, 2);
  const options = (signer: Signer) => ({ client, signer, clock: systemClock, explain: explainRevert });
  const { address } = await deployMarket(options(operator));
  const { address: token } = await deployTestToken(options(operator));
  const transactions = new MarketTransactions(address);
  const send = (call: { to: string; data: string }, signer: Signer): Promise<Receipt> =>
    sendTransaction(call, options(signer));
  const registration = { operator: operator.address, payout: operator.address, manifestKey };
  const providerId = registeredProvider(await send(transactions.register(registration), operator));
  await send({ to: token, data: tokenAbi.encodeFunctionData("mint", [tenant.address, 10n ** 15n]) }, tenant);
  await send(transactions.approve(token, 10n ** 15n), tenant);
  const terms: OfferTerms = {
    token,
    pricePerUnitHour: 3_600_000n,
    heartbeatWindowSeconds: 7200,
    minSeconds: 0,
    noticeSeconds: 3600,
    specHash: `0x${"22".repeat(32)}`,
  };
  return {
    client,
    address,
    token,
    providerId,
    operator,
    operatorKey,
    tenant,
    terms,
    transactions,
    send,
    async publish(capacityUnits, changes = {}) {
      const t = { ...terms, ...changes };
      const tuple = [
        t.token,
        t.pricePerUnitHour,
        capacityUnits,
        t.heartbeatWindowSeconds,
        t.minSeconds,
        t.noticeSeconds,
        t.specHash,
      ];
      const data = marketAbi.encodeFunctionData("setOffer", [providerId, tuple]);
      const { logs } = await send({ to: address, data }, operator);
      return String(marketAbi.parseLog(logs[0] ?? { topics: [], data: "0x" })?.args.getValue("offerId"));
    },
    async open(offerId, units, deposit) {
      return openedLease(await send(transactions.open({ offerId, units, deposit, manifestHash: ZeroHash }), tenant));
    },
    close: () => client.pool.close(),
  };
}
