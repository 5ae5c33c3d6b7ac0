import type { Fees } from "./fees.ts";
import { isRecord } from "./hex.ts";

/** One signed version of a transaction. */
export interface Attempt extends Fees {
  readonly hash: string;
  readonly signedAtSeconds: number;
}

/** The transaction in flight. */
export interface JournalTransaction {
  readonly nonce: number;
  /** The intents that it serves. */
  readonly intentKeys: readonly string[];
  /** All versions, oldest first: any of them may be the one that is mined. */
  readonly attempts: readonly Attempt[];
  /** The newest version, signed. Bound to be public; holds no key material. */
  readonly raw: string;
}

export interface JournalRecord {
  /** Gas paid on one day (UTC, `2030-01-31`). */
  readonly spending: { readonly day: string; readonly wei: bigint };
  readonly transaction: JournalTransaction | undefined;
}

/**
 * Where the lane writes ahead: a transaction is saved before any node hears of it, so that a restart carries on. `save`
 * must fail when another process saved in between; the lane then sends nothing and loads again.
 */
export interface Journal {
  load(): Promise<JournalRecord | undefined>;
  save(record: JournalRecord): Promise<void>;
}

/** A record as JSON, whole numbers as decimal strings. */
export function serializeRecord(record: JournalRecord): string {
  return JSON.stringify(record, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}

/** @throws when the text is not what `serializeRecord` writes */
export function parseRecordText(text: string): JournalRecord {
  try {
    const record = fields(JSON.parse(text));
    const spending = fields(record["spending"]);
    return {
      spending: { day: string(spending["day"]), wei: BigInt(string(spending["wei"])) },
      transaction: record["transaction"] === undefined ? undefined : parseTransaction(fields(record["transaction"])),
    };
  } catch (error) {
    throw new Error(
      "the lane's journal cannot be read; if its transaction is mined or not wanted, delete the journal object",
      { cause: error },
    );
  }
}

function parseTransaction(transaction: Record<string, unknown>): JournalTransaction {
  return {
    nonce: number(transaction["nonce"]),
    intentKeys: list(transaction["intentKeys"]).map(string),
    attempts: list(transaction["attempts"]).map((value) => {
      const attempt = fields(value);
      return {
        hash: string(attempt["hash"]),
        signedAtSeconds: number(attempt["signedAtSeconds"]),
        maxFeePerGasWei: BigInt(string(attempt["maxFeePerGasWei"])),
        maxPriorityFeePerGasWei: BigInt(string(attempt["maxPriorityFeePerGasWei"])),
      };
    }),
    raw: string(transaction["raw"]),
  };
}

function fields(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new Error("expected an object");
  return value;
}

function string(value: unknown): string {
  if (typeof value !== "string") throw new Error("expected a string");
  return value;
}

function number(value: unknown): number {
  if (typeof value !== "number") throw new Error("expected a number");
  return value;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error("expected a list");
  return value;
}
