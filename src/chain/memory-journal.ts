import { type Journal, type JournalRecord, parseRecordText, serializeRecord } from "./journal.ts";

/** A journal that lasts as long as the process: for one-off transactions and tests. */
export class MemoryJournal implements Journal {
  #text: string | undefined;

  async load(): Promise<JournalRecord | undefined> {
    return this.#text === undefined ? undefined : parseRecordText(this.#text);
  }

  async save(record: JournalRecord): Promise<void> {
    this.#text = serializeRecord(record);
  }
}
