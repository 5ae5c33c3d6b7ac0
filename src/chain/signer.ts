import type { TypedDataDomain, TypedDataField } from "ethers";

/** An EIP-1559 transaction before its signature. Without `to` it creates a contract. */
export interface UnsignedTransaction {
  readonly chainId: bigint;
  readonly nonce: number;
  readonly to: string | undefined;
  readonly data: string;
  readonly gasLimit: bigint;
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
}

/** EIP-712 typed data. */
export interface TypedData {
  readonly domain: TypedDataDomain;
  readonly types: Record<string, TypedDataField[]>;
  readonly value: Record<string, unknown>;
}

/** Something that can sign for one address. Key material never leaves it, in errors neither. */
export interface Signer {
  /** With checksum (EIP-55). */
  readonly address: string;
  /** The raw signed transaction, 0x hex. */
  signTransaction(transaction: UnsignedTransaction, signal?: AbortSignal): Promise<string>;
  /** The 65-byte signature, 0x hex. */
  signTypedData(data: TypedData, signal?: AbortSignal): Promise<string>;
}
