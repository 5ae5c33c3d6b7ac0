import { getAddress, solidityPacked } from "ethers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeIds, decodeLeases, decodeOffers, decodeProvider, encodeHeartbeats } from "./codec.ts";

const uint = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => `0x${Buffer.from(b).toString("hex")}`);
const address = hex(20).map(getAddress);
const id = (bits: number) => uint(bits).map((n) => n + (n === 0n ? 1n : 0n));

const joined = (records: readonly string[]): string => `0x${records.map((r) => r.slice(2)).join("")}`;

describe("packed records decode to what the ABI encoder packed", () => {
  test("provider", () => {
    const fields = fc.tuple(id(32), address, address, address, hex(32), uint(32), uint(48), uint(32));
    const types = ["uint32", "address", "address", "address", "bytes32", "uint32", "uint48", "uint32"];
    fc.assert(
      fc.property(fields, (values) => {
        const [providerId, owner, operator, payout, manifestKey] = values;
        expect(decodeProvider(solidityPacked(types, values))).toEqual({
          id: String(providerId),
          owner,
          operator,
          payout,
          manifestKey,
        });
      }),
    );
    expect(decodeProvider(`0x${"00".repeat(110)}`)).toBeUndefined();
  });

  test("offers", () => {
    const types = [
      "uint32",
      "uint32",
      "uint32",
      "uint32",
      "uint24",
      "uint24",
      "uint24",
      "uint88",
      "address",
      "bool",
      "bytes32",
    ];
    const fields = fc.tuple(
      ...[id(32), uint(32), uint(32), uint(32), uint(24), uint(24), uint(24), uint(88)],
      address,
      fc.boolean(),
      hex(32),
    );
    fc.assert(
      fc.property(fc.array(fields, { maxLength: 5 }), (offers) => {
        const decoded = decodeOffers(joined(offers.map((values) => solidityPacked(types, values))));
        expect(decoded).toEqual(
          offers.map(
            ([offerId, providerId, capacity, leased, window, minimum, notice, price, token, isOpen, specHash]) => ({
              id: String(offerId),
              providerId: String(providerId),
              terms: {
                token,
                pricePerUnitHour: price,
                heartbeatWindowSeconds: Number(window),
                minSeconds: Number(minimum),
                noticeSeconds: Number(notice),
                specHash,
              },
              capacityUnits: Number(capacity),
              leasedUnits: Number(leased),
              isOpen,
            }),
          ),
        );
      }),
    );
  });

  test("leases, and unknown ids are left out", () => {
    const types = [
      ...["uint48", "uint32", "uint32", "uint16", "uint8", "uint16", "uint40", "uint40", "uint40", "uint24", "uint40"],
      ...["uint96", "uint128", "uint128", "address", "address", "bytes32"],
    ];
    const state = fc.constantFrom(1n, 2n);
    const reason = fc.constantFrom(1n, 10_001n, 10_005n, 20_001n, 4711n);
    const time = fc.bigInt({ min: 0n, max: 253_402_300_799n });
    const fields = fc.tuple(
      ...[id(48), uint(32), uint(32), id(16), state, reason, time, uint(40), uint(40), uint(24), time],
      ...[uint(96), uint(128), uint(128)],
      ...[address, address, hex(32)],
    );
    const reasons: Record<string, string> = {
      "1": "TenantClosed",
      "10001": "Unplaceable",
      "10005": "ManifestTimeout",
      "20001": "Abandoned",
      "4711": "Unspecified",
    };
    fc.assert(
      fc.property(fields, (values) => {
        const packed = solidityPacked(types, values);
        const [entry, ...others] = decodeLeases(joined([`0x${"00".repeat(158)}`, packed]));
        expect(others).toEqual([]);
        const isClosed = values[4] === 2n;
        expect(entry).toEqual({
          providerId: String(values[1]),
          pendingTenant: values[15],
          lease: {
            id: String(values[0]),
            offerId: String(values[2]),
            tenant: values[14],
            units: Number(values[3]),
            state: isClosed ? "Closed" : "Active",
            pricePerHour: values[11],
            deposit: values[12],
            withdrawn: values[13],
            fundedSeconds: Number(values[8]),
            billedSeconds: Number(values[7]),
            lastHeartbeatSeconds: Number(values[6]),
            heartbeatWindowSeconds: Number(values[9]),
            manifestHash: values[16],
            noticeEndsAtSeconds: values[10] === 0n ? undefined : Number(values[10]),
            closeReason: isClosed ? reasons[String(values[5])] : undefined,
          },
        });
      }),
    );
  });

  test("ids", () => {
    fc.assert(
      fc.property(fc.array(uint(48)), (ids) => {
        const packed = joined(ids.map((value) => solidityPacked(["uint48"], [value])));
        expect(decodeIds(packed)).toEqual(ids.map(String));
      }),
    );
  });
});

test("an answer that is no whole number of records is refused", () => {
  expect(() => decodeLeases(`0x${"00".repeat(157)}`)).toThrow(/no whole records of 158/);
  expect(() => decodeOffers("0xabc")).toThrow(/is the address a market of this version/);
  expect([decodeLeases("0x"), decodeProvider("0x")]).toEqual([[], undefined]);
});

test("heartbeats are packed as the contract reads them, within what 24 bits hold", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(id(48), uint(24))), (beats) => {
      const packed = encodeHeartbeats(
        beats.map(([leaseId, s]) => ({ leaseId: String(leaseId), servedSeconds: Number(s) })),
      );
      expect(packed).toBe(joined(beats.map((beat) => solidityPacked(["uint48", "uint24"], beat))));
    }),
  );
  const odd = [-5, 1.9, 2 ** 30].map((servedSeconds) => ({ leaseId: "1", servedSeconds }));
  expect(encodeHeartbeats(odd)).toBe("0x000000000001000000000000000001000001000000000001ffffff");
});
