import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Chain, startChain } from "../../harness/chain.ts";
import { eventually } from "../../harness/wait.ts";

const numberOf = async (chain: Chain, tag: string): Promise<number> => {
  const block = await chain.rpc<{ number: string } | null>("eth_getBlockByNumber", [tag, false]);
  return Number(block?.number);
};

describe("two chains side by side", () => {
  let chain: Chain;
  let other: Chain;
  beforeAll(async () => {
    const started = performance.now();
    [chain, other] = await Promise.all([startChain({ automine: false, slotsInAnEpoch: 4 }), startChain()]);
    console.log(`two EVM nodes ready after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  });
  afterAll(async () => await Promise.all([chain?.stop(), other?.stop()]));

  it("mine when told to, and finalise two epochs behind the head", async () => {
    await chain.rpc("anvil_mine", ["0x14"]);
    expect(await numberOf(chain, "latest")).toBe(20);
    expect(await numberOf(chain, "safe")).toBe(16);
    expect(await numberOf(chain, "finalized")).toBe(12);
    expect(await numberOf(other, "latest")).toBe(0);
  });

  it("hold a transaction until a block is mined", async () => {
    const [from, to] = chain.accounts;
    const hash = await chain.rpc("eth_sendTransaction", [{ from: from?.address, to: to?.address, value: "0x1" }]);
    expect(await chain.rpc("eth_getTransactionReceipt", [hash])).toBeNull();
    await chain.rpc("evm_mine");
    const receipt = await eventually("the receipt", async () => {
      return (await chain.rpc<{ status: string } | null>("eth_getTransactionReceipt", [hash])) ?? undefined;
    });
    expect(receipt.status).toBe("0x1");
  });

  it("reorganise as deep as the states that they keep", async () => {
    const before = await chain.rpc<{ hash: string }>("eth_getBlockByNumber", ["latest", false]);
    await chain.rpc("anvil_reorg", [3, []]);
    expect(await chain.rpc("eth_getBlockByHash", [before.hash, false])).toBeNull();
  });

  it("give ten funded accounts with their keys", async () => {
    expect(other.accounts).toHaveLength(10);
    for (const { address, privateKey } of other.accounts) {
      expect(privateKey).toMatch(/^0x[0-9a-f]{64}$/);
      expect(await other.rpc("eth_getBalance", [address, "latest"])).toBe("0x21e19e0c9bab2400000");
    }
  });

  it("answer errors that say method, code and message", async () => {
    await expect(chain.rpc("eth_nonsense")).rejects.toMatchObject({
      name: "ChainRpcError",
      code: -32601,
      message: expect.stringContaining("eth_nonsense answered -32601"),
    });
  });
});

describe("startChain", () => {
  it("mines by the clock", async () => {
    await using disposer = new AsyncDisposableStack();
    const chain = disposer.adopt(await startChain({ blockTimeSeconds: 1 }), (started) => started.stop());
    await eventually("the second block", async () => ((await numberOf(chain, "latest")) >= 2 ? true : undefined));
  });

  it("fails with the node's own words", async () => {
    await using disposer = new AsyncDisposableStack();
    const chain = disposer.adopt(await startChain(), (started) => started.stop());
    await expect(startChain({ port: Number(new URL(chain.url).port) })).rejects.toThrow(
      /anvil ended with exit code 1:[\s\S]*in use/,
    );
  });
});
