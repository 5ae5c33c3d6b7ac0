import { describe, expect, test } from "vitest";
import type { Header } from "../../../chain/block.ts";
import type { EndpointReading } from "./endpoint-reading.ts";
import { endpointFindings } from "./endpoints.ts";

const NOW = 1_900_000_000;

describe("endpoints", () => {
  const header = (number: bigint, age = 3): Header => ({
    number,
    hash: `0x${"ab".repeat(32)}`,
    parentHash: `0x${"ac".repeat(32)}`,
    timestampSeconds: NOW - age,
    baseFeePerGasWei: 1n,
  });
  const reading = (changes: Partial<EndpointReading> = {}): EndpointReading => ({
    name: "one",
    error: undefined,
    chainId: 10n,
    latest: header(100n),
    finalized: header(90n),
    finalityError: undefined,
    sharedHash: "0xaa",
    ...changes,
  });
  const away: Partial<EndpointReading> = { error: "no answer", chainId: undefined, latest: undefined };

  test("that agree are all right", () => {
    expect(endpointFindings([reading()], 10n, NOW)).toEqual([
      { check: "Endpoint", subject: "one", result: "ok", detail: "chain 10, block 100, 3s old, final up to 90" },
    ]);
  });

  test.each<[string, EndpointReading[], string, string]>([
    ["alone and away", [reading(away)], "fail", "no answer"],
    ["away beside another", [reading(away), reading()], "warn", "no answer"],
    ["on another chain", [reading({ chainId: 1n })], "fail", "it serves chain 1, not chain 10"],
    [
      "without finality",
      [reading({ finalityError: "no such tag" })],
      "fail",
      "does not tell what is final: no such tag",
    ],
    ["behind", [reading({ latest: header(97n) }), reading()], "warn", "it is 3 blocks behind the others"],
    ["a little behind", [reading({ latest: header(98n) }), reading()], "ok", "block 98"],
    ["standing still", [reading({ latest: header(100n, 601) })], "warn", "10m 1s old"],
    ["ahead of the clock", [reading({ latest: header(100n, -60) })], "warn", "1m in the future"],
    ["of another opinion", [reading({ sharedHash: "0xbb" }), reading()], "fail", "here it is 0xbb"],
    ["without the block that others have", [reading({ sharedHash: undefined }), reading()], "ok", "block 100"],
  ])("%s", (_what, readings, result, words) => {
    const [finding] = endpointFindings(readings, 10n, NOW);
    expect(finding).toMatchObject({ result, detail: expect.stringContaining(words) });
    expect(finding?.fix === undefined).toBe(result === "ok");
  });

  test("of which one is wrong about a final block are both told of", () => {
    const results = endpointFindings([reading(), reading({ name: "two", sharedHash: "0xbb" })], 10n, NOW);
    expect(results.map(({ result, subject }) => [subject, result])).toEqual([
      ["one", "fail"],
      ["two", "fail"],
    ]);
  });

  test("of a chain that nobody named are measured by the first that answers", () => {
    const found = endpointFindings([reading(away), reading(), reading({ chainId: 11n })], undefined, NOW);
    expect(found.map(({ result }) => result)).toEqual(["warn", "ok", "fail"]);
  });
});
