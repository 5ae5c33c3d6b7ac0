import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { chainFaults, PastState, result, StaleHead } from "../../faults/chain-faults.ts";
import { type Fault, firstOf, once } from "../../faults/fault.ts";
import { StaleLists } from "../../faults/kube-faults.ts";
import { type FaultProxy, startFaultProxy } from "../../faults/proxy.ts";

/** A server that counts, so that what reached it can be told from what was answered. */
let server: Server;
let target: string;
let applied: string[] = [];
const numbered = (): string =>
  JSON.stringify({ jsonrpc: "2.0", id: 1, result: { number: `0x${applied.length}`, data: "x".repeat(99) } });
let answers = numbered;
let proxy: FaultProxy;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = await text(request);
    applied.push(`${request.method} ${request.url} ${body}`.trim());
    response.writeHead(200, { "content-type": "application/json" });
    response.end(answers());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  target = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
  proxy = await startFaultProxy({ target });
});
afterAll(async () => {
  await proxy.stop();
  server.closeAllConnections();
  server.close();
});
afterEach(() => {
  applied = [];
  answers = numbered;
  proxy.rule = () => undefined;
  proxy.restore();
});

const ask = (body = "{}", timeout = 5000): Promise<Response> =>
  fetch(proxy.url, { method: "POST", body, signal: AbortSignal.timeout(timeout) });

function rpc(method: string, ...params: unknown[]): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
}

describe("a fault proxy", () => {
  it("passes on what no rule names, and keeps a log", async () => {
    const before = proxy.calls.length;
    const answer = await ask('{"a":1}');
    expect(answer.status).toBe(200);
    expect(applied).toEqual(['POST / {"a":1}']);
    expect(proxy.calls.slice(before)).toEqual([{ number: before + 1, method: "POST", path: "/", body: '{"a":1}' }]);
  });

  it("passes on the body of a deletion too, which says on what condition", async () => {
    const remove = () => fetch(proxy.url, { method: "DELETE", body: '{"preconditions":{}}' });
    expect((await remove()).status).toBe(200);
    expect((await remove()).status).toBe(200);
    expect(applied).toEqual(['DELETE / {"preconditions":{}}', 'DELETE / {"preconditions":{}}']);
  });

  it.each<[Fault, number]>([
    [{ kind: "Reset" }, 0],
    [{ kind: "LoseAnswer" }, 1],
  ])("%j breaks the connection; the server heard of it %i times", async (fault, times) => {
    proxy.rule = once(() => true, fault);
    await expect(ask()).rejects.toThrow();
    expect(applied).toHaveLength(times);
    expect((await ask()).ok).toBe(true);
    expect(proxy.struck.get(fault.kind)).toBeGreaterThan(0);
  });

  it("cuts an answer in its middle", async () => {
    proxy.rule = once(() => true, { kind: "CutAnswer" });
    const answer = await ask();
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
    expect(applied).toHaveLength(1);
  });

  it("leaves a request hanging on an open connection", async () => {
    proxy.rule = once(() => true, { kind: "Hang" });
    await expect(ask("{}", 300)).rejects.toThrow("timeout");
    expect(applied).toEqual([]);
  });

  it("answers in the server's place, changes its answers, and repeats requests", async () => {
    proxy.rule = firstOf(
      once(() => true, { kind: "Answer", status: 429, headers: { "retry-after": "1" }, body: "slow down" }),
      once(() => true, { kind: "ChangeAnswer", change: (body) => body.toUpperCase() }),
      once(() => true, { kind: "Repeat" }),
    );
    const refused = await ask();
    expect([refused.status, refused.headers.get("retry-after"), await refused.text()]).toEqual([429, "1", "slow down"]);
    expect(applied).toHaveLength(0);
    expect(await (await ask()).text()).toContain('"JSONRPC"');
    expect(applied).toHaveLength(1);
    expect((await ask()).ok).toBe(true);
    expect(applied).toHaveLength(3);
  });

  it("takes the server away and gives it back", async () => {
    proxy.isolate();
    await expect(ask()).rejects.toThrow();
    proxy.restore();
    expect((await ask()).ok).toBe(true);
    expect(applied).toHaveLength(1);
  });
});

describe("lists from the past", () => {
  it("are answered as before while frozen, and never streamed; writes and watches go on", async () => {
    const stale = new StaleLists();
    proxy.rule = (call) => stale.fault(call);
    const list = async (): Promise<unknown> => (await fetch(`${proxy.url}/api/v1/pods?limit=500`)).json();
    const first = await list();
    const second = await list();
    expect(second).not.toEqual(first);
    stale.freeze();
    expect([await list(), await list()]).toEqual([second, second]);
    expect((await fetch(`${proxy.url}/api/v1/pods?watch=true&sendInitialEvents=true`)).status).toBe(422);
    const before = applied.length;
    await ask();
    await fetch(`${proxy.url}/api/v1/pods?watch=true&resourceVersion=1`);
    expect(applied).toHaveLength(before + 2);
    stale.thaw();
    expect(await list()).not.toEqual(second);
  });
});

describe("chain faults", () => {
  it("strike the calls that they are about, and no others", async () => {
    proxy.rule = (call) =>
      chainFaults.swallowedSend(call) ?? chainFaults.wrongChain(call) ?? chainFaults.emptyData(call);
    expect(await (await ask(rpc("eth_sendRawTransaction", "0x00"))).json()).toMatchObject({
      result: `0x${"5a".repeat(32)}`,
    });
    expect(await (await ask(rpc("eth_chainId"))).json()).toMatchObject({ id: 1, result: "0xdead" });
    expect(await (await ask(rpc("eth_call", {}))).json()).toMatchObject({ result: "0x" });
    expect(applied).toEqual([]);
    await ask(rpc("eth_gasPrice"));
    expect(applied).toHaveLength(1);
  });

  it("keep a stale node's newest block where it was", async () => {
    const stale = new StaleHead();
    proxy.rule = (call) => stale.fault(call);
    const latest = async (): Promise<unknown> => {
      const answer: { result: { number: string } } = JSON.parse(
        await (await ask(rpc("eth_getBlockByNumber", "latest"))).text(),
      );
      return answer.result.number;
    };
    expect(await latest()).toBe("0x1");
    expect(await latest()).toBe("0x2");
    stale.freeze();
    expect([await latest(), await latest()]).toEqual(["0x2", "0x2"]);
    stale.thaw();
    expect(await latest()).toBe("0x3");
  });

  it("multiply the fees that a node tells of", async () => {
    proxy.rule = (call) => chainFaults.feeSpike(call);
    const answer = JSON.stringify({ id: 1, result: { baseFeePerGas: ["0x2", "0x3"], oldestBlock: "0x1" } });
    answers = () => answer;
    expect(await (await ask(rpc("eth_feeHistory"))).json()).toEqual({
      id: 1,
      result: { baseFeePerGas: ["0x64", "0x96"], oldestBlock: "0x1" },
    });
  });

  it("tell the state of the past for any block while a node lies", async () => {
    const past = new PastState();
    proxy.rule = (call) => past.fault(call);
    answers = () => JSON.stringify({ jsonrpc: "2.0", id: 1, result: `0x${applied.length}` });
    const state = async (to: string, block: string): Promise<unknown> =>
      (await ask(rpc("eth_call", { to, data: "0x" }, block))).json();
    expect(await state("0xa", "0x1")).toMatchObject({ result: "0x1" });
    past.mode = "pass";
    expect(await state("0xa", "0x2")).toMatchObject({ result: "0x2" });
    past.mode = "lie";
    expect(await state("0xa", "0x3")).toMatchObject({ result: "0x1" });
    expect(await state("0xb", "0x3")).toMatchObject({ result: "0x3" });
    expect(proxy.struck.get("Lie")).toBe(1);
    expect(proxy.struck.has("Observe")).toBe(false);
  });

  it("answer with the id that was asked with", () => {
    const call = { number: 1, method: "POST", path: "/", body: '{"id":"q","method":"m"}' };
    expect(result(call, 1)).toMatchObject({ body: '{"jsonrpc":"2.0","id":"q","result":1}' });
  });
});
