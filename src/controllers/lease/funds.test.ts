import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ledgerLease } from "../../../test/support/controllers/ledger.ts";
import { decideFunds, type FundsInput } from "./funds.ts";

const policy = { warnSeconds: 600, graceSeconds: 100 };

function input(billedSeconds: number, changes: Partial<FundsInput> = {}): FundsInput {
  const entry = ledgerLease({ fundedSeconds: 3600, billedSeconds });
  return { entry, unbilledSeconds: 0, exhaustedSinceSeconds: undefined, nowSeconds: 5000, ...changes };
}

describe("funds", () => {
  test.each([
    { name: "plenty", given: input(0), expected: { kind: "ok", runwaySeconds: 3600 } },
    { name: "exactly the warning's seconds", given: input(3000), expected: { kind: "ok", runwaySeconds: 600 } },
    { name: "one second less", given: input(3001), expected: { kind: "warn", runwaySeconds: 599 } },
    {
      name: "served and not yet billed counts",
      given: input(3000, { unbilledSeconds: 1 }),
      expected: { kind: "warn", runwaySeconds: 599 },
    },
    { name: "the last second", given: input(3599), expected: { kind: "warn", runwaySeconds: 1 } },
  ])("$name", ({ given, expected }) => {
    expect(decideFunds(given, policy)).toEqual(expected);
  });

  test("used up: suspended from now on, billed only when the chain says so", () => {
    const exhausted = { kind: "exhausted", sinceSeconds: 5000, isGraceOver: false, graceLeftSeconds: 100 };
    expect(decideFunds(input(3000, { unbilledSeconds: 600 }), policy)).toEqual({ ...exhausted, isBilled: false });
    expect(decideFunds(input(3600), policy)).toEqual({ ...exhausted, isBilled: true });
  });

  test("the grace runs from the suspension, whatever happened since", () => {
    const at = (nowSeconds: number) => decideFunds(input(3600, { exhaustedSinceSeconds: 5000, nowSeconds }), policy);
    expect(at(5099)).toMatchObject({ isGraceOver: false, graceLeftSeconds: 1 });
    expect(at(5100)).toMatchObject({ isGraceOver: true, graceLeftSeconds: 0 });
    expect(at(9999)).toMatchObject({ isGraceOver: true, graceLeftSeconds: 0, sinceSeconds: 5000 });
  });

  test("without grace a lease may be closed at once", () => {
    expect(decideFunds(input(3600), { ...policy, graceSeconds: 0 })).toMatchObject({ isGraceOver: true });
  });

  test("a top-up resumes by itself, also within the grace", () => {
    const entry = ledgerLease({ fundedSeconds: 7200, billedSeconds: 3600 });
    const decision = decideFunds({ ...input(0), entry, exhaustedSinceSeconds: 4950 }, policy);
    expect(decision).toEqual({ kind: "ok", runwaySeconds: 3600 });
  });

  test("more paid and less served never makes it worse", () => {
    const seconds = fc.integer({ min: 0, max: 10_000 });
    const rank = { exhausted: 0, warn: 1, ok: 2 };
    fc.assert(
      fc.property(seconds, seconds, seconds, seconds, (funded, billed, unbilled, more) => {
        const decide = (fundedSeconds: number) =>
          decideFunds(
            { ...input(0), entry: ledgerLease({ fundedSeconds, billedSeconds: billed }), unbilledSeconds: unbilled },
            policy,
          );
        expect(rank[decide(funded + more).kind]).toBeGreaterThanOrEqual(rank[decide(funded).kind]);
      }),
    );
  });
});
