import { UsageFailure } from "../../failure.ts";
import type { Flags } from "../../flags.ts";
import { parseAmount } from "../../input/amount.ts";
import { parseHours } from "../../input/values.ts";
import { depositFor } from "../../market/billing.ts";
import type { Token } from "../../market/token.ts";

/**
 * The amount that a person gave either as `--hours` or in the token (`amountFlag`), in smallest units.
 * @throws UsageFailure when both or neither are given, or it is nothing
 */
export function readPayment(
  flags: Flags,
  amountFlag: "deposit" | "amount",
  pricePerHour: bigint,
  token: Token,
): bigint {
  const [hours, amount] = [flags.text("hours"), flags.text(amountFlag)];
  if ((hours === undefined) === (amount === undefined)) {
    throw new UsageFailure(
      `give either --hours or --${amountFlag}`,
      `--hours 2 pays for two hours; --${amountFlag} 12.5 pays 12.5 ${token.symbol}`,
    );
  }
  const units =
    hours === undefined
      ? parseAmount(amount ?? "", token, `--${amountFlag}`)
      : depositFor(pricePerHour, parseHours(hours));
  if (units === 0n) throw new UsageFailure(`--${amountFlag} is nothing`, "give more");
  return units;
}
