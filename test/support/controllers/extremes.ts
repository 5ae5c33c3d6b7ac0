import fc from "fast-check";
import type { LedgerLease } from "../../../src/networks/driver.ts";
import { ledgerLease, someHash } from "./ledger.ts";

/** Both ends of what a field of the contract holds, their neighbours, and all between. */
const seconds = (bits: number): fc.Arbitrary<number> => {
  const max = 2 ** bits - 1;
  return fc.oneof(fc.constantFrom(0, 1, max - 1, max), fc.integer({ min: 0, max }));
};
const amount = (bits: bigint): fc.Arbitrary<bigint> => {
  const max = 2n ** bits - 1n;
  return fc.oneof(fc.constantFrom(0n, 1n, max - 1n, max), fc.bigInt({ min: 0n, max }));
};
const lastSecond = 253_402_300_799; // of the year 9999: the codec refuses later ones
const time = fc.oneof(fc.constantFrom(0, 1, lastSecond), fc.integer({ min: 0, max: lastSecond }));
const account = fc.constantFrom("00", "ff", "Ab").map((byte) => `0x${byte.repeat(20)}`);

/** Active leases as an endpoint may tell them: each field anything that its bytes can say, the sums not adding up. */
export const extremeLease: fc.Arbitrary<LedgerLease> = fc
  .record({
    id: fc.oneof(fc.constantFrom(1, 2 ** 48 - 1), fc.integer({ min: 1, max: 2 ** 48 - 1 })).map(String),
    offerId: fc.constantFrom("1", String(2 ** 32 - 1)),
    tenant: account,
    token: account,
    units: fc.constantFrom(1, 65_535),
    pricePerHour: amount(96n),
    deposit: amount(128n),
    withdrawn: amount(128n),
    fundedSeconds: seconds(40),
    billedSeconds: seconds(40),
    lastHeartbeatSeconds: time,
    heartbeatWindowSeconds: seconds(24),
    noticeEndsAtSeconds: fc.option(time, { nil: undefined }),
    manifestHash: fc.constantFrom(someHash, `0x${"00".repeat(32)}`, `0x${"ff".repeat(32)}`),
  })
  .map(ledgerLease);
