import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bundleThatFits, GAS_CEILING } from "./bundle.ts";
import { type Call, preflight } from "./preflight.ts";

/** One call for all intents; its data names their values. */
const together = (intents: ReadonlyMap<string, string>): Call[] =>
  intents.size === 0 ? [] : [{ to: "0x1", data: [...intents.values()].join(","), intentKeys: [...intents.keys()] }];
/** Fails where a poison is among the values. */
const dryRun = async ({ data }: Call): Promise<string | undefined> =>
  data.includes("poison") ? "it reverts" : undefined;

describe("preflight", () => {
  test("refuses exactly the poisonous intents and keeps all others, wherever they stand", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom("good", "poison"), { maxLength: 40 }), async (values) => {
        const intents = new Map(values.map((value, index) => [`k${index}`, value]));
        const { calls, refused } = await preflight(intents, together, dryRun);
        const keysWith = (wanted: string) => [...intents].filter(([, v]) => v === wanted).map(([key]) => key);
        expect(calls.flatMap((call) => call.intentKeys)).toEqual(keysWith("good"));
        expect([...refused]).toEqual(keysWith("poison").map((key) => [key, "it reverts"]));
      }),
    );
  });

  test("finds one among a thousand in about twice as many runs as it has binary digits", async () => {
    const intents = new Map(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i === 617 ? "poison" : "good"]));
    let runs = 0;
    const counted = async (call: Call): Promise<string | undefined> => {
      runs += 1;
      return await dryRun(call);
    };
    expect((await preflight(intents, together, counted)).refused.size).toBe(1);
    expect(runs).toBeLessThan(25);
  });

  test("isolates what cannot be encoded", async () => {
    const picky = (intents: ReadonlyMap<string, string>): Call[] => {
      if ([...intents.values()].includes("nonsense")) throw new Error("value out of bounds");
      return together(intents);
    };
    const intents = new Map([
      ["a", "good"],
      ["b", "nonsense"],
      ["c", "good"],
    ]);
    const { calls, refused } = await preflight(intents, picky, dryRun);
    expect(calls.flatMap((call) => call.intentKeys)).toEqual(["a", "c"]);
    expect([...refused]).toEqual([["b", "value out of bounds"]]);
  });

  test("does not take a failure to ask for a refusal", async () => {
    const failing = async (): Promise<undefined> => {
      throw new Error("no endpoint");
    };
    await expect(preflight(new Map([["a", "good"]]), together, failing)).rejects.toThrow("no endpoint");
  });
});

describe("bundle that fits", () => {
  const call = (key: string): Call => ({ to: "0x1", data: key, intentKeys: [key] });
  const bundle = (calls: readonly Call[]): Call => ({
    to: "0x1",
    data: "",
    intentKeys: calls.flatMap((c) => c.intentKeys),
  });

  test("takes all with a fifth more gas, never past the ceiling", async () => {
    const calls: [Call, Call] = [call("a"), call("b")];
    expect(await bundleThatFits(calls, bundle, async () => ({ gas: 100_000n }))).toMatchObject({ gasLimit: 120_000n });
    const large = await bundleThatFits(calls, bundle, async () => ({ gas: GAS_CEILING - 1n }));
    expect(large).toMatchObject({ gasLimit: GAS_CEILING, call: { intentKeys: ["a", "b"] } });
  });

  test("halves what is too large or reverts together", async () => {
    const calls: [Call, ...Call[]] = [call("a"), call("b"), call("c"), call("d"), call("e")];
    const tooLarge = await bundleThatFits(calls, bundle, async (c) => ({
      gas: 7_000_000n * BigInt(c.intentKeys.length),
    }));
    expect(tooLarge).toMatchObject({ call: { intentKeys: ["a", "b"] } });
    const atOdds = await bundleThatFits(calls, bundle, async (c) =>
      c.intentKeys.length > 1 ? { reverts: "at odds" } : { gas: 1n },
    );
    expect(atOdds).toMatchObject({ call: { intentKeys: ["a"] } });
  });

  test("says why a single call cannot go", async () => {
    expect(await bundleThatFits([call("a")], bundle, async () => ({ gas: 20_000_000n }))).toMatchObject({
      reason: "needs 20000000 gas, more than 16000000",
    });
    expect(await bundleThatFits([call("a")], bundle, async () => ({ reverts: "why" }))).toMatchObject({
      reason: "why",
    });
  });
});
