import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAmount, parseAmount } from "./amount.ts";

const token = (decimals: number) => ({ decimals, symbol: "BTD" });
const decimals = fc.integer({ min: 0, max: 36 });
const units = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });

describe("parseAmount", () => {
  test.each([
    ["12.5", 6, 12_500_000n],
    ["0.000001", 6, 1n],
    ["1.2300", 2, 123n],
    ["007", 0, 7n],
    [" 3 ", 18, 3n * 10n ** 18n],
    ["340282366920938463463374607431768211455", 0, 2n ** 128n - 1n],
  ])("%j with %i decimals is exact", (text, places, expected) => {
    expect(parseAmount(text, token(places), "--deposit")).toBe(expected);
  });

  test.each(["", "1,5", "-1", "+1", "1e6", ".5", "5.", "0x10", "1 000", "1.2.3", "Infinity"])("refuses %j", (text) => {
    expect(() => parseAmount(text, token(6), "--deposit")).toThrow(`--deposit: "${text}" is not an amount`);
  });

  test("reads back every amount that formatAmount writes", () => {
    fc.assert(
      fc.property(units, decimals, (amount, places) => {
        expect(parseAmount(formatAmount(amount, places), token(places), "--amount")).toBe(amount);
      }),
    );
  });

  test("refuses what is finer than the token, however little it is", () => {
    fc.assert(
      fc.property(units, decimals, fc.integer({ min: 1, max: 9 }), (amount, places, digit) => {
        const text = formatAmount(amount * 10n + BigInt(digit), places + 1);
        const words = `has ${places + 1} decimals but BTD has ${places}`;
        expect(() => parseAmount(text, token(places), "--amount")).toThrow(words);
      }),
    );
  });

  test("adds up: the parts of an amount are the amount", () => {
    fc.assert(
      fc.property(units, units, decimals, (a, b, places) => {
        const [partA, partB] = [a, b].map((part) => parseAmount(formatAmount(part, places), token(places), "--amount"));
        expect((partA ?? 0n) + (partB ?? 0n)).toBe(a + b);
      }),
    );
  });
});

describe("formatAmount", () => {
  test.each([
    [12_500_000n, 6, "12.5"],
    [1n, 6, "0.000001"],
    [0n, 6, "0"],
    [1_000_000n, 6, "1"],
    [7n, 0, "7"],
    [-1_500_000n, 6, "-1.5"],
  ])("%s with %i decimals is %s", (amount, places, expected) => {
    expect(formatAmount(amount, places)).toBe(expected);
  });
});
