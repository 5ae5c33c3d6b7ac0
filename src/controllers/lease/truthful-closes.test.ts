import { describe, expect, it } from "vitest";
import { ledgerLease } from "../../../test/support/controllers/ledger.ts";
import type { Intent, ProviderCloseReason } from "../../networks/driver.ts";
import { truthfulCloses } from "./truthful-closes.ts";

const close = (leaseId: string, reason: ProviderCloseReason): [string, Intent] => [
  `lease/${leaseId}/Close`,
  { kind: "Close", leaseId, reason },
];
const beat = (leaseId: string): [string, Intent] => [
  `heartbeat/${leaseId}`,
  { kind: "Heartbeat", leaseId, servedSeconds: 1 },
];
const head = {
  point: { number: 10n, hash: "0x", timestampSeconds: 0 },
  leases: new Map([
    ["1", ledgerLease({ id: "1", billedSeconds: 0 })],
    ["2", ledgerLease({ id: "2", billedSeconds: 1 })],
  ]),
};

describe("closes that may be sent", () => {
  it.each<[string, [string, Intent][], bigint | undefined, string[]]>([
    ["of a lease that was never billed", [close("1", "NeverServed")], undefined, ["lease/1/Close"]],
    ["none that says so of a lease that was", [close("2", "NeverServed"), close("2", "Unplaceable")], undefined, []],
    ["others of a lease that was", [close("2", "FundsExhausted")], undefined, ["lease/2/Close"]],
    [
      "no first heartbeat beside it",
      [beat("1"), beat("2"), close("1", "NeverServed")],
      10n,
      ["heartbeat/2", "lease/1/Close"],
    ],
    ["none by a view that lacks the last transaction", [close("1", "Unplaceable"), beat("2")], 11n, ["heartbeat/2"]],
    ["none of a lease that the view lacks", [close("3", "NeverServed")], 10n, []],
  ])("%s", (_, wishes, writtenAt, sent) =>
    expect([...truthfulCloses(new Map(wishes), head, writtenAt).keys()]).toEqual(sent),
  );

  it("none while nothing is known", () => {
    expect(truthfulCloses(new Map([close("1", "NeverServed")]), undefined, undefined).size).toBe(0);
  });
});
