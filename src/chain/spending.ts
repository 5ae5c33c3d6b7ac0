import type { JournalRecord } from "./journal.ts";

type Spending = JournalRecord["spending"];

/** Gas paid on the day (UTC) of `nowMilliseconds`. */
export function spendingOn(spending: Spending | undefined, nowMilliseconds: number): Spending {
  const day = new Date(nowMilliseconds).toISOString().slice(0, 10);
  return spending?.day === day ? spending : { day, wei: 0n };
}

/** Whether the worst case of a transaction stays within what may still be spent today. */
export function isWithinBudget(spending: Spending, costWei: bigint, maxSpendPerDayWei: bigint | undefined): boolean {
  return maxSpendPerDayWei === undefined || spending.wei + costWei <= maxSpendPerDayWei;
}
