import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extremeLease } from "../../../test/support/controllers/extremes.ts";
import { anyFacts, conditionFacts, leaseFacts } from "../../../test/support/controllers/facts.ts";
import { point, provider } from "../../../test/support/controllers/ledger.ts";
import { computeLease, computeOffer } from "../../../test/support/controllers/objects.ts";
import { encodeIntents } from "../../networks/market/encode.ts";
import { desiredLease } from "./intake.ts";
import { planLease } from "./plan.ts";
import { earned } from "./settlement.ts";
import { leaseStatus } from "./status.ts";

/** Every number of a JSON value, however deep. */
function numbersOf(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

describe("what a ledger says at its extremes", () => {
  it("makes a plan that can be carried out: waits that end, wishes that can be sent", () => {
    fc.assert(
      fc.property(extremeLease, anyFacts, fc.integer({ min: 0, max: 2 ** 41 }), (entry, about, nowSeconds) => {
        const plan = planLease({ ...about, existence: { kind: "active", entry }, nowSeconds });
        if (plan.kind !== "active") throw new Error(`the plan is ${plan.kind}`);
        const { requeueAfterSeconds: wait = 1, metering, intents } = plan;
        expect(Number.isSafeInteger(wait) && wait >= 1).toBe(true);
        for (const seconds of numbersOf(metering)) expect(Number.isSafeInteger(seconds) && seconds >= 0).toBe(true);
        const calls = encodeIntents(entry.token, provider.id, new Map(intents.map((intent) => [intent.kind, intent])));
        for (const { data } of calls) expect(data).toMatch(/^0x[0-9a-f]+$/);
        expect(calls.flatMap(({ intentKeys }) => intentKeys).sort()).toEqual(intents.map(({ kind }) => kind).sort());
      }),
      { numRuns: 300 },
    );
  });

  it("never earns more than was deposited, nor less than nothing", () => {
    fc.assert(
      fc.property(extremeLease, (entry) => {
        const sum = earned(entry);
        expect(sum >= 0n && sum <= entry.deposit).toBe(true);
      }),
    );
  });

  it("makes an object whose every name and label the API server takes, and a status of whole numbers", () => {
    fc.assert(
      fc.property(extremeLease, fc.integer({ min: 0, max: 2 ** 41 }), (entry, nowSeconds) => {
        const lease = desiredLease("n".repeat(40), computeOffer(), entry);
        expect(lease.metadata.name?.length).toBeLessThanOrEqual(63 - "lease-".length);
        for (const label of Object.values(lease.metadata.labels ?? {}))
          expect(label).toMatch(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);
        const plan = planLease({ ...leaseFacts(), existence: { kind: "active", entry }, nowSeconds });
        const status = leaseStatus(computeLease(), plan, {
          ...conditionFacts,
          point: point(2n ** 64n - 1n),
          namespace: "lease-market-7",
          endpoints: [],
          hasUpload: () => true,
          nowSeconds,
          nowMilliseconds: 0,
        });
        for (const number of numbersOf(status)) expect(Number.isSafeInteger(number)).toBe(true);
        expect(status.lastHeartbeatTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      }),
    );
  });
});
