import { AbiCoder, id } from "ethers";
import { ChainClient } from "../../src/chain/client.ts";
import { RpcPool } from "../../src/chain/pool.ts";
import { type SendOptions, sendTransaction } from "../../src/chain/send.ts";
import { rawKeySigner } from "../../src/chain/signers/raw-key.ts";
import { systemClock } from "../../src/kube/clock.ts";
import type { LedgerLease, LedgerOffer } from "../../src/networks/driver.ts";
import { deployMarket, deployTestToken } from "../../src/networks/market/deploy.ts";
import { bundleCalls } from "../../src/networks/market/encode.ts";
import { explainRevert } from "../../src/networks/market/explain.ts";
import { MarketReader } from "../../src/networks/market/reader.ts";
import { TokenReader } from "../../src/networks/market/token.ts";
import {
  closedLease,
  type MarketCall,
  MarketTransactions,
  openedLease,
  registeredProvider,
} from "../../src/networks/market/transactions.ts";
import { generateManifestKey, type ManifestKey } from "../../src/sealing/key.ts";
import type { Chain } from "./chain.ts";

export interface Account {
  readonly address: string;
  readonly privateKey: string;
}

/** A market with a test token on a chain, and one registered provider. */
export interface TestMarket {
  readonly address: string;
  readonly token: string;
  readonly providerId: string;
  readonly manifestKey: ManifestKey;
  readonly operator: Account;
  readonly payout: string;
  readonly calls: MarketTransactions;
  readonly client: ChainClient;
  send(call: MarketCall, from: Account): ReturnType<typeof sendTransaction>;
  /** Sends several calls as one transaction, so that they are mined together or not at all. */
  sendTogether(calls: readonly MarketCall[], from: Account): ReturnType<typeof sendTransaction>;
  balance(account: string): Promise<bigint>;
  /** Gives test tokens and lets the market take them. */
  fund(account: Account, amount: bigint): Promise<void>;
  open(
    tenant: Account,
    opening: { offerId: string; units: number; deposit: bigint; manifestHash: string },
  ): Promise<string>;
  close(tenant: Account, leaseId: string): Promise<{ paid: bigint; refund: bigint }>;
  /** What the chain says of a lease now, alive or closed. */
  lease(leaseId: string): Promise<Omit<LedgerLease, "token">>;
  /** This provider's listings, now or at a block. */
  offers(block?: bigint): Promise<readonly LedgerOffer[]>;
  stop(): Promise<void>;
}

/** Deploys everything and registers `accounts[1]` as owner and operator that is paid at `accounts[2]`. Senders wait for so long for each transaction. */
export async function deployTestMarket(chain: Chain, timeoutSeconds = 180): Promise<TestMarket> {
  const [deployer, operator, payout] = chain.accounts;
  if (deployer === undefined || operator === undefined || payout === undefined)
    throw new Error("the chain has no accounts");
  const endpoints = [{ name: "test", url: chain.url }];
  const pool = new RpcPool({ chainId: BigInt(chain.chainId), endpoints, clock: systemClock });
  const client = new ChainClient(pool);
  const optionsOf = (from: Account): SendOptions => ({
    client,
    signer: rawKeySigner(from.privateKey),
    clock: systemClock,
    explain: explainRevert,
    timeoutSeconds,
  });
  const { address } = await deployMarket(optionsOf(deployer));
  const { address: token } = await deployTestToken(optionsOf(deployer));
  const calls = new MarketTransactions(address);
  const turns = new Map<string, Promise<unknown>>();
  // One transaction at a time from each account: scenarios that run side by side must not take the same nonce.
  const send = (call: MarketCall, from: Account): ReturnType<typeof sendTransaction> => {
    const before = turns.get(from.address) ?? Promise.resolve();
    const turn = before.then(() => sendTransaction(call, optionsOf(from)));
    turns.set(
      from.address,
      turn.catch(() => undefined),
    );
    return turn;
  };
  const manifestKey = generateManifestKey();
  const registration = { operator: operator.address, payout: payout.address, manifestKey: manifestKey.publicKey };
  const providerId = registeredProvider(await send(calls.register(registration), operator));
  const reader = new MarketReader(client, address);
  const at = async (block: bigint | "latest" = "latest") => reader.at(await client.header(block), "once");
  return {
    address,
    token,
    providerId,
    manifestKey,
    operator,
    payout: payout.address,
    calls,
    client,
    send,
    sendTogether: (together, from) =>
      send(
        bundleCalls(
          address,
          together.map((call) => ({ ...call, intentKeys: [] })),
        ),
        from,
      ),
    balance: (account) => new TokenReader(client, token).balance(account),
    async fund(account, amount) {
      const mint = AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [account.address, amount]);
      await send({ to: token, data: `${id("mint(address,uint256)").slice(0, 10)}${mint.slice(2)}` }, deployer);
      await send(calls.approve(token, amount), account);
    },
    open: async (tenant, opening) => openedLease(await send(calls.open(opening), tenant)),
    close: async (tenant, leaseId) => closedLease(await send(calls.closeByTenant(leaseId), tenant)),
    async lease(leaseId) {
      const [found] = await (await at()).leases(new Set([leaseId]));
      if (found === undefined) throw new Error(`the chain knows no lease ${leaseId}`);
      return found.lease;
    },
    offers: async (block) => (await at(block)).offers(providerId),
    stop: () => pool.close(),
  };
}
