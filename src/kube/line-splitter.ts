const NEWLINE = 0x0a;

/** Cuts a byte stream into lines. Works on bytes, so that a character cut in two by a chunk border survives. */
export class LineSplitter {
  readonly #maxBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /** @param maxBytes a longer line is an error: memory must not grow with a stream that never ends its line */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that `chunk` completes, without their newline; empty lines are left out. @throws RangeError */
  *push(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = this.#complete(chunk.subarray(start, end));
      start = end + 1;
      if (line !== "") yield line;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** Bytes of a line that has not ended. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  #complete(rest: Buffer): string {
    this.#check(rest.length);
    if (this.#pendingBytes === 0) return rest.toString("utf8");
    const line = Buffer.concat([...this.#pending, rest]).toString("utf8");
    this.#pending = [];
    this.#pendingBytes = 0;
    return line;
  }

  #keep(part: Buffer): void {
    this.#check(part.length);
    this.#pending.push(part);
    this.#pendingBytes += part.length;
  }

  #check(more: number): void {
    if (this.#pendingBytes + more > this.#maxBytes) {
      throw new RangeError(`a line of the stream is longer than ${this.#maxBytes} bytes`);
    }
  }
}
