import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBytes, formatCpuMillis, parseBytes, parseCpuMillis, parseQuantity } from "./quantity.ts";

const max = 2n ** 63n - 1n;

describe("parseQuantity", () => {
  it.each<[string | number, bigint]>([
    ["0", 0n],
    ["-0", 0n],
    ["1", 1_000_000_000n],
    [2, 2_000_000_000n],
    [0.5, 500_000_000n],
    [1e21, max * 1_000_000_000n],
    ["+1", 1_000_000_000n],
    [".5", 500_000_000n],
    ["1.", 1_000_000_000n],
    ["007", 7_000_000_000n],
    ["1n", 1n],
    ["1u", 1_000n],
    ["500m", 500_000_000n],
    ["1k", 1_000n * 1_000_000_000n],
    ["1M", 10n ** 15n],
    ["1E", 10n ** 27n],
    ["1E3", 10n ** 12n],
    ["1e3", 10n ** 12n],
    ["12e-3", 12_000_000n],
    ["1Ki", 1024n * 1_000_000_000n],
    ["1.5Gi", 1_610_612_736n * 1_000_000_000n],
    ["0.1Ki", 102_400_000_000n],
    ["-1.5", -1_500_000_000n],
  ])("reads %s", (text, nanos) => {
    expect(parseQuantity(text)).toBe(nanos);
  });

  it.each([
    "",
    " 1",
    "1 ",
    ".",
    "+",
    "-",
    "m",
    "Gi",
    "1gi",
    "1KI",
    "1K",
    "1mi",
    "1e",
    "1e+",
    "1.2.3",
    "--1",
    "0x10",
    "1,5",
    "NaN",
    "Infinity",
    "1Gib",
    "1e9999999999",
    "1".repeat(257),
  ])("refuses %j", (text) => {
    expect(() => parseQuantity(text)).toThrow("is not a quantity; write one like 2, 500m or 64Gi");
  });

  it("refuses numbers that JSON cannot carry", () => {
    expect(() => parseQuantity(Number.NaN)).toThrow('"NaN" is not a quantity');
    expect(() => parseQuantity(Number.POSITIVE_INFINITY)).toThrow('"Infinity" is not a quantity');
  });

  it("rounds what is finer than nano away from zero", () => {
    expect(parseQuantity("0.1n")).toBe(1n);
    expect(parseQuantity("-0.1n")).toBe(-1n);
    expect(parseQuantity("1e-999999999")).toBe(1n);
    expect(parseQuantity("1.0000000001")).toBe(1_000_000_001n);
  });

  it("caps at 2^63-1 whole units", () => {
    const cap = max * 1_000_000_000n;
    expect(parseQuantity("8Ei")).toBe(cap);
    expect(parseQuantity("9223372036854775807")).toBe(cap);
    expect(parseQuantity("9223372036854775806")).toBe(cap - 1_000_000_000n);
    expect(parseQuantity("1e999999999")).toBe(cap);
    expect(parseQuantity("-1e30")).toBe(-cap);
    expect(parseQuantity("0e999999999")).toBe(0n);
  });

  it("does not echo a huge text", () => {
    expect(() => parseQuantity("x".repeat(10_000))).toThrow(/^"x{256}…" is not/);
  });

  const amount = fc.bigInt({ min: 0n, max: 10n ** 9n });

  it("agrees between decimal notations of one amount", () => {
    fc.assert(
      fc.property(amount, (millis) => {
        const decimal = `${millis / 1000n}.${String(millis % 1000n).padStart(3, "0")}`;
        expect(parseQuantity(`${millis}m`)).toBe(parseQuantity(decimal));
        expect(parseQuantity(`${millis}000u`)).toBe(parseQuantity(decimal));
        expect(parseQuantity(`${millis}e-3`)).toBe(parseQuantity(decimal));
        expect(parseQuantity(`-${decimal}`)).toBe(-parseQuantity(decimal));
      }),
    );
  });

  it("keeps the order of numbers, whatever their suffixes", () => {
    const suffixed = fc.tuple(
      fc.integer({ min: 0, max: 9999 }),
      fc.constantFrom(["m", 1e-3], ["", 1], ["k", 1e3], ["Mi", 2 ** 20] as const),
    );
    fc.assert(
      fc.property(suffixed, suffixed, ([a, [sa, fa]], [b, [sb, fb]]) => {
        const order = Math.sign(a * Number(fa) - b * Number(fb));
        const difference = parseQuantity(`${a}${sa}`) - parseQuantity(`${b}${sb}`);
        expect(difference === 0n ? 0 : difference > 0n ? 1 : -1).toBe(order);
      }),
    );
  });

  it("gives a value or its own error, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+.0-9eEinumkKMGTPE]{0,12}$/)), (text) => {
        try {
          expect(typeof parseQuantity(text)).toBe("bigint");
        } catch (error) {
          expect(String(error)).toContain("is not a quantity");
        }
      }),
    );
  });
});

describe("parseCpuMillis", () => {
  it.each<[string | number, bigint]>([
    ["8", 8000n],
    [1, 1000n],
    ["0.1", 100n],
    ["1500m", 1500n],
    ["1500.5m", 1501n],
    ["1u", 1n],
    ["1n", 1n],
    ["1001u", 2n],
    ["-1500.5m", -1501n],
    ["0", 0n],
  ])("reads %s, rounding up", (text, millis) => {
    expect(parseCpuMillis(text)).toBe(millis);
  });
});

describe("parseBytes", () => {
  it.each<[string | number, bigint]>([
    ["64Gi", 68_719_476_736n],
    ["128974848", 128_974_848n],
    ["129e6", 129_000_000n],
    ["129M", 129_000_000n],
    ["128974848000m", 128_974_848n],
    ["1m", 1n],
    ["1.5", 2n],
    [3, 3n],
  ])("reads %s, rounding up", (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });
});

describe("canonical text", () => {
  it.each<[bigint, string]>([
    [0n, "0"],
    [1n, "1m"],
    [1000n, "1"],
    [1500n, "1500m"],
    [-1500n, "-1500m"],
  ])("writes %s millicores as %s", (millis, text) => {
    expect(formatCpuMillis(millis)).toBe(text);
  });

  it.each<[bigint, string]>([
    [0n, "0"],
    [1000n, "1000"],
    [1024n, "1Ki"],
    [1536n, "1536"],
    [1_610_612_736n, "1536Mi"],
    [64n * 2n ** 30n, "64Gi"],
    [2n ** 60n, "1Ei"],
    [-2048n, "-2Ki"],
  ])("writes %s bytes as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  const within = fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n });

  it("reads back as what was written", () => {
    fc.assert(
      fc.property(within, (value) => {
        expect(parseCpuMillis(formatCpuMillis(value))).toBe(value);
        expect(parseBytes(formatBytes(value))).toBe(value);
      }),
    );
  });

  it("is the same for every notation of one amount", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 20n }), (mebibytes) => {
        expect(formatBytes(parseBytes(`${mebibytes}Mi`))).toBe(formatBytes(parseBytes(`${mebibytes * 1024n}Ki`)));
      }),
    );
  });
});
