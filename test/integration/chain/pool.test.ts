import { afterEach, beforeEach, expect, test } from "vitest";
import { ChainClient } from "../../../src/chain/client.ts";
import { type HeadSettings, HeadTracker } from "../../../src/chain/head.ts";
import { RpcPool } from "../../../src/chain/pool.ts";
import { systemClock } from "../../../src/kube/clock.ts";
import { type Chain, startChain } from "../../harness/chain.ts";
import { eventually } from "../../harness/wait.ts";
import { type Interposer, type Rule, startInterposer } from "./support/interposer.ts";
import { startMarket } from "./support/market.ts";

let chain: Chain;
let first: Interposer;
let second: Interposer;
let pool: RpcPool;
let client: ChainClient;
const { signal } = new AbortController();

beforeEach(async () => {
  chain = await startChain({ slotsInAnEpoch: 4 });
  [first, second] = [await startInterposer(chain.url), await startInterposer(chain.url)];
  pool = newPool();
  client = new ChainClient(pool);
});

afterEach(async () => {
  await pool.close();
  await Promise.all([first.stop(), second.stop()]);
  await chain.stop();
});

function newPool(chainId = BigInt(chain.chainId), endpoints = [first, second]): RpcPool {
  return new RpcPool({
    chainId,
    endpoints: endpoints.map(({ url }, index) => ({ name: `node-${index + 1}`, url })),
    clock: systemClock,
    readDeadlineSeconds: 1,
    surveySeconds: 0,
  });
}

const hang: Rule = () => ({ kind: "Hang" });
const at = (node: Interposer, method: string): number => node.count(method);

test("reads stay with the first endpoint while it answers", async () => {
  for (let i = 0; i < 5; i += 1) await client.nonce(`0x${"00".repeat(20)}`, "latest");
  expect([at(first, "eth_getTransactionCount"), at(second, "eth_getTransactionCount")]).toEqual([5, 0]);
});

test("a dead, busy, mumbling or hung endpoint is gone past to the next", async () => {
  const rules: Rule[] = [
    () => ({ kind: "ForwardAndDrop" }),
    () => ({ kind: "Status", status: 503 }),
    () => ({ kind: "Status", status: 429, headers: { "retry-after": "1" } }),
    () => ({ kind: "Body", body: '{"jsonrpc":"2.0","id":' }),
    () => ({ kind: "Body", body: '{"jsonrpc":"2.0","id":987654,"result":"0x1"}' }),
    () => ({ kind: "Result", result: "not a quantity" }),
    () => ({ kind: "Error", code: -32005, message: "limit exceeded" }),
    hang,
  ];
  for (const rule of rules) {
    const fresh = newPool();
    first.rule = rule;
    expect(await new ChainClient(fresh).balanceWei(chain.accounts[0]?.address ?? "")).toBeGreaterThan(0n);
    await fresh.close();
  }
});

test("a null block is an endpoint that is behind, not an answer", async () => {
  first.rule = ({ method }) => (method === "eth_getBlockByNumber" ? { kind: "Result", result: null } : undefined);
  expect((await client.header("latest")).number).toBe(0n);
});

test("an endpoint of another chain is never believed, whatever it serves", async () => {
  first.rule = ({ method }) => (method === "eth_chainId" ? { kind: "Result", result: "0x1" } : undefined);
  await client.header("latest");
  expect(at(first, "eth_getBlockByNumber")).toBe(0);
  expect(pool.states()[0]).toMatchObject({ breaker: "open", lastError: expect.stringMatching(/serves chain 1 but/) });
  second.rule = first.rule;
  const alone = newPool(BigInt(chain.chainId), [second]);
  await expect(new ChainClient(alone).header("latest")).rejects.toThrow(/correct its URL or the chain id/);
  await alone.close();
});

test("the chain id is asked again after a connection was lost", async () => {
  await client.header("latest");
  first.rule = () => ({ kind: "ForwardAndDrop" });
  await client.header("latest");
  first.rule = ({ method }) => (method === "eth_chainId" ? { kind: "Result", result: "0x2" } : undefined);
  await pool.survey();
  expect(pool.states()[0]?.lastError).toMatch(/serves chain 2/);
});

test("a lagging endpoint is not read from once heads were compared", async () => {
  await chain.rpc("anvil_mine", ["0xa"]);
  const old: unknown = await chain.rpc("eth_getBlockByNumber", ["0x2", false]);
  first.rule = ({ method, params }) =>
    method === "eth_getBlockByNumber" && params[0] === "latest" ? { kind: "Result", result: old } : undefined;
  await pool.survey();
  expect((await client.header("latest")).number).toBe(10n);
});

test("a refusal of the chain is an answer: no other endpoint is asked", async () => {
  const revert = { to: chain.accounts[0]?.address ?? "", data: "0x", from: "0x00" };
  await expect(client.estimateGas(revert)).rejects.toThrow(/eth_estimateGas at endpoint node-1/);
  expect(at(second, "eth_estimateGas")).toBe(0);
});

test("pinned reads go to the endpoint that served the block, and a vanished block is told", async () => {
  const market = await startMarket(chain);
  first.rule = hang;
  const header = await client.header("latest");
  first.rule = undefined;
  const request = { to: market.address, data: "0x" };
  await client.callAt(request, header).catch(() => undefined);
  expect([at(first, "eth_call"), at(second, "eth_call")]).toEqual([0, 1]);
  await chain.rpc("anvil_reorg", [1, []]);
  await expect(client.callAt({ to: market.token, data: "0x313ce567" }, header)).rejects.toThrow(/no longer has block/);
  await market.close();
});

test("what is confirmed by a second endpoint is refused when they differ", async () => {
  const market = await startMarket(chain);
  const header = await client.header("latest");
  const decimals = { to: market.token, data: "0x313ce567" };
  expect(BigInt(await client.callAtConfirmed(decimals, header))).toBe(6n);
  second.rule = ({ method }) => (method === "eth_call" ? { kind: "Result", result: "0x" } : undefined);
  await expect(client.callAtConfirmed(decimals, header)).rejects.toThrow(/node-1 and node-2 differ/);
  second.rule = ({ method }) => (method === "eth_call" ? { kind: "Status", status: 500 } : undefined);
  await expect(client.callAtConfirmed(decimals, header)).rejects.toThrow(/gave no usable answer/);
  await market.close();
});

test("a send reaches every endpoint, and one that takes it is enough", async () => {
  first.rule = ({ method }) => (method === "eth_sendRawTransaction" ? { kind: "Status", status: 500 } : undefined);
  const outcomes = await client.sendRawTransaction("0x00");
  expect(outcomes.map(({ endpoint, error }) => [endpoint, error?.name])).toEqual([
    ["node-1", "Unreachable"],
    ["node-2", "RpcError"],
  ]);
});

test("errors name endpoints and never their addresses, which may hold credentials", async () => {
  const secret = new RpcPool({
    chainId: 1n,
    endpoints: [{ name: "vendor", url: "http://127.0.0.1:1/v2/SECRETKEY" }],
    clock: systemClock,
  });
  const error: unknown = await new ChainClient(secret).header("latest").catch((e: unknown) => e);
  expect(String(error)).toMatch(/vendor/);
  expect(JSON.stringify([String(error), secret.states()])).not.toMatch(/SECRETKEY|127\.0\.0\.1/);
  await secret.close();
});

async function tracker(settings: Partial<HeadSettings> = {}): Promise<HeadTracker> {
  const market = await startMarket(chain);
  await market.close();
  return new HeadTracker({ client, clock: systemClock, address: market.address, confirmations: 0, ...settings });
}

test("the tiers trail the latest block as told, or as the chain tells", async () => {
  const heads = await tracker({ confirmations: 2 });
  const counted = await tracker({ finalityBlocks: 5 });
  await chain.rpc("anvil_mine", ["0x14"]);
  const { number } = await client.header("latest");
  expect((await heads.point("head", signal)).number).toBe(number - 2n);
  expect((await heads.point("final", signal)).number).toBe(number - 8n);
  expect((await counted.point("final", signal)).number).toBe(number - 5n);
});

test.each([
  ["as the chain tells", undefined, "finalized"],
  ["as counted", 5, "latest"],
] as const)("what is final %s is what two endpoints hold for final", async (_, finalityBlocks, tag) => {
  const heads = await tracker({ finalityBlocks });
  await chain.rpc("anvil_mine", ["0x14"]);
  const { number } = await heads.point("final", signal);
  const head = (await client.header("latest")).number;
  const ahead = await chain.rpc<Record<string, unknown>>("eth_getBlockByNumber", ["latest", false]);
  const result = { ...ahead, number: `0x${(head + 3n).toString(16)}` };
  first.rule = ({ method, params }) =>
    method === "eth_getBlockByNumber" && params[0] === tag ? { kind: "Result", result } : undefined;
  expect((await heads.point("final", signal)).number).toBe(number);
  expect(at(first, "eth_getBlockByNumber")).toBeGreaterThan(0);
});

test("a reorganisation within the budget is absorbed and counted; a deeper one and one of what was final are refused", async () => {
  const heads = await tracker({ reorgBudgetBlocks: 3, finalityBlocks: 2 });
  for (let i = 0; i < 4; i += 1) {
    await chain.rpc("evm_mine");
    await heads.point("head", signal);
  }
  await chain.rpc("anvil_reorg", [2, []]);
  await heads.point("head", signal);
  expect(heads.reorganisations("head")).toBe(1);
  await chain.rpc("anvil_mine", ["0x3"]);
  for (let i = 0; i < 5; i += 1) {
    await chain.rpc("evm_mine");
    await Promise.all([heads.point("head", signal), heads.point("final", signal)]);
  }
  await chain.rpc("anvil_reorg", [5, []]);
  await expect(heads.point("head", signal)).rejects.toMatchObject({ reason: "ReorgBeyondBudget" });
  await expect(heads.point("final", signal)).rejects.toMatchObject({ reason: "FinalityViolated" });
});

test("an endpoint behind what was read, or behind what was recorded before a restart, is refused", async () => {
  const heads = await tracker();
  await chain.rpc("anvil_mine", ["0x5"]);
  const recorded = await heads.point("head", signal);
  const old: unknown = await chain.rpc("eth_getBlockByNumber", [`0x${(recorded.number - 2n).toString(16)}`, false]);
  const lag: Rule = ({ method, params }) =>
    method === "eth_getBlockByNumber" && params[0] === "latest" ? { kind: "Result", result: old } : undefined;
  [first.rule, second.rule] = [lag, lag];
  await expect(heads.point("head", signal)).rejects.toMatchObject({ reason: "Stale" });
  [first.rule, second.rule] = [undefined, undefined];
  const restarted = await tracker({ recorded });
  [first.rule, second.rule] = [lag, lag];
  await expect(restarted.point("head", signal)).rejects.toMatchObject({ reason: "Stale" });
  [first.rule, second.rule] = [undefined, undefined];
  expect((await restarted.point("head", signal)).number).toBeGreaterThan(recorded.number);
});

test("a chain that stopped is refused", async () => {
  const heads = await tracker({ stallSeconds: 60, clock: { ...systemClock, now: () => Date.now() + 3_600_000 } });
  await expect(heads.point("head", signal)).rejects.toMatchObject({ reason: "Stalled" });
});

test("no contract, other code or another genesis behind an endpoint is refused", async () => {
  const nowhere = new HeadTracker({ client, clock: systemClock, address: `0x${"09".repeat(20)}`, confirmations: 0 });
  await expect(nowhere.point("head", signal)).rejects.toThrow(/no contract at 0x0909/);
  const heads = await tracker();
  const seen = await heads.identify(signal);
  expect(seen).toMatchObject({
    chainId: 31337n,
    genesisHash: (await chain.rpc<{ hash: string }>("eth_getBlockByNumber", ["0x0", false])).hash,
  });
  first.rule = hang;
  second.rule = ({ method }) => (method === "eth_getCode" ? { kind: "Result", result: "0x6001" } : undefined);
  await expect(heads.point("head", signal)).rejects.toMatchObject({ reason: "IdentityChanged" });
  first.rule = undefined;
  second.rule = undefined;
  await eventually("the first endpoint to be believed again", () => heads.point("head", signal));
});
