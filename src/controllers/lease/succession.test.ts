import { describe, expect, test } from "vitest";
import { ledgerLease, point, snapshot, tenant } from "../../../test/support/controllers/ledger.ts";
import { computeLease } from "../../../test/support/controllers/objects.ts";
import { newCondition } from "../../api/conditions.ts";
import type { ComputeLease } from "../../api/types.gen.ts";
import type { LedgerLease, Snapshot } from "../../networks/driver.ts";
import { withConditions } from "../conditions.ts";
import { entriesOf, isMissing } from "./succession.ts";

const other = `0x${"cd".repeat(20)}`;
const own = ledgerLease({ tenant });
const othersNow = ledgerLease({ tenant: other });
const larger = ledgerLease({ units: 3 });
const ofAnotherOffer = ledgerLease({ offerId: "2" });

function lease(closed: "Open" | "Suspect" | "Void"): ComputeLease {
  const conditions = withConditions([], [newCondition("ComputeLease", "Closed", closed)], 1, 0);
  return { ...computeLease(), status: { conditions } };
}

function showing(entry: LedgerLease | undefined): Snapshot {
  return snapshot(point(5n), entry === undefined ? [] : [entry]);
}

describe("what the ledger says of a lease", () => {
  test.each([
    ["is what stands there under its id", "Open", own, own, own, own],
    ["is nothing where nothing stands", "Open", undefined, own, undefined, own],
    ["is its transfer, once its opening is final", "Open", othersNow, own, othersNow, own],
    ["is a transfer that became final while nobody looked", "Open", othersNow, othersNow, othersNow, othersNow],
    ["is not another tenant's lease before its own is final", "Open", othersNow, undefined, undefined, undefined],
    [
      "is not another tenant's final lease once its own vanished",
      "Suspect",
      othersNow,
      othersNow,
      undefined,
      undefined,
    ],
    ["nor after that was found to be for good", "Void", othersNow, othersNow, undefined, undefined],
    ["is not a lease of another size", "Open", larger, undefined, undefined, undefined],
    ["nor when that is final", "Open", larger, larger, undefined, undefined],
    ["is not a lease of another offer", "Open", ofAnotherOffer, ofAnotherOffer, undefined, undefined],
    ["is its own final entry, whatever the head made of its id", "Open", larger, own, undefined, own],
  ] as const)("%s", (_what, closed, head, final, expectedHead, expectedFinal) => {
    const entries = entriesOf(lease(closed), { head: showing(head), final: showing(final) });
    expect(entries).toEqual({ head: expectedHead, final: expectedFinal });
  });

  test("is nothing before anything was read", () => {
    expect(entriesOf(lease("Open"), { head: undefined, final: undefined })).toEqual({
      head: undefined,
      final: undefined,
    });
  });
});

test("a lease is missing while its status says so", () => {
  expect((["Open", "Suspect", "Void"] as const).map(lease).map(isMissing)).toEqual([false, true, true]);
  expect(isMissing(computeLease())).toBe(false);
});
