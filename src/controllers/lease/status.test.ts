import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  anyConditionFacts,
  anyFacts,
  conditionFacts,
  fitted,
  leaseFacts,
} from "../../../test/support/controllers/facts.ts";
import { ledgerLease, point, someHash } from "../../../test/support/controllers/ledger.ts";
import { computeLease } from "../../../test/support/controllers/objects.ts";
import { leaseConditions } from "../../api/lease-conditions.ts";
import type { ComputeLease, ComputeLeaseStatus } from "../../api/types.gen.ts";
import { type LeaseFacts, planLease } from "./plan.ts";
import { type LeaseStatusUpdate, leaseStatus, meteringOf, type StatusFacts } from "./status.ts";

const facts: StatusFacts = {
  ...conditionFacts,
  point: point(42n),
  namespace: "lease-market-7",
  endpoints: [],
  hasUpload: () => true,
  nowSeconds: 1100,
  nowMilliseconds: Date.UTC(2030, 0, 1),
};

/** What the API server holds after a status is applied: fields that are undefined are gone. */
function stored(update: LeaseStatusUpdate): ComputeLeaseStatus {
  return JSON.parse(JSON.stringify(update));
}

function afterPass(lease: ComputeLease, about: LeaseFacts, more: Partial<StatusFacts> = {}): ComputeLease {
  const all = { ...facts, services: about.services, nowSeconds: about.nowSeconds, ...more };
  return { ...lease, status: stored(leaseStatus(lease, planLease(about), all)) };
}

describe("the status of a live lease", () => {
  test("holds what a person and a restart need", () => {
    const { status } = afterPass(computeLease(), leaseFacts({}, { billedSeconds: 90, withdrawn: 20n }));
    expect(status).toMatchObject({
      observedGeneration: 1,
      observedBlock: { number: "42", hash: point(42n).hash },
      namespace: "lease-market-7",
      allocation: { node: "gpu-a", units: 2, timeSeconds: 900 },
      manifest: { hash: someHash, services: [fitted.services[0]?.name] },
      services: [{ name: "web", desired: 1, ready: 1 }],
      money: { fundedSeconds: 3600, billedSeconds: 90, deposit: "7200", withdrawn: "20", earned: "180" },
      lastHeartbeatTime: "1970-01-01T00:16:40Z",
    });
    expect(status?.suspension).toBeUndefined();
    expect(status?.close).toBeUndefined();
    expect(status?.services?.[0]).not.toHaveProperty("cause");
  });

  test("gives the record back that was put in, so that a restart loses nothing", () => {
    const about = leaseFacts();
    expect(meteringOf(afterPass(computeLease(), about))).toEqual(about.metering);
    expect(meteringOf(computeLease())).toBeUndefined();
  });

  test("keeps the block at which the lease was first seen", () => {
    const first = afterPass(computeLease(), leaseFacts());
    expect(afterPass(first, leaseFacts(), { point: point(99n) }).status?.observedBlock?.number).toBe("42");
  });

  test("names the block at which the lease was found missing, anew each time that it vanishes", () => {
    const missing = leaseFacts({ existence: { kind: "suspect" } });
    const number = (lease: ComputeLease): string | undefined => lease.status?.observedBlock?.number;
    const gone = afterPass(afterPass(computeLease(), leaseFacts()), missing, { point: point(50n) });
    const stillGone = afterPass(gone, missing, { point: point(60n) });
    const back = afterPass(stillGone, leaseFacts(), { point: point(70n) });
    const goneAgain = afterPass(back, missing, { point: point(80n) });
    expect([gone, stillGone, back, goneAgain].map(number)).toEqual(["50", "50", "50", "80"]);
  });

  test("remembers a suspension until a top-up ends it", () => {
    const broke = leaseFacts({ nowSeconds: 5000 });
    const suspended = afterPass(computeLease(), broke);
    expect(suspended.status?.suspension).toEqual({ sinceSeconds: 5000 });
    const topped = leaseFacts({ exhaustedSinceSeconds: 5000 }, { fundedSeconds: 90_000 });
    expect(leaseStatus(suspended, planLease(topped), facts)).toHaveProperty("suspension", undefined);
    expect(afterPass(suspended, topped).status).not.toHaveProperty("suspension");
  });

  test("forgets neither node nor manifest while a place is looked for", () => {
    const before = afterPass(computeLease(), leaseFacts());
    const { admission } = leaseFacts();
    const homeless = leaseFacts({
      admission: {
        ...admission,
        isNodeGone: true,
        place: () => ({ kind: "unplaceable", message: "no room" }),
      },
    });
    expect(afterPass(before, homeless).status).toMatchObject({
      allocation: { node: "gpu-a" },
      manifest: { hash: someHash },
    });
  });

  test("changes a condition's time only when its status flips", () => {
    const first = afterPass(computeLease(), leaseFacts());
    const later = Date.UTC(2031, 0, 1);
    const low = afterPass(first, leaseFacts({}, { fundedSeconds: 400 }), { nowMilliseconds: later });
    const timeOf = (lease: ComputeLease, type: string) =>
      lease.status?.conditions?.find((condition) => condition.type === type)?.lastTransitionTime;
    expect(timeOf(low, "Funded")).toBe(timeOf(first, "Funded"));
    const broke = afterPass(low, leaseFacts({}, { fundedSeconds: 10 }), { nowMilliseconds: later });
    expect(timeOf(broke, "Funded")).toBe("2031-01-01T00:00:00Z");
  });
});

describe("the status of a lease that ends", () => {
  const closed = (tier: "Head" | "Final"): LeaseFacts =>
    leaseFacts({
      existence: {
        kind: "closed",
        tier,
        reason: "TenantClosed",
        entry: ledgerLease({ state: "Closed", billedSeconds: 100 }),
      },
      nowSeconds: 1200,
    });

  test("says why and since when, and what the tier is", () => {
    const head = afterPass(afterPass(computeLease(), leaseFacts()), closed("Head"));
    expect(head.status).toMatchObject({
      close: { reason: "TenantClosed", tier: "Head", atSeconds: 1200 },
      money: { billedSeconds: 100, earned: "200" },
      services: [],
      metering: { accruing: false },
    });
    const final = afterPass(head, { ...closed("Final"), nowSeconds: 9000 });
    expect(final.status?.close).toEqual({ reason: "TenantClosed", tier: "Final", atSeconds: 1200 });
  });

  test("knows of a void lease that it never was", () => {
    const gone = afterPass(afterPass(computeLease(), leaseFacts()), leaseFacts({ existence: { kind: "void" } }));
    expect(gone.status?.close).toMatchObject({ reason: "Void", tier: "Final" });
  });

  test("keeps all that was known while the lease is suspect, and says only that", () => {
    const before = afterPass(computeLease(), leaseFacts());
    const suspect = afterPass(before, leaseFacts({ existence: { kind: "suspect" } }));
    expect(suspect.status).toMatchObject({ allocation: before.status?.allocation, money: before.status?.money });
    const differing = suspect.status?.conditions?.filter(
      (condition) => JSON.stringify(before.status?.conditions).includes(JSON.stringify(condition)) === false,
    );
    expect(differing?.map(({ type, reason }) => [type, reason])).toEqual([["Closed", "Suspect"]]);
  });
});

describe("for any plan", () => {
  const anyPass = fc.record({ about: anyFacts, more: anyConditionFacts });

  test("every known condition is there from the first write on", () => {
    fc.assert(
      fc.property(anyPass, ({ about, more }) => {
        const lease = afterPass(computeLease(), about, more);
        const types = lease.status?.conditions?.map(({ type }) => type) ?? [];
        expect([...types].sort()).toEqual(Object.keys(leaseConditions).sort());
        for (const condition of lease.status?.conditions ?? []) expect(condition.observedGeneration).toBe(1);
      }),
    );
  });

  test("a stable plan gives an equal status, however late: nothing is written", () => {
    fc.assert(
      fc.property(anyPass, fc.integer({ min: 0, max: 50 }), ({ about, more }, laterSeconds) => {
        const first = afterPass(computeLease(), about, more);
        // What the next pass gathers from the status that the first one wrote.
        const metering = meteringOf(first);
        const again: LeaseFacts = {
          ...about,
          metering,
          exhaustedSinceSeconds: first.status?.suspension?.sinceSeconds,
          closedAtSeconds: first.status?.close?.atSeconds,
          acceptedManifestHash: first.status?.manifest?.hash ?? about.acceptedManifestHash,
          admission: { ...about.admission, allocation: first.status?.allocation ?? about.admission.allocation },
        };
        const [soon, later] = [again, { ...again, nowSeconds: about.nowSeconds + laterSeconds }].map(planLease);
        const sameKind =
          soon?.kind === later?.kind &&
          (soon?.kind !== "active" ||
            (later?.kind === "active" &&
              soon.funds.kind === later.funds.kind &&
              soon.admission.kind !== "placed" &&
              later.accrual.accrues === metering?.accruing));
        fc.pre(sameKind);
        const second = afterPass(first, again, more);
        const third = afterPass(
          second,
          { ...again, metering: meteringOf(second), nowSeconds: about.nowSeconds + laterSeconds },
          {
            ...more,
            point: point(43n),
            nowMilliseconds: facts.nowMilliseconds + 1000 * laterSeconds,
          },
        );
        expect(third.status).toEqual(second.status);
      }),
    );
  });
});
