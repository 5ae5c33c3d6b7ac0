import { getAddress } from "ethers";

/** Reads the fixed-width big-endian fields of one packed record, in order. */
export class RecordReader {
  readonly #bytes: Buffer;
  #offset: number;

  constructor(bytes: Buffer, offset: number) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  /** An unsigned integer of up to 6 bytes. */
  uint(width: number): number {
    const value = this.#bytes.readUIntBE(this.#offset, width);
    this.#offset += width;
    return value;
  }

  bigUint(width: number): bigint {
    return BigInt(`0x${this.#hex(width)}`);
  }

  /** With checksum (EIP-55), as every address in this program. */
  address(): string {
    return checksummed(`0x${this.#hex(20)}`);
  }

  bytes32(): string {
    return `0x${this.#hex(32)}`;
  }

  #hex(width: number): string {
    const start = this.#offset;
    this.#offset += width;
    return this.#bytes.toString("hex", start, this.#offset);
  }
}

/**
 * The records of one width in a packed answer.
 * @throws when the answer does not divide into records
 */
export function readRecords<T>(data: string, width: number, read: (reader: RecordReader) => T): T[] {
  const bytes = Buffer.from(data.slice(2), "hex");
  if (bytes.length * 2 !== data.length - 2 || bytes.length % width !== 0) {
    throw new Error(
      `the market answered ${bytes.length} bytes, which are no whole records of ${width}: is the address a market of this version?`,
    );
  }
  return Array.from({ length: bytes.length / width }, (_, index) => read(new RecordReader(bytes, index * width)));
}

const REMEMBERED = 50_000;
const known = new Map<string, string>();

/** EIP-55 costs a keccak, most of decoding a snapshot; the same tenants come back with every one. */
function checksummed(address: string): string {
  const found = known.get(address);
  if (found !== undefined) return found;
  if (known.size >= REMEMBERED) known.clear();
  const result = getAddress(address);
  known.set(address, result);
  return result;
}
