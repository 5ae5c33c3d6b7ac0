import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { balanceFinding, spendingPerDayWei } from "./balance.ts";

describe("the balance", () => {
  const fees = { nextBaseFeePerGasWei: 999_999_999n, medianTipsWei: [1n] };
  const load = { leases: 10, windowSeconds: 7200 };
  const perDay = spendingPerDayWei(load, fees);

  test("is reckoned by heartbeats: one a third of a window, each lease in it at a price", () => {
    expect(perDay).toBe(36n * (33_000n + 65_000n) * 1_000_000_000n);
  });

  test("of a cluster without leases is reckoned with one", () => {
    expect(spendingPerDayWei({ ...load, leases: 0 }, fees)).toBe(spendingPerDayWei({ ...load, leases: 1 }, fees));
  });

  test.each([
    ["nothing", 0n, 0n, "fail", "has nothing to pay for gas"],
    ["hours", perDay / 2n, 0n, "warn", "less than a day at today's fees"],
    ["some days", perDay * 3n, 0n, "warn", "about 3 days"],
    ["weeks", perDay * 30n, 0n, "ok", "about 30 days"],
    ["weeks, but below the admin's own limit", perDay * 30n, perDay * 31n, "warn", "below spec.budget.minBalanceWei"],
    ["years", perDay * 100_000n, 0n, "ok", "more than ten years"],
  ])("for %s", (_what, wei, minWei, result, words) => {
    const finding = balanceFinding("0x11", wei, load, fees, minWei);
    expect(finding).toMatchObject({ result, detail: expect.stringContaining(words) });
  });

  test("never lasts longer with more leases or shorter windows", () => {
    const count = fc.integer({ min: 0, max: 10_000 });
    const window = fc.integer({ min: 60, max: 86_400 });
    fc.assert(
      fc.property(count, count, window, window, (a, b, x, y) => {
        const small = { leases: Math.min(a, b), windowSeconds: Math.max(x, y) };
        const large = { leases: Math.max(a, b), windowSeconds: Math.min(x, y) };
        expect(spendingPerDayWei(small, fees) <= spendingPerDayWei(large, fees)).toBe(true);
      }),
    );
  });
});
