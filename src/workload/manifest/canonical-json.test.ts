import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, type Json } from "./canonical-json.ts";

describe("canonicalJson", () => {
  it("prints RFC 8785's example of key order (§3.2.3)", () => {
    const value = {
      "\u20ac": "Euro",
      "\r": "CR",
      "\ufb33": "Dalet",
      "1": "One",
      "\ud83d\ude00": "Smiley",
      "\u0080": "Control",
      "\u00f6": "O",
    };
    const keys = [...canonicalJson(value).matchAll(/"([A-Z][A-Za-z]*)"/g)].map((match) => match[1]);
    expect(keys).toEqual(["CR", "One", "Control", "O", "Euro", "Smiley", "Dalet"]);
  });

  it("prints numbers as RFC 8785's example (§3.2.2)", () => {
    expect(canonicalJson([1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0])).toBe("[1e+30,4.5,0.002,1e-27,0]");
  });

  it("is the same for any order of keys, and parses back", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.integer())), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("refuses what JSON does not have", () => {
    const values: Json[] = [Number.NaN, [Number.POSITIVE_INFINITY], { a: Number.NEGATIVE_INFINITY }];
    for (const value of values) expect(() => canonicalJson(value)).toThrow("has no JSON form");
  });
});
