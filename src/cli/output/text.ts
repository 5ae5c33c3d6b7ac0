/**
 * Text from strangers (token symbols, condition messages) made safe to print: control characters could move the cursor or
 * hide text.
 */
export function printable(text: string, longest = 200): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]+/gu, " ").trim();
  return clean.length <= longest ? clean : `${clean.slice(0, longest - 1)}…`;
}
