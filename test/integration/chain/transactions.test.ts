import { ZeroHash } from "ethers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isValidContractSignature } from "../../../src/chain/erc1271.ts";
import type { Signer } from "../../../src/chain/signer.ts";
import { marketAbi, tokenAbi } from "../../../src/networks/market/abi.ts";
import { encodeHeartbeats } from "../../../src/networks/market/codec.ts";
import { openRequestTypedData } from "../../../src/networks/market/open-request.ts";
import { signPermit } from "../../../src/networks/market/permit.ts";
import { MarketReader } from "../../../src/networks/market/reader.ts";
import { TokenReader } from "../../../src/networks/market/token.ts";
import { closedLease, openedLease } from "../../../src/networks/market/transactions.ts";
import { type Chain, startChain } from "../../harness/chain.ts";
import { eventually } from "../../harness/wait.ts";
import { account, type Market, startMarket } from "./support/market.ts";

let chain: Chain;
let market: Market;
let newcomer: Signer;
let token: TokenReader;
let offerId: string;
const deadline = 2n ** 40n;

beforeAll(async () => {
  chain = await startChain();
  market = await startMarket(chain);
  newcomer = account(chain, 5).signer;
  token = new TokenReader(market.client, market.token);
  offerId = await market.publish(100);
  const mint = tokenAbi.encodeFunctionData("mint", [newcomer.address, 1_000_000_000n]);
  await market.send({ to: market.token, data: mint }, newcomer);
});

afterAll(async () => {
  await market.close();
  await chain.stop();
});

async function leaseNow(leaseId: string) {
  const at = new MarketReader(market.client, market.address).at(await market.client.header("latest"), "once");
  const [packed] = await at.leases(new Set([leaseId]));
  if (packed === undefined) throw new Error(`no lease ${leaseId}`);
  return packed;
}

const gwei = (amount: number): string => `0x${(amount * 1e9).toString(16)}`;

const opening = (deposit: bigint) => ({ offerId, units: 1, deposit, manifestHash: ZeroHash });

async function permit(signer: Signer, amount: bigint) {
  return await signPermit(market.client, signer, { token: market.token, spender: market.address, amount, deadline });
}

test("the token tells its name, decimals, balances and allowances", async () => {
  expect(await token.info()).toEqual({ symbol: "BTD", decimals: 6 });
  expect(await token.balance(newcomer.address)).toBe(1_000_000_000n);
  expect(await token.allowance(newcomer.address, market.address)).toBe(0n);
});

test("a tenant without an approval opens and tops up with permits", async () => {
  const open = market.transactions.open(opening(3_600_000n), await permit(newcomer, 3_600_000n));
  const leaseId = openedLease(await market.send(open, newcomer));
  await market.send(market.transactions.topUp(leaseId, 1_000n, await permit(newcomer, 1_000n)), newcomer);
  expect((await leaseNow(leaseId)).lease).toMatchObject({ tenant: newcomer.address, deposit: 3_601_000n });
});

test("a relayer opens what the tenant signed, once, and nothing else", async () => {
  const request = { ...opening(3_600_000n), tenant: market.tenant.address, nonce: 0n, deadline };
  const data = openRequestTypedData(market.address, BigInt(chain.chainId), request);
  const signature = await market.tenant.signTypedData(data);
  const relay = (changes: Partial<typeof request>) =>
    market.send(market.transactions.openFor({ ...request, ...changes }, signature), newcomer);
  await expect(relay({ deposit: 3_600_001n })).rejects.toThrow(/InvalidSignature/);
  const leaseId = openedLease(await relay({}));
  expect((await leaseNow(leaseId)).lease.tenant).toBe(market.tenant.address);
  await expect(relay({})).rejects.toThrow(/InvalidAccountNonce/);
});

test("a lease changes its manifest and, in two steps, its tenant, and its close refunds the new one", async () => {
  const leaseId = await market.open(offerId, 1, 3_600_000n);
  const manifestHash = `0x${"77".repeat(32)}`;
  await market.send(market.transactions.setManifest(leaseId, manifestHash), market.tenant);
  await market.send(market.transactions.transferLease(leaseId, newcomer.address), market.tenant);
  expect(await leaseNow(leaseId)).toMatchObject({
    pendingTenant: newcomer.address,
    lease: { tenant: market.tenant.address, manifestHash },
  });
  await market.send(market.transactions.acceptLease(leaseId), newcomer);
  const before = await token.balance(newcomer.address);
  const close = await market.send(market.transactions.closeByTenant(leaseId), newcomer);
  expect(closedLease(close)).toEqual({ paid: 0n, refund: 3_600_000n });
  expect(await token.balance(newcomer.address)).toBe(before + 3_600_000n);
});

test("a close that is sent before its lease's first heartbeat and mined after it pays both", async () => {
  const leaseId = await market.open(offerId, 1, 3_600_000n);
  await chain.rpc("evm_increaseTime", [60]);
  await chain.rpc("evm_setAutomine", [false]);
  try {
    await chain.rpc("evm_mine");
    const close = market.send(market.transactions.closeByTenant(leaseId), market.tenant);
    await eventually("the close waits", async () => {
      const { address } = market.tenant;
      const mined = await market.client.nonce(address, "latest");
      return (await market.client.nonce(address, "pending")) > mined || undefined;
    });
    const beats = encodeHeartbeats([{ leaseId, servedSeconds: 30 }]);
    const data = marketAbi.encodeFunctionData("heartbeat", [market.providerId, ZeroHash, beats]);
    const fees = { maxFeePerGas: gwei(200), maxPriorityFeePerGas: gwei(100) }; // goes first
    await chain.rpc("eth_sendTransaction", [{ from: market.operator.address, to: market.address, data, ...fees }]);
    await chain.rpc("evm_mine");
    expect(closedLease(await close)).toEqual({ paid: 30_000n, refund: 3_570_000n });
  } finally {
    await chain.rpc("evm_setAutomine", [true]);
  }
});

test("a provider's owner changes payout, key and operator", async () => {
  const [next, payout] = [account(chain, 6).signer.address, account(chain, 7).signer.address];
  const { transactions, providerId, operator } = market;
  await market.send(transactions.setPayout(providerId, payout), operator);
  await market.send(transactions.setKey(providerId, `0x${"55".repeat(32)}`), operator);
  await market.send(transactions.setOperator(providerId, next), operator);
  const at = new MarketReader(market.client, market.address).at(await market.client.header("latest"), "once");
  expect(await at.provider(providerId)).toMatchObject({ payout, operator: next, manifestKey: `0x${"55".repeat(32)}` });
  expect(await at.providerOf(operator.address)).toBeUndefined();
});

test("an address that is no market is told as such", async () => {
  const at = new MarketReader(market.client, market.token).at(await market.client.header("latest"), "once");
  await expect(at.providerOf(market.operator.address)).rejects.toThrow(/eth_call at endpoint setup/);
});

test("only a contract that says so has signed (ERC-1271)", async () => {
  const asked = [market.token, newcomer.address].map((contract) =>
    isValidContractSignature(market.client, contract, `0x${"12".repeat(32)}`, "0x1234"),
  );
  expect(await Promise.all(asked)).toEqual([false, false]);
  const wallet = `0x${"aa".repeat(20)}`;
  // PUSH4 magic, PUSH1 224, SHL, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN: takes every signature.
  await chain.rpc("anvil_setCode", [wallet, "0x631626ba7e60e01b5f5260205ff3"]);
  expect(await isValidContractSignature(market.client, wallet, `0x${"12".repeat(32)}`, "0x1234")).toBe(true);
});
