import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { documentOf, renderDocument } from "./document.ts";
import { formatDuration, formatTime } from "./duration.ts";
import { printable } from "./text.ts";

describe("formatDuration", () => {
  test.each([
    [0, "0s"],
    [59, "59s"],
    [60, "1m"],
    [3661, "1h 1m"],
    [7200, "2h"],
    [86_399, "23h 59m"],
    [90_000, "1d 1h"],
    [86_460, "1d"],
    [1.9, "1s"],
  ])("%s seconds are %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

test("formatTime is in UTC and says so", () => {
  expect(formatTime(1_800_000_000)).toBe("2027-01-15 08:00:00Z");
});

describe("printable", () => {
  test.each([
    ["USDC", "USDC"],
    ["\u001b[31mred", "[31mred"],
    ["a\nb\tc", "a b c"],
    ["\u202Egnirts", "gnirts"],
    ["é 日本 😀", "é 日本 😀"],
  ])("%j becomes %j", (text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  test("lets nothing through that moves a cursor or turns text around, and keeps to its length", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const shown = printable(text, 20);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(shown.length).toBeLessThanOrEqual(20);
      }),
    );
  });
});

describe("documents", () => {
  const value = {
    id: "7",
    deposit: 2n ** 128n - 1n,
    notice: undefined,
    list: [1n, { a: true, b: undefined }],
    none: null,
  };
  const document = {
    id: "7",
    deposit: "340282366920938463463374607431768211455",
    list: ["1", { a: true }],
    none: null,
  };

  test("amounts are decimal strings and absent fields are left out", () => {
    expect(documentOf(value)).toEqual(document);
  });

  test("JSON and YAML say the same, and YAML keeps amounts strings", () => {
    expect(JSON.parse(renderDocument(value, "json"))).toEqual(document);
    expect(parse(renderDocument(value, "yaml"))).toEqual(document);
  });
});
