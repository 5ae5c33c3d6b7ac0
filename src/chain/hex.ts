/** The answer is not what the method promises; the endpoint counts as failing. */
export class BadAnswer extends Error {
  override readonly name = "BadAnswer";
}

/** A JSON-RPC quantity (`0x0`, `0x1f`). */
export function parseQuantity(value: unknown): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-f]+$/i.test(value)) throw new BadAnswer("expected a hex quantity");
  return BigInt(value);
}

/** A JSON-RPC quantity that must be a safe integer. */
export function parseNumber(value: unknown): number {
  const number = Number(parseQuantity(value));
  if (!Number.isSafeInteger(number)) throw new BadAnswer("expected a quantity below 2^53");
  return number;
}

/** Bytes as lower-case 0x hex. */
export function parseData(value: unknown): string {
  if (typeof value !== "string" || !/^0x([0-9a-f]{2})*$/i.test(value)) throw new BadAnswer("expected hex data");
  return value.toLowerCase();
}

/** A 32-byte hash as lower-case 0x hex. */
export function parseHash(value: unknown): string {
  const data = parseData(value);
  if (data.length !== 66) throw new BadAnswer("expected a 32-byte hash");
  return data;
}

/** A JSON object. */
export function parseRecord(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new BadAnswer("expected an object");
  return value;
}

export function parseList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new BadAnswer("expected a list");
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A number as a JSON-RPC quantity. */
export function quantity(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}
