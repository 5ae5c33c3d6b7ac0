import { BadAnswer, parseHash, parseNumber, parseQuantity, parseRecord, quantity } from "./hex.ts";

/** A block at which everything read is consistent. */
export interface BlockPoint {
  readonly number: bigint;
  readonly hash: string;
  readonly timestampSeconds: number;
}

export interface Header extends BlockPoint {
  readonly parentHash: string;
  /** Absent before EIP-1559. */
  readonly baseFeePerGasWei: bigint | undefined;
}

export type BlockTag = "latest" | "finalized" | bigint;

export function tagParameter(tag: BlockTag): string {
  return typeof tag === "bigint" ? quantity(tag) : tag;
}

/** A header as eth_getBlockByNumber serves it. A null block is a node that is behind: retryable. */
export function parseHeader(value: unknown): Header {
  if (value === null) throw new BadAnswer("the block is null");
  const block = parseRecord(value);
  return {
    number: parseQuantity(block["number"]),
    hash: parseHash(block["hash"]),
    parentHash: parseHash(block["parentHash"]),
    timestampSeconds: parseNumber(block["timestamp"]),
    baseFeePerGasWei: block["baseFeePerGas"] === undefined ? undefined : parseQuantity(block["baseFeePerGas"]),
  };
}
