import { expect, test } from "vitest";
import { isWithinBudget, spendingOn } from "./spending.ts";

const noon = Date.UTC(2030, 0, 31, 12);

test("spending counts within one day of UTC", () => {
  const spent = { day: "2030-01-31", wei: 5n };
  expect(spendingOn(spent, noon)).toBe(spent);
  expect(spendingOn(spent, noon + 12 * 3_600_000)).toEqual({ day: "2030-02-01", wei: 0n });
  expect(spendingOn(undefined, noon)).toEqual({ day: "2030-01-31", wei: 0n });
});

test("the budget holds to the wei, and none is no limit", () => {
  const spent = { day: "2030-01-31", wei: 5n };
  expect(isWithinBudget(spent, 5n, 10n)).toBe(true);
  expect(isWithinBudget(spent, 6n, 10n)).toBe(false);
  expect(isWithinBudget(spent, 10n ** 30n, undefined)).toBe(true);
});
