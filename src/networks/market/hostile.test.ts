import { AbiCoder, id, solidityPacked } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeResult, marketAbi } from "./abi.ts";
import { decodeIds, decodeLeases, decodeOffers, decodeProvider } from "./codec.ts";
import { explainRevert } from "./explain.ts";
import { MarketAt } from "./reader.ts";

const bytes = (constraints: fc.IntArrayConstraints = {}): fc.Arbitrary<string> =>
  fc.uint8Array(constraints).map((some) => `0x${Buffer.from(some).toString("hex")}`);
const extreme = (width: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom("00", "01", "7f", "80", "ff"), { minLength: width, maxLength: width })
    .map((all) => all.join(""));

/** Either a value, or an error that a person can act on. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    expect(error.constructor).toBe(Error); // neither a slip of ours (TypeError, RangeError) nor a library's
    expect(error.message).toMatch(
      /^the market .*: (is the address a market of this version\?|check the network's RPC endpoints)$/,
    );
    expect(error.message.length).toBeLessThan(300);
    return undefined;
  }
}

describe("packed records of any bytes", () => {
  it("are read or refused in words", () => {
    fc.assert(
      fc.property(fc.oneof(bytes({ maxLength: 500 }), bytes({ minLength: 158, maxLength: 158 })), (data) => {
        for (const decode of [decodeProvider, decodeOffers, decodeLeases, decodeIds]) readable(() => decode(data));
      }),
      { numRuns: 300 },
    );
  });

  it("cut off anywhere are refused, never read as fewer records", () => {
    const whole = `0x${"01".repeat(158 * 2)}`;
    fc.assert(
      fc.property(fc.integer({ min: 3, max: whole.length - 1 }), (end) => {
        fc.pre((end - 2) % (158 * 2) !== 0);
        expect(() => decodeLeases(whole.slice(0, end))).toThrow("no whole records of 158");
      }),
    );
  });

  it("that are no hex are refused", () => {
    for (const data of ["0xzz", "0x0", `0x${"0g".repeat(158)}`, "nonsense"])
      expect(() => decodeLeases(data)).toThrow("no whole records");
  });

  it("give leases that objects can be made of, at every extreme", () => {
    let read = 0;
    const put = (record: string, at: number, byte: string): string =>
      record.slice(0, 2 * at) + byte + record.slice(2 * at + 2);
    fc.assert(
      fc.property(extreme(158), fc.constantFrom("01", "02"), (bytes, state) => {
        const record = put(put(put(bytes, 16, state), 19, "00"), 37, "00"); // state, and times that can be
        for (const { lease, providerId } of readable(() => decodeLeases(`0x${record}`)) ?? []) {
          read += 1;
          expect(lease.id).toMatch(/^[1-9][0-9]{0,14}$/);
          expect(lease.offerId).toMatch(/^(0|[1-9][0-9]{0,9})$/);
          expect(providerId).toMatch(/^(0|[1-9][0-9]{0,9})$/);
          expect(lease.tenant).toMatch(/^0x[0-9a-fA-F]{40}$/);
          expect(lease.manifestHash).toMatch(/^0x[0-9a-f]{64}$/);
          expect(lease.units).toBeGreaterThan(0);
          expect(new Date(lease.lastHeartbeatSeconds * 1000).toISOString()).toMatch(/^\d{4}-/);
          for (const n of [lease.fundedSeconds, lease.billedSeconds]) expect(Number.isSafeInteger(n)).toBe(true);
          for (const amount of [lease.pricePerHour, lease.deposit, lease.withdrawn])
            expect(String(amount)).toMatch(/^\d{1,39}$/);
        }
      }),
      { numRuns: 500 },
    );
    expect(read).toBeGreaterThan(50);
  });

  it("without units, without an id, or beyond the year 9999 make no lease", () => {
    const types = [
      ...["uint48", "uint32", "uint32", "uint16", "uint8", "uint16", "uint40", "uint40", "uint40", "uint24", "uint40"],
      ...["uint96", "uint128", "uint128", "address", "address", "bytes32"],
    ];
    const zero = `0x${"00".repeat(20)}`;
    const record = (leaseId: number, units: number, heartbeat: number, notice: number): string =>
      solidityPacked(types, [leaseId, 1, 1, units, 1, 0, heartbeat, 0, 0, 0, notice, 1, 1, 0, zero, zero, id("x")]);
    expect(decodeLeases(record(1, 1, 253_402_300_799, 0))).toHaveLength(1);
    expect(decodeLeases(record(0, 1, 1, 0))).toEqual([]);
    for (const bad of [record(1, 0, 1, 0), record(1, 1, 253_402_300_800, 0), record(1, 1, 1, 2 ** 40 - 1)])
      expect(() => decodeLeases(bad)).toThrow("the market answered lease 1 with no units or a time beyond");
  });
});

describe("answers of any bytes to a view", () => {
  const views = ["providerOf", "generation", "providerPacked", "offersPacked", "activeIds", "leasesPacked"];

  it("are decoded or refused in words, without being repeated", () => {
    fc.assert(
      fc.property(fc.constantFrom(...views), bytes({ maxLength: 200 }), (view, data) => {
        readable(() => decodeResult(view, data));
      }),
      { numRuns: 200 },
    );
    for (const data of ["", "0x", "0x1", "nonsense", `0x${"ab".repeat(100_000)}`])
      expect(() => decodeResult("offersPacked", data)).toThrow(
        /^the market answered offersPacked with .{0,100}: is the address/,
      );
  });

  it("with a length that no answer has are refused at once", () => {
    for (const length of [2n ** 255n, 2n ** 64n, 2n ** 53n, 2n ** 32n, 64n]) {
      const data = AbiCoder.defaultAbiCoder().encode(["uint256", "uint256"], [32n, length]);
      expect(() => decodeResult("offersPacked", data)).toThrow("the market answered offersPacked");
    }
  });
});

describe("an endpoint that lists for ever", () => {
  /** Ids from `cursor` on, a whole page each time. */
  const endless = (from: (cursor: number) => number): MarketAt =>
    new MarketAt((_name, [, cursor, size]) => {
      const start = from(Number(cursor));
      const ids = Array.from({ length: Number(size) }, (_, i) => (start + i).toString(16).padStart(12, "0"));
      return Promise.resolve(`0x${ids.join("")}`);
    });

  it("because it ignores the cursor is left after its second page", async () => {
    await expect(endless(() => 1).activeIds("1")).rejects.toThrow("lists the same record twice");
  });

  it("with ever new records is left too", async () => {
    await expect(endless((cursor) => cursor + 1).activeIds("1")).rejects.toThrow("more than 1000000");
  });
});

describe("revert data of any bytes", () => {
  const error = (text: string): string =>
    id("Error(string)").slice(0, 10) + AbiCoder.defaultAbiCoder().encode(["string"], [text]).slice(2);

  it("is explained in one short printable line", () => {
    const known = marketAbi.fragments.flatMap((fragment) =>
      fragment.type === "error" ? [marketAbi.getError(fragment.format())] : [],
    );
    const selector = fc.constantFrom(...known.map((one) => one?.selector ?? "0x"), "0x08c379a0", "0x4e487b71");
    const data = fc.oneof(
      bytes({ maxLength: 300 }),
      fc.tuple(selector, bytes({ maxLength: 200 })).map(([head, tail]) => head + tail.slice(2)),
      fc.string({ unit: "binary", maxLength: 400 }).map((text) => error(text)),
    );
    fc.assert(
      fc.property(data, (some) => {
        const text = explainRevert(some);
        expect(text.length).toBeLessThanOrEqual(301);
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 300 },
    );
  });

  it("of a token that reverts with a book is cut", () => {
    expect(explainRevert(error("x".repeat(100_000)))).toMatch(/^Error\(x{294}…$/);
    expect(explainRevert(error("a\u001b[2J\u202eb"))).toBe("Error(a\ufffd[2J\ufffdb)");
  });
});
