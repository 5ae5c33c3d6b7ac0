import fc from "fast-check";
import { expect, test } from "vitest";
import { parseHeader, tagParameter } from "./block.ts";
import { BadAnswer, parseData, parseHash, parseNumber, parseQuantity, quantity } from "./hex.ts";

test("quantities survive both ways", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n }), (value) => {
      expect(parseQuantity(quantity(value))).toBe(value);
    }),
  );
});

test.each([null, undefined, 5, "5", "0x", "0xzz", {}, []])("%j is no quantity", (value) => {
  expect(() => parseQuantity(value)).toThrow(BadAnswer);
});

test("numbers beyond 2^53, odd data and short hashes are refused", () => {
  expect(() => parseNumber("0xffffffffffffffff")).toThrow(BadAnswer);
  expect(() => parseData("0x123")).toThrow(BadAnswer);
  expect(() => parseHash("0x1234")).toThrow(BadAnswer);
  expect(parseData("0xAB")).toBe("0xab");
});

test("a header is parsed, and a null one is a node that is behind", () => {
  const [hash, parentHash] = [`0x${"ab".repeat(32)}`, `0x${"cd".repeat(32)}`];
  expect(parseHeader({ number: "0x10", hash, parentHash, timestamp: "0x5", baseFeePerGas: "0x7" })).toEqual({
    number: 16n,
    hash,
    parentHash,
    timestampSeconds: 5,
    baseFeePerGasWei: 7n,
  });
  expect(() => parseHeader(null)).toThrow("the block is null");
  expect([tagParameter("latest"), tagParameter(255n)]).toEqual(["latest", "0xff"]);
});
