import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LedgerLease } from "../../networks/driver.ts";
import { depositFor, earnedOf, runwayOf, secondsFor } from "./billing.ts";

const price = fc.bigInt({ min: 1n, max: 2n ** 88n - 1n });
const seconds = fc.integer({ min: 1, max: 2 ** 31 });

describe("depositFor", () => {
  test("is the least that pays for the time", () => {
    fc.assert(
      fc.property(price, seconds, (pricePerHour, time) => {
        const deposit = depositFor(pricePerHour, BigInt(time));
        expect(secondsFor(pricePerHour, deposit)).toBeGreaterThanOrEqual(time);
        expect(secondsFor(pricePerHour, deposit - 1n)).toBeLessThan(time);
      }),
    );
  });

  test.each([
    [2_500_000n, 3600n, 2_500_000n],
    [2_500_000n, 600n, 416_667n],
    [1n, 1n, 1n],
  ])("%s an hour for %s s is %s", (pricePerHour, time, deposit) => {
    expect(depositFor(pricePerHour, time)).toBe(deposit);
  });
});

describe("a lease", () => {
  const lease: LedgerLease = {
    id: "1",
    offerId: "1",
    tenant: "0x0",
    units: 1,
    state: "Active",
    token: "0x0",
    pricePerHour: 5_000_000n,
    deposit: 10_000_000n,
    withdrawn: 0n,
    fundedSeconds: 7200,
    billedSeconds: 1001,
    lastHeartbeatSeconds: 0,
    heartbeatWindowSeconds: 7200,
    manifestHash: "0x0",
    noticeEndsAtSeconds: undefined,
    closeReason: undefined,
  };

  test("has earned what is billed, rounded down", () => {
    expect(earnedOf(lease)).toBe(1_390_277n);
  });

  test("has the runway that is not billed, and none once closed or used up", () => {
    expect(runwayOf(lease)).toBe(6199);
    expect(runwayOf({ ...lease, billedSeconds: 7200 })).toBe(0);
    expect(runwayOf({ ...lease, state: "Closed" })).toBe(0);
  });
});
