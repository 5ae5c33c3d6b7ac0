import { UsageFailure } from "../failure.ts";

/**
 * An amount in a token's decimals, exactly, as its smallest units: "12.5" with 6 decimals is 12500000n.
 * @throws UsageFailure when it is no plain decimal number or finer than the token
 */
export function parseAmount(text: string, token: { decimals: number; symbol: string }, flag: string): bigint {
  const [, whole, fraction = ""] = /^(\d{1,60})(?:\.(\d{1,60}))?$/.exec(text.trim()) ?? [];
  if (whole === undefined) {
    throw new UsageFailure(`${flag}: "${text}" is not an amount`, `write it in ${token.symbol}, like 12.5`);
  }
  const digits = fraction.replace(/0+$/, "");
  if (digits.length > token.decimals) {
    throw new UsageFailure(
      `${flag}: ${text} has ${digits.length} decimals but ${token.symbol} has ${token.decimals}`,
      `round it to ${token.decimals} decimals`,
    );
  }
  return BigInt(whole + digits.padEnd(token.decimals, "0"));
}

/** The reverse of `parseAmount`, without trailing zeros: 12500000n with 6 decimals is "12.5". */
export function formatAmount(units: bigint, decimals: number): string {
  if (units < 0n) return `-${formatAmount(-units, decimals)}`;
  const digits = String(units).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
