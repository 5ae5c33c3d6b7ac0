import { formatEther } from "ethers";
import type { FeeHistory } from "../../../chain/client.ts";
import { marketFees } from "../../../chain/fees.ts";
import { type Finding, fail, ok, warn } from "../finding.ts";

/** What a heartbeat transaction costs, and each lease in it (contracts/snapshots: 39,625 for one, 682,080 for a hundred). */
const GAS_A_HEARTBEAT = 33_000n;
const GAS_A_LEASE = 6_500n;
/** A heartbeat is due after a third of the offer's window. */
const HEARTBEATS_A_WINDOW = 3n;
const DAY_SECONDS = 86_400n;
/** Time for somebody to come back from a long week-end. */
const FEW_DAYS = 7n;

export interface Load {
  /** Leases that are kept alive; an empty cluster is reckoned with one. */
  readonly leases: number;
  /** The shortest window of the offers. */
  readonly windowSeconds: number;
}

/** Gas that heartbeats burn a day, at today's fees, in wei. */
export function spendingPerDayWei({ leases, windowSeconds }: Load, fees: FeeHistory): bigint {
  const heartbeats = (DAY_SECONDS * HEARTBEATS_A_WINDOW) / BigInt(Math.max(1, windowSeconds));
  const gas = GAS_A_HEARTBEAT + GAS_A_LEASE * BigInt(Math.max(1, leases));
  const { maxPriorityFeePerGasWei } = marketFees(fees, {});
  return heartbeats * gas * (fees.nextBaseFeePerGasWei + maxPriorityFeePerGasWei);
}

/** How long a balance lasts, at today's fees and with today's leases. Pure. */
export function balanceFinding(operator: string, wei: bigint, load: Load, fees: FeeHistory, minWei: bigint): Finding {
  const check = "Operator balance";
  const fix = `send ${operator} some of the native coin`;
  if (wei === 0n) return fail(check, `${operator} has nothing to pay for gas`, fix);
  const days = wei / max(1n, spendingPerDayWei(load, fees));
  const detail = `${formatEther(wei)} of the native coin, ${lasting(days)} at today's fees`;
  if (days < FEW_DAYS) return warn(check, detail, fix);
  if (wei < minWei) return warn(check, `${detail}; below spec.budget.minBalanceWei`, fix);
  return ok(check, detail);
}

function lasting(days: bigint): string {
  if (days < 1n) return "less than a day";
  return days > 3650n ? "more than ten years" : `about ${days} ${days === 1n ? "day" : "days"}`;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
