import { ZeroHash } from "ethers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MemoryJournal } from "../../../src/chain/memory-journal.ts";
import { systemClock } from "../../../src/kube/clock.ts";
import { drivers } from "../../../src/networks/drivers.ts";
import { marketAbi } from "../../../src/networks/market/abi.ts";
import type { MarketSettings, Network } from "../../../src/networks/network.ts";
import { type Chain, startChain } from "../../harness/chain.ts";
import { eventually } from "../../harness/wait.ts";
import { type Interposer, startInterposer } from "./support/interposer.ts";
import { type Market, startMarket } from "./support/market.ts";

let chain: Chain;
let market: Market;
let node: Interposer;
let network: Network;
let keys: string[];
let known: string[];
let ending: AbortController;
let running: Promise<unknown>;

beforeEach(async () => {
  chain = await startChain({ slotsInAnEpoch: 4 });
  [market, node] = [await startMarket(chain), await startInterposer(chain.url)];
});

afterEach(async () => {
  ending.abort();
  await running;
  await network.close();
  await market.close();
  await node.stop();
  await chain.stop();
});

/** A network as the operator runs it, over the interposer. */
function connect(settings: Partial<MarketSettings> = {}): void {
  [keys, known, ending] = [[], [], new AbortController()];
  network = drivers.Market(
    {
      market: {
        chainId: chain.chainId,
        address: market.address,
        endpoints: [{ name: "node", url: node.url }],
        confirmations: 0,
        pollSeconds: 0.05,
        ...settings,
      },
    },
    {
      signer: market.operator,
      journal: new MemoryJournal(),
      fence: async () => true,
      known: () => known,
      clock: systemClock,
      random: Math.random,
      finalPollSeconds: 0.05,
    },
  );
  network.ledger.subscribe((key) => void keys.push(key));
  running = Promise.all([network.run(ending.signal), network.lane.run(ending.signal)]);
}

const synced = () => eventually("the ledger to sync", () => (network.ledger.hasSynced() ? true : undefined));
const callsSoFar = () => node.count("eth_call");

test("keys of what changed on chain are enqueued, at the head first and again when final", async () => {
  const offerId = await market.publish(8);
  await chain.rpc("anvil_mine", ["0xa"]);
  connect();
  await synced();
  expect(new Set(keys)).toEqual(new Set(["provider", `offer/${offerId}`]));
  keys.length = 0;
  const leaseId = await market.open(offerId, 1, 3_600_000n);
  await eventually("the lease", () => network.ledger.head?.leases.get(leaseId));
  expect(new Set(keys)).toEqual(new Set([`offer/${offerId}`, `lease/${leaseId}`]));
  expect(network.ledger.final?.leases.has(leaseId)).toBe(false);
  keys.length = 0;
  await chain.rpc("anvil_mine", ["0xa"]);
  await eventually("the lease to be final", () => network.ledger.final?.leases.get(leaseId));
  expect(keys).toContain(`lease/${leaseId}`);
});

test("a market that is too young to be final is synced, with nothing final", async () => {
  const offerId = await market.publish(8);
  connect({ finalityBlocks: 1000 });
  await synced();
  expect(network.ledger.final).toMatchObject({ version: "undeployed/0", provider: undefined });
  expect(network.ledger.final?.entries.size).toBe(0);
  expect(network.ledger.head?.offers.has(offerId)).toBe(true);
});

test("while the generation stands, a block costs one word and no snapshot", async () => {
  const offerId = await market.publish(8);
  await market.open(offerId, 1, 3_600_000n);
  await chain.rpc("anvil_mine", ["0xa"]);
  connect();
  await synced();
  const before = network.ledger.head;
  const calls = callsSoFar();
  keys.length = 0;
  await chain.rpc("evm_mine");
  const after = await eventually("the new block", () => {
    const { head } = network.ledger;
    return head !== undefined && head.point.number > (before?.point.number ?? 0n) ? head : undefined;
  });
  await eventually("the new final block", () =>
    (network.ledger.final?.point.number ?? 0n) > 0n && callsSoFar() > calls + 1 ? true : undefined,
  );
  expect(after.entries).toBe(before?.entries);
  expect(callsSoFar() - calls).toBe(2); // one word at each tier
  expect(keys).toEqual([]);
});

test("a reorganisation that takes a lease back is just another read", async () => {
  const offerId = await market.publish(8);
  connect({ finalityBlocks: 64 });
  await synced();
  const leaseId = await market.open(offerId, 1, 3_600_000n);
  await eventually("the lease", () => network.ledger.head?.leases.get(leaseId));
  keys.length = 0;
  await chain.rpc("anvil_reorg", [1, []]);
  await eventually("the lease to be gone", () =>
    network.ledger.head?.leases.has(leaseId) === false ? true : undefined,
  );
  expect(keys).toContain(`lease/${leaseId}`);
  expect(network.ledger.lastError("head")).toBeUndefined();
});

test("two branches that count to the same generation are told apart", async () => {
  const offerId = await market.publish(8);
  connect({ finalityBlocks: 64 });
  await synced();
  await market.publish(9);
  await eventually("nine", () => (network.ledger.head?.offers.get(offerId)?.capacityUnits === 9 ? true : undefined));
  const generation = network.ledger.head?.version.split("/")[0];
  await chain.rpc("evm_setAutomine", [false]);
  await chain.rpc("anvil_reorg", [1, []]);
  await chain.rpc("evm_setAutomine", [true]);
  await market.publish(10);
  await eventually("ten", () => (network.ledger.head?.offers.get(offerId)?.capacityUnits === 10 ? true : undefined));
  expect(network.ledger.head?.version.split("/")[0]).toBe(generation);
});

test("an outage keeps the last state, shows, and heals by itself", async () => {
  const offerId = await market.publish(8);
  connect();
  await synced();
  node.rule = () => ({ kind: "Status", status: 503 });
  await eventually("the failure", () => network.ledger.lastError("head"));
  expect(network.ledger.hasSynced()).toBe(true);
  expect(network.ledger.head?.offers.has(offerId)).toBe(true);
  expect(network.ledger.ageSeconds("head")).toBeGreaterThan(0);
  node.rule = undefined;
  await market.publish(11);
  await eventually(
    "the change",
    () => (network.ledger.head?.offers.get(offerId)?.capacityUnits === 11 ? true : undefined),
    {
      timeoutSeconds: 60,
    },
  );
  expect(network.ledger.lastError("head")).toBeUndefined();
});

test("an empty answer at a tier that two endpoints must confirm changes nothing", async () => {
  await market.publish(8);
  await chain.rpc("anvil_mine", ["0xa"]);
  const liar = await startInterposer(chain.url);
  connect({
    endpoints: [
      { name: "node", url: node.url },
      { name: "liar", url: liar.url },
    ],
  });
  await synced();
  liar.rule = ({ method }) => (method === "eth_call" ? { kind: "Result", result: `0x${"00".repeat(32)}` } : undefined);
  const before = network.ledger.final?.offers;
  network.ledger.refresh();
  await eventually(
    "the disagreement",
    () => network.ledger.lastError("final")?.match(/differ on the state/) ?? undefined,
  );
  expect(network.ledger.final?.offers).toEqual(before);
  await liar.stop();
});

test("that nothing has changed at a tier that two endpoints must confirm is not believed of one of them", async () => {
  await market.publish(8);
  await chain.rpc("anvil_mine", ["0xa"]);
  const liar = await startInterposer(chain.url);
  connect({
    endpoints: [
      { name: "liar", url: liar.url },
      { name: "node", url: node.url },
    ],
  });
  await synced();
  const data = marketAbi.encodeFunctionData("generation", [market.providerId]);
  const result = await market.client.call({ to: market.address, data });
  liar.rule = ({ method, params }) =>
    method === "eth_call" && JSON.stringify(params).includes(data) ? { kind: "Result", result } : undefined;
  await market.publish(11);
  await chain.rpc("anvil_mine", ["0xa"]);
  await eventually(
    "the disagreement",
    () => network.ledger.lastError("final")?.match(/differ on the state/) ?? undefined,
  );
  await liar.stop();
});

test("an intent that is submitted to a connected network comes true on it and in its ledger", async () => {
  const offerId = await market.publish(8);
  const leaseId = await market.open(offerId, 1, 3_600_000n);
  connect();
  await synced();
  known.push(leaseId);
  const basedOn = network.ledger.head?.point.number ?? 0n;
  network.lane.submit(`close/${leaseId}`, { kind: "Close", leaseId, reason: "ManifestTimeout" }, basedOn);
  const lease = await eventually("the lease to be closed", () => {
    const entry = network.ledger.head?.leases.get(leaseId);
    return entry?.state === "Closed" ? entry : undefined;
  });
  expect(lease).toMatchObject({ closeReason: "ManifestTimeout", manifestHash: ZeroHash });
  expect(await network.balanceWei(ending.signal)).toBeGreaterThan(0n);
  expect(network.endpoints()).toMatchObject([{ name: "node", breaker: "closed" }]);
});
