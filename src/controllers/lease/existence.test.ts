import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ledgerLease, point } from "../../../test/support/controllers/ledger.ts";
import { decideExistence, type ExistenceInput } from "./existence.ts";

const active = ledgerLease();
const closed = ledgerLease({ state: "Closed", closeReason: "TenantClosed" });
const nothing: ExistenceInput = { head: undefined, final: undefined, finalPoint: undefined, missingAtBlock: undefined };

describe("whether a lease exists", () => {
  test.each([
    { name: "both tiers have it", input: { head: active, final: active }, expected: { kind: "active" } },
    { name: "it is too new for finality", input: { head: active }, expected: { kind: "active" } },
    {
      name: "the head undid a close that was thought final",
      input: { head: active, final: closed },
      expected: { kind: "active" },
    },
    {
      name: "the head has it closed",
      input: { head: closed, final: active },
      expected: { kind: "closed", tier: "Head", reason: "TenantClosed" },
    },
    {
      name: "final history has it closed",
      input: { head: closed, final: closed },
      expected: { kind: "closed", tier: "Final", reason: "TenantClosed" },
    },
    {
      name: "it was closed for no known reason",
      input: { head: { ...closed, closeReason: undefined } },
      expected: { kind: "closed", tier: "Head", reason: "Unspecified" },
    },
    { name: "nothing was ever read", input: {}, expected: { kind: "suspect" } },
    {
      name: "it vanished and finality has not come so far",
      input: { finalPoint: point(9n), missingAtBlock: 10n },
      expected: { kind: "suspect" },
    },
    {
      name: "it vanished from the head alone",
      input: { final: active, finalPoint: point(20n), missingAtBlock: 10n },
      expected: { kind: "suspect" },
    },
    {
      name: "it vanished and no look before this one has missed it",
      input: { finalPoint: point(20n) },
      expected: { kind: "suspect" },
    },
    {
      name: "final history reached the block and lacks it",
      input: { finalPoint: point(10n), missingAtBlock: 10n },
      expected: { kind: "void" },
    },
  ] as const)("$name", ({ input, expected }) => {
    expect(decideExistence({ ...nothing, ...input })).toMatchObject(expected);
  });

  test("nothing ends for good without finality, whatever was read", () => {
    const entry = fc.constantFrom(undefined, active, closed);
    const block = fc.option(fc.bigInt(0n, 20n), { nil: undefined });
    fc.assert(
      fc.property(entry, entry, block, block, (head, final, finalBlock, missingAtBlock) => {
        const finalPoint = finalBlock === undefined ? undefined : point(finalBlock);
        const existence = decideExistence({ head, final, finalPoint, missingAtBlock });
        if (existence.kind === "closed" && existence.tier === "Final") expect(final?.state).toBe("Closed");
        if (existence.kind !== "void") return;
        expect([head, final]).toEqual([undefined, undefined]);
        expect(finalBlock).toBeGreaterThanOrEqual(missingAtBlock ?? 21n);
      }),
    );
  });
});
