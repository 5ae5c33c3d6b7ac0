import { AbiCoder, id } from "ethers";
import { ChainClient } from "../../src/chain/client.ts";
import { RpcPool } from "../../src/chain/pool.ts";
import { type SendOptions, sendTransaction } from "../../src/chain/send.ts";
import { rawKeySigner } from "../../src/chain/signers/raw-key.ts";
import { systemClock } from "../../src/kube/clock.ts";
import { deployMarket, deployTestToken } from "../../src/networks/market/deploy.ts";
import { explainRevert } from "../../src/networks/market/explain.ts";
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
  balance(account: string): Promise<bigint>;
  /** Gives test tokens and lets the market take them. */
  fund(account: Account, amount: bigint): Promise<void>;
  open(
    tenant: Account,
    opening: { offerId: string; units: number; deposit: bigint; manifestHash: string },
  ): Promise<string>;
  close(tenant: Account, leaseId: string): Promise<{ paid: bigint; refund: bigint }>;
  stop(): Promise<void>;
}

/** Deploys everything and registers `accounts[1]` as owner and operator that is paid at `accounts[2]`. */
export async function deployTestMarket(chain: Chain): Promise<TestMarket> {
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
  });
  const { address } = await deployMarket(optionsOf(deployer));
  const { address: token } = await deployTestToken(optionsOf(deployer));
  const calls = new MarketTransactions(address);
  const send = (call: MarketCall, from: Account): ReturnType<typeof sendTransaction> =>
    sendTransaction(call, optionsOf(from));
  const manifestKey = generateManifestKey();
  const registration = { operator: operator.address, payout: payout.address, manifestKey: manifestKey.publicKey };
  const providerId = registeredProvider(await send(calls.register(registration), operator));
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
    balance: (account) => new TokenReader(client, token).balance(account),
    async fund(account, amount) {
      const mint = AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [account.address, amount]);
      await send({ to: token, data: `${id("mint(address,uint256)").slice(0, 10)}${mint.slice(2)}` }, deployer);
      await send(calls.approve(token, amount), account);
    },
    open: async (tenant, opening) => openedLease(await send(calls.open(opening), tenant)),
    close: async (tenant, leaseId) => closedLease(await send(calls.closeByTenant(leaseId), tenant)),
    stop: () => pool.close(),
  };
}
