import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Journal, JournalRecord } from "../../../src/chain/journal.ts";
import { MemoryJournal } from "../../../src/chain/memory-journal.ts";
import type { Signer } from "../../../src/chain/signer.ts";
import type { Intent } from "../../../src/networks/driver.ts";
import { MarketReader } from "../../../src/networks/market/reader.ts";
import { type Chain, startChain } from "../../harness/chain.ts";
import { eventually } from "../../harness/wait.ts";
import { type Interposer, startInterposer } from "./support/interposer.ts";
import { type LaneOptions, type RunningLane, runLane } from "./support/lane.ts";
import { type Market, startMarket } from "./support/market.ts";

let chain: Chain;
let market: Market;
let node: Interposer;
let offerId: string;
let baseline: string;
const lanes: RunningLane[] = [];
const { signal } = new AbortController();

beforeAll(async () => {
  chain = await startChain();
  [market, node] = [await startMarket(chain), await startInterposer(chain.url)];
  offerId = await market.publish(100);
});

beforeEach(async () => {
  baseline = await chain.rpc<string>("evm_snapshot");
});

afterEach(async () => {
  node.rule = undefined;
  await Promise.all(lanes.splice(0).map((lane) => lane.stop()));
  await chain.rpc("evm_setAutomine", [true]);
  await chain.rpc("anvil_dropAllTransactions");
  await chain.rpc("evm_revert", [baseline]);
});

afterAll(async () => {
  await market.close();
  await node.stop();
  await chain.stop();
});

function start(options: LaneOptions = {}): RunningLane {
  const running = runLane(chain, market, options);
  lanes.push(running);
  return running;
}

const capacity = (units: number): Intent => ({ kind: "SetCapacity", offerId, capacityUnits: units, isOpen: true });

async function headNumber(): Promise<bigint> {
  return BigInt(await chain.rpc<string>("eth_blockNumber"));
}

async function capacityOnChain(id = offerId): Promise<number | undefined> {
  const point = await market.client.header("latest");
  const offers = await new MarketReader(market.client, market.address)
    .at(point, "once", signal)
    .offers(market.providerId);
  return offers.find((offer) => offer.id === id)?.capacityUnits;
}

async function nonceOnChain(): Promise<number> {
  return await market.client.nonce(market.operator.address, "latest");
}

interface PooledTransaction {
  readonly hash: string;
  readonly nonce: string;
  readonly maxFeePerGas: string;
  readonly maxPriorityFeePerGas: string;
}

/** The operator's transaction that waits at the node. */
async function pooled(): Promise<PooledTransaction | undefined> {
  const { pending } = await chain.rpc<{ pending: Record<string, Record<string, PooledTransaction>> }>("txpool_content");
  const own = Object.entries(pending).find(([from]) => from.toLowerCase() === market.operator.address.toLowerCase());
  return own === undefined ? undefined : Object.values(own[1])[0];
}

test("intents that are due together become one transaction and are reported done", async () => {
  const [a, b] = [await market.open(offerId, 1, 3_600_000n), await market.open(offerId, 1, 3_600_000n)];
  const before = await nonceOnChain();
  const { lane, done } = start({ timings: { pollSeconds: 0.3 } });
  const head = await headNumber();
  lane.submit("a", { kind: "Heartbeat", leaseId: a, servedSeconds: 1 }, head);
  lane.submit("b", { kind: "Heartbeat", leaseId: b, servedSeconds: 1 }, head);
  lane.submit("c", capacity(42), head);
  await eventually("all to be done", () => (done.length > 0 ? done : undefined));
  expect(done).toEqual([["a", "b", "c"]]);
  expect(await capacityOnChain()).toBe(42);
  expect(await nonceOnChain()).toBe(before + 1);
  expect(lane.state()).toMatchObject({ depth: 0, trouble: undefined, attempts: 0 });
  expect(lane.state().spentTodayWei).toBeGreaterThan(0n);
});

test("what was done is not sent again on a view that does not know it, and is on one that does", async () => {
  const { lane, done } = start();
  const before = await headNumber();
  lane.submit("capacity", capacity(50), before);
  await eventually("the first", () => done[0]);
  lane.submit("capacity", capacity(50), before);
  expect(lane.keys()).toEqual([]);
  lane.submit("capacity", capacity(51), await headNumber());
  await eventually("the second", () => done[1]);
  expect(await capacityOnChain()).toBe(51);
});

test("an intent that may not be sent yet waits for a word on the state after the last transaction", async () => {
  const leaseId = await market.open(offerId, 1, 3_600_000n);
  const asked: (bigint | undefined)[] = [];
  const { lane, done } = start({
    admit: (intents, writtenAt) => {
      asked.push(writtenAt);
      return writtenAt === undefined ? new Map([...intents].filter(([key]) => key === "first")) : intents;
    },
  });
  const head = await headNumber();
  lane.submit("first", capacity(52), head);
  lane.submit("second", { kind: "Heartbeat", leaseId, servedSeconds: 1 }, head);
  await eventually("both are done", () => (done.length === 2 ? true : undefined));
  expect(done).toEqual([["first"], ["second"]]);
  expect(asked[0]).toBeUndefined();
  expect(asked.at(-1)).toBeGreaterThan(head);
});

test("an intent that reverts or cannot be encoded fails alone, with the reason, and is withdrawn by its key", async () => {
  const { lane, done } = start();
  const leaseId = await market.open(offerId, 1, 3_600_000n);
  const head = await headNumber();
  lane.submit("poison", { kind: "Settle", leaseId: "281474976710656" }, head); // more than a uint48
  lane.submit("refused", { kind: "SetCapacity", offerId: "77", capacityUnits: 1, isOpen: true }, head);
  lane.submit("good", { kind: "Heartbeat", leaseId, servedSeconds: 1 }, head);
  await eventually("the good one", () => done[0]);
  expect(done).toEqual([["good"]]);
  expect(lane.state().refusals.get("refused")?.reason).toBe("UnknownOffer(offerId: 77)");
  expect(lane.state().refusals.get("poison")?.reason).toMatch(/out-of-bounds/);
  expect(lane.keys()).toEqual(["poison", "refused"]);
  for (const key of lane.keys()) lane.withdraw(key);
  expect(lane.state()).toMatchObject({ depth: 0 });
  expect(lane.state().refusals.size).toBe(0);
});

test("a growth counts beside what it names and nowhere else: whatever a history has leased, no more is for sale", async () => {
  const { lane, done } = start();
  const other = await market.publish(10, { specHash: `0x${"33".repeat(32)}` });
  const beside = (units: number): Intent => ({
    ...growth,
    beside: [{ id: other, capacityUnits: units, isOpen: true }],
  });
  const growth = { kind: "SetCapacity", offerId, capacityUnits: 110, isOpen: true } as const;
  await market.open(other, 3, 4n * 3_600_000n);
  lane.submit("growth", beside(2), await headNumber());
  const reason = () => lane.state().refusals.get("growth")?.reason;
  expect(await eventually("its refusal", reason)).toBe(
    `CapacityBelowLeased(offerId: ${other}, capacity: 2, leased: 3)`,
  );
  expect([await capacityOnChain(), await capacityOnChain(other)]).toEqual([100, 10]);
  lane.submit("growth", beside(3), await headNumber());
  await eventually("the growth", () => done[0]);
  expect([await capacityOnChain(), await capacityOnChain(other)]).toEqual([110, 3]);
});

test("a transaction that is not mined is signed again with both fees up by an eighth, and its mining ends all versions", async () => {
  const before = await nonceOnChain();
  await chain.rpc("evm_setAutomine", [false]);
  const { lane, done, journal } = start({ timings: { bumpSeconds: 0.3 } });
  lane.submit("capacity", capacity(60), await headNumber());
  await eventually("two bumps", () => (lane.state().attempts >= 3 ? true : undefined));
  const attempts = (await journal.load())?.transaction?.attempts ?? [];
  expect(attempts.length).toBeGreaterThanOrEqual(3);
  attempts.slice(1).forEach((attempt, index) => {
    const previous = attempts[index];
    expect(attempt.maxFeePerGasWei * 1000n).toBeGreaterThanOrEqual((previous?.maxFeePerGasWei ?? 0n) * 1125n);
    expect(attempt.maxPriorityFeePerGasWei * 1000n).toBeGreaterThanOrEqual(
      (previous?.maxPriorityFeePerGasWei ?? 0n) * 1125n,
    );
  });
  expect(lane.state().stuckSinceSeconds).toBeDefined();
  await eventually("one of them to be mined", async () => {
    await chain.rpc("evm_mine");
    return done[0];
  });
  expect(await nonceOnChain()).toBe(before + 1);
  expect(await capacityOnChain()).toBe(60);
});

test("at the fee ceiling the lane keeps trying and says so", async () => {
  await chain.rpc("evm_setAutomine", [false]);
  await chain.rpc("anvil_setNextBlockBaseFeePerGas", ["0x2540be400"]); // so dear that the ceiling is near
  await chain.rpc("evm_mine");
  const { nextBaseFeePerGasWei } = await market.client.feeHistory();
  const ceiling = nextBaseFeePerGasWei * 2n + 10n ** 9n;
  const { lane, done } = start({ fees: { maxFeePerGasWei: ceiling }, timings: { bumpSeconds: 0.1 } });
  lane.submit("capacity", capacity(61), await headNumber());
  await eventually("the ceiling", () => (lane.state().trouble === "FeeCeiling" ? true : undefined));
  expect(BigInt((await pooled())?.maxFeePerGas ?? "0x0")).toBeLessThanOrEqual(ceiling);
  await eventually("it to be mined", async () => {
    await chain.rpc("evm_mine");
    return done[0];
  });
  expect(lane.state().trouble).toBeUndefined();
});

test("nothing is sent while the chain asks more than the ceiling", async () => {
  const before = await nonceOnChain();
  const { lane } = start({ fees: { maxFeePerGasWei: 5n } });
  lane.submit("capacity", capacity(62), await headNumber());
  await eventually("the ceiling", () => (lane.state().trouble === "FeeCeiling" ? true : undefined));
  expect([await nonceOnChain(), await pooled()]).toEqual([before, undefined]);
});

test("nothing is sent beyond the daily budget", async () => {
  const { lane, done } = start({ fees: { maxSpendPerDayWei: 10n ** 15n } });
  const before = await nonceOnChain();
  await chain.rpc("anvil_setNextBlockBaseFeePerGas", ["0x174876e800"]); // 100 gwei
  await chain.rpc("evm_mine");
  lane.submit("capacity", capacity(63), await headNumber());
  await eventually("the budget", () => (lane.state().trouble === "BudgetExhausted" ? true : undefined));
  expect(lane.state().lastError).toMatch(/daily budget of 1000000000000000/);
  expect([done, await nonceOnChain()]).toEqual([[], before]);
});

test("an answer that is lost after the node took the transaction costs nothing but a look", async () => {
  node.rule = ({ method }) => (method === "eth_sendRawTransaction" ? { kind: "ForwardAndDrop" } : undefined);
  const before = await nonceOnChain();
  const { lane, done } = start({ urls: [node.url] });
  lane.submit("capacity", capacity(64), await headNumber());
  await eventually("it to be done", () => done[0]);
  expect(await nonceOnChain()).toBe(before + 1);
});

test("an error that is reported although the node took the transaction costs nothing but a look", async () => {
  let sent = 0;
  node.rule = ({ method, params }) => {
    if (method !== "eth_sendRawTransaction") return undefined;
    sent += 1;
    if (sent === 1) void chain.rpc(method, params);
    return { kind: "Error", code: -32000, message: "internal queue error" };
  };
  const before = await nonceOnChain();
  const { lane, done } = start({ urls: [node.url] });
  lane.submit("capacity", capacity(65), await headNumber());
  await eventually("it to be done", () => done[0]);
  expect(await nonceOnChain()).toBe(before + 1);
});

test("a transaction that every node refuses is given up, its intents are refused, and others go on", async () => {
  node.rule = ({ method }) =>
    method === "eth_sendRawTransaction" ? { kind: "Error", code: -32000, message: "sender is on a list" } : undefined;
  const { lane, done } = start({ urls: [node.url], timings: { rebroadcastSeconds: 0.05 } });
  lane.submit("capacity", capacity(66), await headNumber());
  const refusal = await eventually("the refusal", () => lane.state().refusals.get("capacity"));
  expect(refusal.reason).toMatch(/sender is on a list/);
  node.rule = undefined;
  lane.submit("other", capacity(67), await headNumber());
  await eventually("the other", () => done[0]);
});

test("a restart sends what was written ahead but never sent", async () => {
  node.rule = ({ method }) => (method === "eth_sendRawTransaction" ? { kind: "Hang" } : undefined);
  const first = start({ urls: [node.url] });
  first.lane.submit("capacity", capacity(68), await headNumber());
  const record = await eventually("the journal", async () => (await first.journal.load())?.transaction);
  await first.stop();
  lanes.splice(0);
  const second = start({ journal: first.journal });
  await eventually("it to be done", () => second.done[0]);
  expect(second.done).toEqual([["capacity"]]);
  expect(second.lane.state().lastTransaction).toBe(record.attempts[0]?.hash);
  expect(await capacityOnChain()).toBe(68);
});

test("a restart finds what was sent before it", async () => {
  await chain.rpc("evm_setAutomine", [false]);
  const before = await nonceOnChain();
  const first = start();
  first.lane.submit("capacity", capacity(69), await headNumber());
  await eventually("the node to have it", () => pooled());
  await first.stop();
  lanes.splice(0);
  await chain.rpc("evm_mine");
  const second = start({ journal: first.journal });
  second.lane.submit("capacity", capacity(69), await headNumber());
  await eventually("it to be done", () => second.done[0]);
  await chain.rpc("evm_setAutomine", [true]);
  expect(await nonceOnChain()).toBeGreaterThanOrEqual(before + 1);
  expect(await capacityOnChain()).toBe(69);
});

test("a lane that lost its journal's race sends nothing and carries on with what the winner wrote", async () => {
  const shared = new MemoryJournal();
  let isLost = true;
  const raced: Journal = {
    load: () => shared.load(),
    async save(record: JournalRecord) {
      if (isLost) throw new Error("the journal was written by another process");
      await shared.save(record);
    },
  };
  const before = await nonceOnChain();
  const { lane, done } = start({ journal: raced, timings: { pollSeconds: 0.01 } });
  lane.submit("capacity", capacity(70), await headNumber());
  await eventually("the failure", () => (lane.state().trouble === "Failing" ? true : undefined));
  expect([await nonceOnChain(), await pooled()]).toEqual([before, undefined]);
  isLost = false;
  await eventually("it to be done", () => done[0]);
});

test("a process that no longer leads signs nothing", async () => {
  let isLeader = false;
  const { lane, done, journal } = start({ fence: async () => isLeader });
  lane.submit("capacity", capacity(71), await headNumber());
  await eventually("the fence", () => (lane.state().trouble === "NotLeader" ? true : undefined));
  expect(await journal.load()).toBeUndefined();
  isLeader = true;
  await eventually("it to be done", () => done[0]);
});

test("a nonce that somebody else used is noticed, told, and gone past", async () => {
  await chain.rpc("evm_setAutomine", [false]);
  node.rule = ({ method }) =>
    method === "eth_sendRawTransaction" ? { kind: "Error", code: -32000, message: "nonce too low" } : undefined;
  const { lane, done } = start({ urls: [node.url], timings: { foreignPauseSeconds: 1 } });
  lane.submit("capacity", capacity(72), await headNumber());
  await eventually("it to be in flight", () => (lane.state().attempts === 1 ? true : undefined));
  await chain.rpc("evm_setAutomine", [true]);
  await market.send(market.transactions.setKey(market.providerId, `0x${"44".repeat(32)}`), market.operator);
  await eventually("the alarm", () => (lane.state().trouble === "ForeignNonce" ? true : undefined));
  expect(lane.state().lastError).toMatch(/used by somebody else/);
  node.rule = undefined;
  await eventually("it to be done", () => done[0]);
  expect(await capacityOnChain()).toBe(72);
});

test("somebody else's pending transaction gets time, then the lane takes the nonce over", async () => {
  await chain.rpc("evm_setAutomine", [false]);
  await chain.rpc("eth_sendTransaction", [{ from: market.operator.address, to: market.tenant.address, value: "0x1" }]);
  const { lane, done } = start({ timings: { takeoverSeconds: 0.5, bumpSeconds: 0.2 } });
  lane.submit("capacity", capacity(73), await headNumber());
  await eventually("the wait", () => (lane.state().trouble === "ForeignPending" ? true : undefined));
  await eventually("the takeover", () => (lane.state().attempts > 0 ? true : undefined));
  await eventually("it to be done", async () => {
    await chain.rpc("evm_mine");
    return done[0];
  });
  expect(await capacityOnChain()).toBe(73);
});

test("a transaction that a reorganisation takes out is sent again before it counts as done", async () => {
  const { lane, done } = start({ confirmations: 2, timings: { rebroadcastSeconds: 3600 } });
  await chain.rpc("anvil_mine", ["0x3"]);
  lane.submit("capacity", capacity(74), await headNumber());
  await eventually("it to be mined", async () => ((await capacityOnChain()) === 74 ? true : undefined));
  await chain.rpc("anvil_reorg", [1, []]);
  expect(done).toEqual([]);
  await eventually("it to be mined again", async () => ((await capacityOnChain()) === 74 ? true : undefined));
  await eventually("it to be done", async () => {
    await chain.rpc("evm_mine");
    return done[0];
  });
});

test("an empty purse is told and waited out", async () => {
  const balance = await chain.rpc<string>("eth_getBalance", [market.operator.address, "latest"]);
  await chain.rpc("anvil_setBalance", [market.operator.address, "0x1"]);
  const { lane, done } = start({ timings: { rebroadcastSeconds: 0.05 } });
  lane.submit("capacity", capacity(75), await headNumber());
  await eventually("the trouble", () => (lane.state().trouble === "LowBalance" ? true : undefined));
  await chain.rpc("anvil_setBalance", [market.operator.address, balance]);
  await eventually("it to be done", () => done[0]);
});

test("an empty purse raises no fee: what could not be paid would only become dearer", async () => {
  const balance = await chain.rpc<string>("eth_getBalance", [market.operator.address, "latest"]);
  await chain.rpc("anvil_setBalance", [market.operator.address, "0x1"]);
  const { lane, done } = start({ urls: [node.url], timings: { rebroadcastSeconds: 0.05, bumpSeconds: 0.1 } });
  const sends = (): number => node.count("eth_sendRawTransaction");
  lane.submit("capacity", capacity(76), await headNumber());
  await eventually("the trouble", () => (lane.state().trouble === "LowBalance" ? true : undefined));
  await eventually("it to be due for a higher fee", () =>
    lane.state().stuckSinceSeconds !== undefined ? true : undefined,
  );
  const before = sends();
  await eventually("further tries", () => (sends() >= before + 5 ? true : undefined));
  expect(lane.state()).toMatchObject({ attempts: 1, trouble: "LowBalance" });
  await chain.rpc("anvil_setBalance", [market.operator.address, balance]);
  await eventually("it to be done", () => done[0]);
});

test("a chain that stands still is not outbid for ever: at five times the market's price the lane only waits", async () => {
  await chain.rpc("evm_setAutomine", [false]);
  const { lane, done, journal } = start({ urls: [node.url], timings: { rebroadcastSeconds: 0.05, bumpSeconds: 0.02 } });
  const { nextBaseFeePerGasWei } = await market.client.feeHistory();
  lane.submit("capacity", capacity(77), await headNumber());
  const offered = async (): Promise<bigint> =>
    (await journal.load())?.transaction?.attempts.at(-1)?.maxFeePerGasWei ?? 0n;
  await eventually("the highest bid", async () => ((await offered()) >= 10n * nextBaseFeePerGasWei ? true : undefined));
  const [{ attempts }, before] = [lane.state(), node.count("eth_sendRawTransaction")];
  await eventually("further tries", () => (node.count("eth_sendRawTransaction") >= before + 5 ? true : undefined));
  expect(lane.state()).toMatchObject({ attempts, trouble: undefined });
  expect(await offered()).toBeLessThan(12n * nextBaseFeePerGasWei);
  await eventually("it to be mined", async () => {
    await chain.rpc("evm_mine");
    return done[0];
  });
});

test("a signer that gives no signature is told of as such, and asked again until it does", async () => {
  let isAway = true;
  const { operator } = market;
  const signer: Signer = {
    address: operator.address,
    signTransaction: async (transaction, within) => {
      if (isAway) throw new Error("the vault is sealed");
      return operator.signTransaction(transaction, within);
    },
    signTypedData: (data, within) => operator.signTypedData(data, within),
  };
  const { lane, done, journal } = start({ signer });
  lane.submit("capacity", capacity(78), await headNumber());
  await eventually("the trouble", () => (lane.state().trouble === "SignerFailed" ? true : undefined));
  expect(lane.state()).toMatchObject({ lastError: "the vault is sealed", attempts: 0 });
  expect((await journal.load())?.transaction).toBeUndefined();
  isAway = false;
  await eventually("it to be done", () => done[0]);
  expect(lane.state().trouble).toBeUndefined();
});
