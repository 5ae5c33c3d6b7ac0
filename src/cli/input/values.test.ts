import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageFailure } from "../failure.ts";
import { parseAddress, parseHours, parseLeaseId, parseOfferId, parseUnits, parseUrl } from "./values.ts";

const checksummed = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

describe("parseAddress", () => {
  test("takes the checksummed and the lower-case spelling", () => {
    expect(parseAddress(checksummed, "--market")).toBe(checksummed);
    expect(parseAddress(checksummed.toLowerCase(), "--market")).toBe(checksummed);
  });

  test.each(["", "0x12", checksummed.replace("F", "f"), `${checksummed}00`, "market.eth"])("refuses %j", (text) => {
    expect(() => parseAddress(text, "--market")).toThrow(`--market: "${text}" is not an address`);
  });
});

describe("ids and units", () => {
  test.each([
    [parseLeaseId, String(2n ** 48n - 1n)],
    [parseOfferId, String(2n ** 32n - 1n)],
  ])("take the contract's largest", (parse, largest) => {
    expect(parse(largest)).toBe(largest);
    expect(() => parse(String(BigInt(largest) + 1n))).toThrow(UsageFailure);
  });

  test.each(["0", "01", "-1", "1.0", "one", "", "99999999999999999999999"])("refuse %j", (text) => {
    expect(() => parseLeaseId(text)).toThrow(`LEASE: "${text}" is not a whole number from 1 to 281474976710655`);
    expect(() => parseUnits(text)).toThrow(UsageFailure);
  });

  test("units end at 65535", () => {
    expect(parseUnits("65535")).toBe(65_535);
    expect(() => parseUnits("65536")).toThrow("--units");
  });
});

describe("parseHours", () => {
  test.each([
    ["2", 7200n],
    ["0.5", 1800n],
    ["1.25", 4500n],
    ["0.0001", 1n],
    ["0.1", 360n],
  ])("%s hours are %s seconds", (text, seconds) => {
    expect(parseHours(text)).toBe(seconds);
  });

  test.each(["0", "0.0", "-1", "", "2h", "1e3", ".5"])("refuses %j", (text) => {
    expect(() => parseHours(text)).toThrow(UsageFailure);
  });

  test("never pays for less than was asked, and for less than a second more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 1, max: 999_999_999 }), (whole, billionths) => {
        const seconds = parseHours(`${whole}.${String(billionths).padStart(9, "0")}`);
        const asked = (BigInt(whole) * 1_000_000_000n + BigInt(billionths)) * 3600n;
        expect(seconds * 1_000_000_000n >= asked).toBe(true);
        expect((seconds - 1n) * 1_000_000_000n < asked).toBe(true);
      }),
    );
  });
});

describe("parseUrl", () => {
  test.each(["http://127.0.0.1:8545", "https://rpc.example/v2/key"])("takes %s", (text) => {
    expect(parseUrl(text, "--rpc").href).toContain(text);
  });

  test.each(["127.0.0.1:8545", "ftp://rpc.example", "file:///etc/passwd", ""])(
    "refuses %j without repeating it",
    (text) => {
      expect(() => parseUrl(text, "--rpc")).toThrow(/^--rpc is not an http or https address$/);
    },
  );
});
