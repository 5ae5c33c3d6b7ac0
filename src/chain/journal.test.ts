import fc from "fast-check";
import { expect, test } from "vitest";
import { type JournalRecord, parseRecordText, serializeRecord } from "./journal.ts";

const wei = fc.bigInt({ min: 0n, max: 2n ** 128n });
const attempt = fc.record({
  hash: fc.string(),
  signedAtSeconds: fc.nat(),
  maxFeePerGasWei: wei,
  maxPriorityFeePerGasWei: wei,
});
const transaction = fc.record({
  nonce: fc.nat(),
  intentKeys: fc.array(fc.string()),
  attempts: fc.array(attempt),
  raw: fc.string(),
});
const record: fc.Arbitrary<JournalRecord> = fc.record({
  spending: fc.record({ day: fc.string(), wei }),
  transaction: fc.option(transaction, { nil: undefined }),
});

test("what is written is what is read", () => {
  fc.assert(
    fc.property(record, (written) => {
      expect(parseRecordText(serializeRecord(written))).toEqual(written);
    }),
  );
});

test.each([
  "",
  "{}",
  "null",
  "[]",
  '{"spending":{"day":"2030-01-01","wei":5}}',
  '{"spending":{"day":"d","wei":"1"},"transaction":{}}',
])("%j is refused, with what to do", (text) =>
  expect(() => parseRecordText(text)).toThrow(/delete the journal object/),
);
