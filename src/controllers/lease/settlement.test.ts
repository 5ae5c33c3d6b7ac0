import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ledgerLease } from "../../../test/support/controllers/ledger.ts";
import type { LedgerLease } from "../../networks/driver.ts";
import type { AdmissionDecision } from "./admission.ts";
import type { FundsDecision } from "./funds.ts";
import { closeReason, decideSettlement, earned, type SettlementInput, type SettlementPolicy } from "./settlement.ts";

const now = 50_000;
const held: AdmissionDecision = { kind: "held", allocation: { node: "a", units: 2, timeSeconds: 1 } };
const waiting = (isOverdue: boolean): AdmissionDecision => ({
  kind: "waiting",
  message: "no room",
  isOverdue,
  lost: undefined,
});
const ok: FundsDecision = { kind: "ok", runwaySeconds: 3600 };
const exhausted = (isBilled: boolean, isGraceOver: boolean): FundsDecision => ({
  kind: "exhausted",
  sinceSeconds: 1,
  isBilled,
  isGraceOver,
  graceLeftSeconds: isGraceOver ? 0 : 5,
});
const policy: SettlementPolicy = { minOwed: undefined, maxIntervalSeconds: 604_800 };

function input(entry: Partial<LedgerLease>, changes: Partial<SettlementInput> = {}): SettlementInput {
  return {
    entry: ledgerLease(entry),
    funds: ok,
    admission: held,
    isEndWanted: false,
    unbilledSeconds: 0,
    nowSeconds: now,
    ...changes,
  };
}

describe("earnings", () => {
  test.each([
    [7200n, 0, 10_000n, 0n],
    [7200n, 1, 10_000n, 2n],
    [3599n, 1, 10_000n, 0n],
    [1n, 3600, 10n, 1n],
    [7200n, 10_000, 10_000n, 10_000n],
  ])("%s an hour for %i s of a deposit of %s: %s", (pricePerHour, billedSeconds, deposit, expected) => {
    expect(earned({ pricePerHour, billedSeconds, deposit })).toBe(expected);
  });

  test("never exceed the deposit, never fall as seconds are billed", () => {
    const money = fc.bigInt(0n, 2n ** 96n);
    const seconds = fc.integer({ min: 0, max: 2 ** 40 });
    fc.assert(
      fc.property(money, money, seconds, seconds, (pricePerHour, deposit, billedSeconds, more) => {
        const before = earned({ pricePerHour, deposit, billedSeconds });
        expect(before).toBeLessThanOrEqual(deposit);
        expect(earned({ pricePerHour, deposit, billedSeconds: billedSeconds + more })).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});

describe("closing", () => {
  test.each([
    ["a lease that is served", input({ billedSeconds: 10 }), undefined],
    ["one that is not placed yet", input({}, { admission: waiting(false) }), undefined],
    ["one that can't be placed", input({}, { admission: waiting(true) }), "Unplaceable"],
    [
      "one that was served and lost its node for good",
      input({ billedSeconds: 1 }, { admission: waiting(true) }),
      undefined,
    ],
    ["one that the admin ends before it was served", input({}, { isEndWanted: true }), "NeverServed"],
    ["one that the admin ends later", input({ billedSeconds: 1 }, { isEndWanted: true }), undefined],
    ["one without funds in its grace", input({ billedSeconds: 3600 }, { funds: exhausted(true, false) }), undefined],
    [
      "one without funds after its grace",
      input({ billedSeconds: 3600 }, { funds: exhausted(true, true) }),
      "FundsExhausted",
    ],
    [
      "one whose last seconds are not billed yet",
      input({ billedSeconds: 3000 }, { funds: exhausted(false, true) }),
      undefined,
    ],
    [
      "one whose notice runs",
      input({ billedSeconds: 1, noticeEndsAtSeconds: now + 1 }, { isEndWanted: true }),
      undefined,
    ],
    ["one whose notice is over", input({ billedSeconds: 1, noticeEndsAtSeconds: now }), "NoticeElapsed"],
  ] as const)("%s", (_name, given, expected) => {
    expect(closeReason(given)).toBe(expected);
    const intents = decideSettlement(given, policy).filter(({ kind }) => kind === "Close");
    expect(intents).toEqual(expected === undefined ? [] : [{ kind: "Close", leaseId: "7", reason: expected }]);
  });
});

describe("the last word", () => {
  const over = { billedSeconds: 100, fundedSeconds: 1000, heartbeatWindowSeconds: 300, noticeEndsAtSeconds: now };
  const beats = (entry: Partial<LedgerLease>, unbilledSeconds: number): readonly number[] =>
    decideSettlement(input(entry, { unbilledSeconds }), policy).flatMap((intent) =>
      intent.kind === "Heartbeat" ? [intent.servedSeconds] : [],
    );

  test.each([
    ["all that was served", over, 40, [40]],
    ["nothing, when all is billed", over, 0, []],
    ["no silence longer than the window", over, 301, [300]],
    ["no more than is paid for", { ...over, fundedSeconds: 120 }, 40, [20]],
    ["nothing for a lease that was never billed", { ...over, billedSeconds: 0 }, 40, []],
    ["nothing while the notice runs", { ...over, noticeEndsAtSeconds: now + 1 }, 40, []],
  ] as const)("bills %s", (_name, entry, unbilledSeconds, expected) => {
    expect(beats(entry, unbilledSeconds)).toEqual(expected);
  });

  test("goes with the close: after it nothing can be billed", () => {
    const kinds = decideSettlement(input(over, { unbilledSeconds: 5 }), policy).map(({ kind }) => kind);
    expect(kinds).toEqual(["Heartbeat", "Close"]);
  });
});

describe("notice", () => {
  const kinds = (given: SettlementInput): readonly string[] => decideSettlement(given, policy).map(({ kind }) => kind);

  test("is given to a served lease that the admin ends, once", () => {
    expect(kinds(input({ billedSeconds: 1 }, { isEndWanted: true }))).toEqual(["GiveNotice"]);
    expect(kinds(input({ billedSeconds: 1, noticeEndsAtSeconds: now + 9 }, { isEndWanted: true }))).toEqual([]);
  });

  test("is given to a lease whose node is to be maintained and that no other holds, once", () => {
    const stranded: AdmissionDecision = {
      kind: "stranded",
      allocation: { node: "a", units: 2, timeSeconds: 1 },
      message: "no room",
    };
    expect(kinds(input({ billedSeconds: 1 }, { admission: stranded }))).toEqual(["GiveNotice"]);
    expect(kinds(input({ billedSeconds: 0 }, { admission: stranded }))).toEqual(["GiveNotice"]);
    expect(kinds(input({ billedSeconds: 1, noticeEndsAtSeconds: now + 9 }, { admission: stranded }))).toEqual([]);
  });

  test("is given to a served lease that has no node any more", () => {
    expect(kinds(input({ billedSeconds: 1 }, { admission: waiting(true) }))).toEqual(["GiveNotice"]);
    expect(kinds(input({ billedSeconds: 1 }, { admission: waiting(false) }))).toEqual([]);
  });
});

describe("settling", () => {
  const hour = { billedSeconds: 3600, deposit: 100_000n, fundedSeconds: 50_000 };
  const settles = (entry: Partial<LedgerLease>, settlement: Partial<SettlementPolicy>): boolean =>
    decideSettlement(input(entry), { ...policy, ...settlement }).some(({ kind }) => kind === "Settle");

  test.each([
    ["nothing owed", { ...hour, withdrawn: 7200n }, { minOwed: 0n }, false],
    ["little and young", hour, {}, false],
    ["as much as is worth it", hour, { minOwed: 7200n }, true],
    ["one unit less", hour, { minOwed: 7201n }, false],
    ["old enough", hour, { maxIntervalSeconds: 3600 }, true],
    ["a second younger", hour, { maxIntervalSeconds: 3601 }, false],
    ["counted from the last withdrawal", { ...hour, withdrawn: 2n }, { maxIntervalSeconds: 3600 }, false],
  ] as const)("%s", (_name, entry, settlement, expected) => {
    expect(settles(entry, settlement)).toBe(expected);
  });
});
