import type { FeeHistory } from "./client.ts";

/** What a transaction offers, per gas (EIP-1559). */
export interface Fees {
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
}

export interface FeePolicy {
  /** Never offer more per gas. */
  readonly maxFeePerGasWei?: bigint | undefined;
  /** Never risk more between two midnights (UTC). */
  readonly maxSpendPerDayWei?: bigint | undefined;
  /** Least tip. Default 1: some nodes refuse none. */
  readonly minTipWei?: bigint | undefined;
}

/** What the market asks: the median of recent median tips, and room for the base fee to double. */
export function marketFees(history: FeeHistory, policy: FeePolicy): Fees {
  const tip = max(median(history.medianTipsWei), policy.minTipWei ?? 1n);
  return { maxFeePerGasWei: 2n * history.nextBaseFeePerGasWei + tip, maxPriorityFeePerGasWei: tip };
}

/** Fees under the policy's ceiling; undefined when the chain asks more for the next block than that. */
export function cappedFees(fees: Fees, history: FeeHistory, policy: FeePolicy): Fees | undefined {
  const ceiling = policy.maxFeePerGasWei;
  if (ceiling === undefined || fees.maxFeePerGasWei <= ceiling) return fees;
  if (ceiling < history.nextBaseFeePerGasWei + fees.maxPriorityFeePerGasWei) return undefined;
  return { ...fees, maxFeePerGasWei: ceiling };
}

/** Times the market's price at which a higher one is no longer what a transaction waits for (op-txmgr's fee limit). */
const MOST_TIMES_MARKET = 5n;

/**
 * Whether fees are so far above the market's that the chain, not the price, keeps a transaction from being mined. Without this
 * a chain that stands still for an hour would be outbid a hundred times, and the last bid be paid when it goes on.
 */
export function offersEnough(fees: Fees, market: Fees): boolean {
  return fees.maxFeePerGasWei >= MOST_TIMES_MARKET * market.maxFeePerGasWei;
}

/** Fees that were offered. */
export interface Offer extends Fees {
  /** Every node said that it is too little: one holds a version of this nonce that offers more, or asks a tip of its own. */
  readonly isRefused: boolean;
}

/** Where nobody tips, an eighth more than a wei would take 200 versions to reach what some node asks for. */
const REFUSED_TIP_TIMES = 8n;

/**
 * Fees that every node takes as a replacement: both fields at least 12.5 % above (geth asks 10 %, others 12.5 %), or the
 * market's where that is higher; after a refusal the tip rises steeply, within the fee. Undefined when the ceiling leaves no
 * room for that.
 */
export function bumpedFees(previous: Offer, market: Fees, policy: FeePolicy): Fees | undefined {
  const maxFee = bump(previous.maxFeePerGasWei);
  const least = max(bump(previous.maxPriorityFeePerGasWei), market.maxPriorityFeePerGasWei);
  const steep = min(REFUSED_TIP_TIMES * previous.maxPriorityFeePerGasWei, max(maxFee, market.maxFeePerGasWei));
  const tip = previous.isRefused ? max(least, steep) : least;
  const wanted = max(max(maxFee, market.maxFeePerGasWei), tip);
  const ceiling = policy.maxFeePerGasWei ?? wanted;
  if (max(maxFee, bump(previous.maxPriorityFeePerGasWei)) > ceiling) return undefined;
  const maxFeePerGasWei = min(wanted, ceiling);
  return { maxFeePerGasWei, maxPriorityFeePerGasWei: min(tip, maxFeePerGasWei) };
}

/** ceil(× 1.125) + 1. */
function bump(wei: bigint): bigint {
  return (wei * 9n + 7n) / 8n + 1n;
}

function median(values: readonly bigint[]): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : Number(a > b)));
  return sorted[Math.floor(sorted.length / 2)] ?? 0n;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
