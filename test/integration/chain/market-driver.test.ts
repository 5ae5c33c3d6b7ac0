import { ZeroHash } from "ethers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ChainClient } from "../../../src/chain/client.ts";
import { HeadTracker } from "../../../src/chain/head.ts";
import { systemClock } from "../../../src/kube/clock.ts";
import type { Intent, NetworkDriver } from "../../../src/networks/driver.ts";
import { marketAbi } from "../../../src/networks/market/abi.ts";
import { marketDriver } from "../../../src/networks/market/driver.ts";
import { closedLease } from "../../../src/networks/market/transactions.ts";
import { type Chain, startChain } from "../../harness/chain.ts";
import { type Interposer, startInterposer } from "./support/interposer.ts";
import { type Market, poolOf, startMarket } from "./support/market.ts";

let chain: Chain;
let market: Market;
let node: Interposer;
let client: ChainClient;
let driver: NetworkDriver;
const { signal } = new AbortController();

beforeAll(async () => {
  chain = await startChain();
  [market, node] = [await startMarket(chain), await startInterposer(chain.url)];
  client = new ChainClient(poolOf(chain, [{ name: "node", url: node.url }]));
  driver = newDriver(market.operator.address);
});

afterAll(async () => {
  await client.pool.close();
  await market.close();
  await node.stop();
  await chain.stop();
});

function newDriver(operator: string): NetworkDriver {
  const heads = new HeadTracker({ client, clock: systemClock, address: market.address, confirmations: 0 });
  return marketDriver({ client, heads, market: market.address, operator });
}

async function snapshot(known: readonly string[] = []) {
  return await driver.snapshot(await driver.point("head", signal), known, signal);
}

/** What a transaction of these intents is, sent by the operator. */
async function carryOut(...intents: readonly Intent[]) {
  const { provider } = await snapshot();
  if (provider === undefined) throw new Error("not registered");
  const calls = driver.encode(new Map(intents.map((intent, index) => [`k${index}`, intent])), provider);
  return await market.send(driver.bundle(calls), market.operator);
}

test("an operator that serves no provider reads an empty ledger", async () => {
  const stranger = newDriver(market.tenant.address);
  const point = await stranger.point("head", signal);
  const empty = await stranger.snapshot(point, ["1"], signal);
  expect(empty).toMatchObject({ provider: undefined, point });
  expect([empty.offers.size, empty.leases.size]).toEqual([0, 0]);
});

test("a snapshot tells provider, offers and leases as the contract keeps them", async () => {
  const offerId = await market.publish(8);
  const leaseId = await market.open(offerId, 2, 7_200_000n);
  const { provider, offers, leases } = await snapshot();
  expect(provider).toEqual({
    id: market.providerId,
    owner: market.operator.address,
    operator: market.operator.address,
    payout: market.operator.address,
    manifestKey: `0x${"11".repeat(32)}`,
  });
  expect(offers.get(offerId)).toEqual({
    id: offerId,
    providerId: market.providerId,
    terms: market.terms,
    capacityUnits: 8,
    leasedUnits: 2,
    isOpen: true,
  });
  expect(leases.get(leaseId)).toMatchObject({
    id: leaseId,
    offerId,
    tenant: market.tenant.address,
    units: 2,
    state: "Active",
    token: market.token,
    pricePerHour: 7_200_000n,
    deposit: 7_200_000n,
    withdrawn: 0n,
    fundedSeconds: 3600,
    billedSeconds: 0,
    heartbeatWindowSeconds: 7200,
    manifestHash: ZeroHash,
    noticeEndsAtSeconds: undefined,
    closeReason: undefined,
  });
});

test("a snapshot stays at its block while new ones are mined", async () => {
  const offerId = await market.publish(8);
  const point = await driver.point("head", signal);
  const before = await driver.snapshot(point, [], signal);
  const leaseId = await market.open(offerId, 1, 3_600_000n);
  expect(await driver.snapshot(point, [], signal)).toEqual(before);
  expect((await snapshot()).leases.has(leaseId)).toBe(true);
});

test("an endpoint that takes no block hashes is read by number, and the header read again", async () => {
  node.rule = ({ method, params }) =>
    method === "eth_call" && typeof params[1] === "object"
      ? { kind: "Error", code: -32602, message: "invalid argument 1: hex string expected" }
      : undefined;
  const older = new ChainClient(poolOf(chain, [{ name: "older", url: node.url }]));
  const heads = new HeadTracker({ client: older, clock: systemClock, address: market.address, confirmations: 0 });
  const reader = marketDriver({ client: older, heads, market: market.address, operator: market.operator.address });
  const point = await reader.point("head", signal);
  const read = await reader.snapshot(point, [], signal);
  node.rule = undefined;
  expect(read.offers).toEqual((await driver.snapshot(point, [], signal)).offers);
  await older.pool.close();
});

test("the version changes with what concerns the provider, and with nothing else", async () => {
  const versionNow = async () => await driver.version(await driver.point("head", signal), signal);
  const first = await versionNow();
  await market.send(market.transactions.approve(market.token, 10n ** 15n), market.tenant);
  expect(await versionNow()).toBe(first);
  await market.publish(9);
  expect(await versionNow()).not.toBe(first);
});

test("intents of every kind come true in one transaction", async () => {
  const offerId = await market.publish(16, { specHash: `0x${"33".repeat(32)}` });
  const [served, unserved, noticed] = [
    await market.open(offerId, 1, 3_600_000n),
    await market.open(offerId, 1, 3_600_000n),
    await market.open(offerId, 1, 3_600_000n),
  ];
  await chain.rpc("evm_increaseTime", [120]);
  const otherTerms = { ...market.terms, pricePerUnitHour: 42n };
  await carryOut(
    { kind: "Heartbeat", leaseId: served, servedSeconds: 100 },
    { kind: "Settle", leaseId: served },
    { kind: "Close", leaseId: unserved, reason: "Unplaceable" },
    { kind: "GiveNotice", leaseId: noticed },
    { kind: "SetCapacity", offerId, capacityUnits: 5, isOpen: false },
    { kind: "PublishOffer", terms: otherTerms, capacityUnits: 3 },
  );
  const { leases, offers, point } = await snapshot([unserved]);
  expect(leases.get(served)).toMatchObject({ billedSeconds: 100, withdrawn: 100_000n });
  expect(leases.get(unserved)).toMatchObject({ state: "Closed", closeReason: "Unplaceable" });
  expect(leases.get(noticed)?.noticeEndsAtSeconds).toBe(point.timestampSeconds + 3600);
  expect(offers.get(offerId)).toMatchObject({ capacityUnits: 5, isOpen: false, leasedUnits: 2 });
  expect([...offers.values()].find((o) => o.terms.pricePerUnitHour === 42n)).toMatchObject({ capacityUnits: 3 });
});

test("a closed lease is in the snapshot only while it is known", async () => {
  const offerId = await market.publish(16);
  const leaseId = await market.open(offerId, 1, 3_600_000n);
  const { paid, refund } = closedLease(await market.send(market.transactions.closeByTenant(leaseId), market.tenant));
  expect([paid, refund]).toEqual([0n, 3_600_000n]);
  expect((await snapshot()).leases.has(leaseId)).toBe(false);
  expect((await snapshot([leaseId])).leases.get(leaseId)).toMatchObject({ closeReason: "TenantClosed" });
  expect((await snapshot(["999"])).leases.has("999")).toBe(false);
});

test("more leases than a page are all read", async () => {
  const offerId = await market.publish(1000, { pricePerUnitHour: 7n });
  const open = market.transactions.open({ offerId, units: 1, deposit: 7n, manifestHash: ZeroHash }).data;
  for (let batch = 0; batch < 6; batch += 1) {
    const data = marketAbi.encodeFunctionData("multicall", [Array.from({ length: 50 }, () => open)]);
    await market.send({ to: market.address, data }, market.tenant);
  }
  const { leases } = await snapshot();
  expect([...leases.values()].filter((l) => l.offerId === offerId)).toHaveLength(300);
});

test("reverts are told in the contract's words", async () => {
  await expect(market.send(market.transactions.closeByTenant("999"), market.tenant)).rejects.toThrow(
    "the transaction would revert: UnknownLease(leaseId: 999)",
  );
});
