import type { ChainClient } from "./client.ts";
import { bumpedFees, cappedFees, type FeePolicy, type Fees, marketFees, type Offer, offersEnough } from "./fees.ts";
import type { JournalRecord } from "./journal.ts";
import type { LaneTrouble } from "./lane-settings.ts";
import { isWithinBudget } from "./spending.ts";

/** Fees to sign with, or why nothing is signed. */
export type Price = { readonly fees: Fees } | { readonly trouble: LaneTrouble; readonly text: string };

export interface PriceContext {
  readonly client: ChainClient;
  readonly policy: FeePolicy;
  /** Paid today. */
  readonly spending: JournalRecord["spending"];
  readonly gasLimit: bigint;
}

/** What a new transaction offers. */
export async function startingPrice(context: PriceContext, signal: AbortSignal): Promise<Price> {
  const { client, policy } = context;
  const history = await client.feeHistory(signal);
  const fees = cappedFees(marketFees(history, policy), history, policy);
  if (fees !== undefined) return withinBudget(context, fees);
  const text = `the chain asks ${history.nextBaseFeePerGasWei} wei per gas, above the ceiling of ${policy.maxFeePerGasWei}`;
  return { trouble: "FeeCeiling", text };
}

/** What the next version of a transaction offers; `Enough` when the last one offers so much that price is not what it waits for. */
export async function bumpedPrice(
  context: PriceContext,
  previous: Offer,
  signal: AbortSignal,
): Promise<Price | "Enough"> {
  const { client, policy } = context;
  const market = marketFees(await client.feeHistory(signal), policy);
  if (offersEnough(previous, market)) return "Enough";
  const fees = bumpedFees(previous, market, policy);
  if (fees !== undefined) return withinBudget(context, fees);
  return {
    trouble: "FeeCeiling",
    text: `not mined, and no more is offered than ${policy.maxFeePerGasWei} wei per gas`,
  };
}

/** Judged by the worst case: all gas at the highest fee. */
function withinBudget({ spending, policy, gasLimit }: PriceContext, fees: Fees): Price {
  const costWei = gasLimit * fees.maxFeePerGasWei;
  if (isWithinBudget(spending, costWei, policy.maxSpendPerDayWei)) return { fees };
  return {
    trouble: "BudgetExhausted",
    text: `up to ${costWei} wei for gas would pass the daily budget of ${policy.maxSpendPerDayWei}; ${spending.wei} are spent`,
  };
}
