/** A Kubernetes quantity as JSON carries it: `"1500m"`, `"64Gi"`, `2`. */
export type Quantity = string | number;

const nanosPerOne = 10n ** 9n;
const nanosPerMilli = 10n ** 6n;
/** Kubernetes does not count beyond 2^63-1 whole units. */
const maxNanos = (2n ** 63n - 1n) * nanosPerOne;
/** Longer ones are nobody's capacity, and cost time to parse. */
const maxLength = 256;

const syntax = /^([+-]?)(\d*)(?:\.(\d*))?(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?\d{1,9}))?$/;
const decimalExponent: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binaryExponent: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

/**
 * A quantity in nano-units, exactly; what is finer is rounded away from zero, and what is larger than 2^63-1 is capped
 * (apimachinery's `resource.ParseQuantity`).
 * @throws when the text is not a quantity
 */
export function parseQuantity(quantity: Quantity): bigint {
  const text = String(quantity);
  const match = text.length <= maxLength ? syntax.exec(text) : null;
  const [, sign = "", whole = "", fraction = "", suffix = "", exponent = "0"] = match ?? [];
  if (match === null || whole + fraction === "")
    throw new Error(`${describe(text)} is not a quantity; write one like 2, 500m or 64Gi`);
  const digits = BigInt(whole + fraction);
  const power = 9 - fraction.length + (decimalExponent[suffix] ?? 0) + Number(exponent);
  const nanos = scale(digits << (binaryExponent[suffix] ?? 0n), power);
  const capped = nanos < maxNanos ? nanos : maxNanos;
  return sign === "-" ? -capped : capped;
}

/** CPU in thousandths of a core, rounded up as the scheduler does (`Quantity.MilliValue`). */
export function parseCpuMillis(quantity: Quantity): bigint {
  return divideUp(parseQuantity(quantity), nanosPerMilli);
}

/** Bytes, or any count of whole things, rounded up as the scheduler does (`Quantity.Value`). */
export function parseBytes(quantity: Quantity): bigint {
  return divideUp(parseQuantity(quantity), nanosPerOne);
}

/** The canonical text of thousandths of a core: `"8"`, `"1500m"`. */
export function formatCpuMillis(millis: bigint): string {
  return millis % 1000n === 0n ? String(millis / 1000n) : `${millis}m`;
}

/** The canonical text of bytes, with the largest binary suffix that loses nothing: `"64Gi"`, `"1000"`. */
export function formatBytes(bytes: bigint): string {
  if (bytes === 0n) return "0";
  const suffixes = Object.entries(binaryExponent).reverse();
  const [suffix, exponent] = suffixes.find(([, bits]) => bytes % (1n << bits) === 0n) ?? ["", 0n];
  return `${bytes / (1n << exponent)}${suffix}`;
}

/** `value` × 10^`power`, rounded up, for values of at most `maxLength` digits and a binary suffix. */
function scale(value: bigint, power: number): bigint {
  if (value === 0n) return 0n;
  // Beyond these the answer no longer changes: it is the cap, or the smallest step.
  const bounded = Math.max(-2 * maxLength, Math.min(power, 64));
  return bounded >= 0 ? value * 10n ** BigInt(bounded) : divideUp(value, 10n ** BigInt(-bounded));
}

/** Rounds away from zero. */
function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  if (value % by === 0n) return quotient;
  return value > 0n ? quotient + 1n : quotient - 1n;
}

function describe(text: string): string {
  return JSON.stringify(text.length <= maxLength ? text : `${text.slice(0, maxLength)}…`);
}
