import type { LedgerLease } from "../../networks/driver.ts";

const HOUR = 3600n;

/** Least deposit that pays for so many seconds (the contract's own rounding, contracts/src/Billing.sol). */
export function depositFor(pricePerHour: bigint, seconds: bigint): bigint {
  return (pricePerHour * seconds + HOUR - 1n) / HOUR;
}

/** Whole seconds that an amount pays for. */
export function secondsFor(pricePerHour: bigint, amount: bigint): number {
  return Number((amount * HOUR) / pricePerHour);
}

/** What the provider has earned so far, withdrawn or not. */
export function earnedOf({ pricePerHour, billedSeconds }: LedgerLease): bigint {
  return (pricePerHour * BigInt(billedSeconds)) / HOUR;
}

/** Seconds of service that are paid for and not yet used. */
export function runwayOf({ fundedSeconds, billedSeconds, state }: LedgerLease): number {
  return state === "Active" ? Math.max(0, fundedSeconds - billedSeconds) : 0;
}
