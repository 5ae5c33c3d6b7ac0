import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { MarketReader } from "../../../src/networks/market/reader.ts";
import { type FaultProxy, startFaultProxy } from "../../faults/proxy.ts";
import { StrictMempool, type Waiting } from "../../faults/strict-mempool.ts";
import { type Chain, startChain } from "../../harness/chain.ts";
import { eventually } from "../../harness/wait.ts";
import { type LaneOptions, type RunningLane, runLane } from "./support/lane.ts";
import { type Market, startMarket } from "./support/market.ts";

const GWEI = 10n ** 9n;

let chain: Chain;
let market: Market;
let node: FaultProxy;
let offerId: string;
let baseline: string;
let mempool: StrictMempool;
let running: RunningLane | undefined;

beforeAll(async () => {
  chain = await startChain();
  [market, node] = await Promise.all([startMarket(chain), startFaultProxy({ target: chain.url })]);
  offerId = await market.publish(100);
  await chain.rpc("evm_setAutomine", [false]);
});

beforeEach(async () => {
  baseline = await chain.rpc<string>("evm_snapshot");
  mempool = new StrictMempool(chain);
  node.rule = (call) => mempool.fault(call);
});

afterEach(async () => {
  await running?.stop();
  await chain.rpc("anvil_dropAllTransactions");
  await chain.rpc("evm_revert", [baseline]);
});

afterAll(async () => {
  await market.close();
  await node.stop();
  await chain.stop();
});

/** Wants a capacity of a lane that knows no other node. */
async function wantCapacity(capacityUnits: number, options: LaneOptions = {}): Promise<RunningLane> {
  running = runLane(chain, market, { urls: [node.url], ...options });
  const head = BigInt(await chain.rpc<string>("eth_blockNumber"));
  running.lane.submit("capacity", { kind: "SetCapacity", offerId, capacityUnits, isOpen: true }, head);
  return running;
}

async function capacityOnChain(): Promise<number | undefined> {
  const point = await market.client.header("latest");
  const offers = await new MarketReader(market.client, market.address).at(point, "once").offers(market.providerId);
  return offers.find(({ id }) => id === offerId)?.capacityUnits;
}

function nonceOnChain(): Promise<number> {
  return market.client.nonce(market.operator.address, "latest");
}

function expectEachAnEighthAbove(versions: readonly Waiting[]): void {
  versions.slice(1).forEach((version, index) => {
    const before = versions[index] ?? version;
    expect(version.maxFeePerGasWei * 8n).toBeGreaterThanOrEqual(before.maxFeePerGasWei * 9n);
    expect(version.maxPriorityFeePerGasWei * 8n).toBeGreaterThanOrEqual(before.maxPriorityFeePerGasWei * 9n);
  });
}

test("a transaction that a rising base fee leaves behind is replaced, never underpriced, until one version is mined", async () => {
  const before = await nonceOnChain();
  const { lane, done } = await wantCapacity(60, { timings: { bumpSeconds: 0.3 } });
  const [first] = await eventually("it waits", () => (mempool.waiting.length > 0 ? mempool.waiting : undefined));
  const risen = 3n * (first?.maxFeePerGasWei ?? 0n);
  await mempool.mine(risen);
  expect(mempool.waiting).toHaveLength(1); // stuck: neither mined nor dropped
  await eventually("one version to be mined", async () => {
    await mempool.mine(risen);
    return done[0];
  });
  expect(mempool.taken.length).toBeGreaterThanOrEqual(2);
  expectEachAnEighthAbove(mempool.taken);
  expect(mempool.answers).not.toContain("replacement transaction underpriced");
  expect(new Set(mempool.taken.map(({ nonce }) => nonce))).toEqual(new Set([before]));
  expect([await nonceOnChain(), await capacityOnChain(), mempool.waiting]).toEqual([before + 1, 60, []]);
  expect(lane.state()).toMatchObject({ depth: 0, trouble: undefined, pendingNonce: undefined });
});

test("one that is sent again while it waits is `already known`, which is no trouble", async () => {
  const before = await nonceOnChain();
  const { lane, done } = await wantCapacity(61, { timings: { rebroadcastSeconds: 0.05 } });
  await eventually("it is known", () => (mempool.answers.includes("already known") ? true : undefined));
  expect(lane.state()).toMatchObject({ attempts: 1, trouble: undefined });
  await mempool.mine(GWEI);
  await eventually("it to be done", () => done[0]);
  const untilMined = mempool.answers.filter((answer) => answer !== "nonce too low"); // sent again just as it was mined
  expect(new Set(untilMined)).toEqual(new Set(["accepted", "already known"]));
  expect([await nonceOnChain(), await capacityOnChain(), mempool.taken.length]).toEqual([before + 1, 61, 1]);
});

test("`replacement transaction underpriced` by a stranger with our nonce is outbid at once, and the lane's is mined", async () => {
  const before = await nonceOnChain();
  const { nextBaseFeePerGasWei } = await market.client.feeHistory();
  const foreign = {
    chainId: BigInt(chain.chainId),
    nonce: before,
    to: market.tenant.address,
    data: "0x",
    gasLimit: 21_000n,
    maxFeePerGasWei: 3n * nextBaseFeePerGasWei + 3n * GWEI,
    maxPriorityFeePerGasWei: 2n * GWEI,
  };
  mempool.hold(await market.operator.signTransaction(foreign, new AbortController().signal));
  const { done } = await wantCapacity(62, { timings: { takeoverSeconds: 0.2 } });
  await eventually("it is refused", () =>
    mempool.answers.includes("replacement transaction underpriced") ? true : undefined,
  );
  await eventually("it is taken", () => (mempool.answers.includes("accepted") ? true : undefined));
  await mempool.mine(nextBaseFeePerGasWei);
  await eventually("it to be done", () => done[0]);
  expect([await nonceOnChain(), await capacityOnChain(), mempool.waiting]).toEqual([before + 1, 62, []]);
});

test("one that the mempool has evicted is sent again as it is, and leaves no gap to the next", async () => {
  const before = await nonceOnChain();
  const { lane, done } = await wantCapacity(63, { timings: { rebroadcastSeconds: 3600 } });
  const [first] = await eventually("it waits", () => (mempool.waiting.length > 0 ? mempool.waiting : undefined));
  mempool.evict();
  const [again] = await eventually("it is back", () => (mempool.waiting.length > 0 ? mempool.waiting : undefined));
  expect(again?.hash).toBe(first?.hash);
  await mempool.mine(GWEI);
  await eventually("it to be done", () => done[0]);
  const head = BigInt(await chain.rpc<string>("eth_blockNumber"));
  lane.submit("capacity", { kind: "SetCapacity", offerId, capacityUnits: 64, isOpen: true }, head);
  const [next] = await eventually("the next waits", () => (mempool.waiting.length > 0 ? mempool.waiting : undefined));
  expect(next?.nonce).toBe(before + 1);
  await mempool.mine(GWEI);
  await eventually("the next to be done", () => done[1]);
  expect([await nonceOnChain(), await capacityOnChain()]).toEqual([before + 2, 64]);
});
