const SUFFIXES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  n: [1n, 10n ** 9n],
  u: [1n, 10n ** 6n],
  m: [1n, 10n ** 3n],
  "": [1n, 1n],
  k: [10n ** 3n, 1n],
  M: [10n ** 6n, 1n],
  G: [10n ** 9n, 1n],
  T: [10n ** 12n, 1n],
  P: [10n ** 15n, 1n],
  E: [10n ** 18n, 1n],
  Ki: [2n ** 10n, 1n],
  Mi: [2n ** 20n, 1n],
  Gi: [2n ** 30n, 1n],
  Ti: [2n ** 40n, 1n],
  Pi: [2n ** 50n, 1n],
  Ei: [2n ** 60n, 1n],
};

const QUANTITY = /^([0-9]+)(?:\.([0-9]*))?([numkMGTPE]|[KMGTPE]i|)$/;

/** A quantity as an exact fraction; undefined for other text (exponents included, which nobody writes by hand). */
function fraction(text: string): readonly [bigint, bigint] | undefined {
  const match = QUANTITY.exec(text);
  const scale = SUFFIXES[match?.[3] ?? ""];
  if (match === null || scale === undefined) return undefined;
  const decimals = match[2] ?? "";
  return [BigInt(`${match[1]}${decimals}`) * scale[0], 10n ** BigInt(decimals.length) * scale[1]];
}

/** Whether two quantities mean the same amount: the server stores `1000m` as `1` and `0.5` as `500m`. */
export function sameQuantity(a: string, b: string): boolean {
  if (a === b) return true;
  const [left, right] = [fraction(a), fraction(b)];
  return left !== undefined && right !== undefined && left[0] * right[1] === right[0] * left[1];
}
