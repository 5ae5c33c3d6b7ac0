import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acceptAny, anyFacts, fitted, leaseFacts, missing, refuse } from "../../../test/support/controllers/facts.ts";
import { ledgerLease, noManifest, someHash } from "../../../test/support/controllers/ledger.ts";
import type { LedgerLease } from "../../networks/driver.ts";
import { servedSince } from "./metering.ts";
import { type LeaseFacts, type LeasePlan, planLease } from "./plan.ts";

type Active = Extract<LeasePlan, { kind: "active" }>;

function planActive(changes: Partial<LeaseFacts> = {}, entry: Partial<LedgerLease> = {}): Active {
  const plan = planLease(leaseFacts(changes, entry));
  if (plan.kind !== "active") throw new Error(`the plan is ${plan.kind}`);
  return plan;
}

const { admission } = leaseFacts();
const fullCluster = { kind: "unplaceable", message: "no room" } as const;
const homeless = { ...admission, allocation: undefined, place: () => fullCluster };

describe("a live lease", () => {
  test("runs its manifest on its node and accrues", () => {
    const plan = planActive();
    expect(plan.desired).toEqual({
      kind: "workload",
      node: "gpu-a",
      manifest: fitted,
      manifestHash: someHash,
      isSuspended: false,
    });
    expect(plan.accrual).toEqual({ accrues: true, why: "Serving" });
    expect(plan.intents).toEqual([]);
  });

  test("changes nothing in the record of a lease that goes on as before", () => {
    const facts = leaseFacts();
    expect(planLease(facts).metering).toBe(facts.metering);
    expect(planLease({ ...facts, nowSeconds: 1200 }).metering).toBe(facts.metering);
  });

  test("without a manifest has its namespace, and accrues: the capacity is held", () => {
    const plan = planActive(
      { acceptedManifestHash: undefined, services: [], resolveManifest: missing },
      { manifestHash: noManifest },
    );
    expect(plan.desired).toMatchObject({ kind: "workload", node: "gpu-a", manifest: undefined, isSuspended: false });
    expect(plan.accrual).toEqual({ accrues: true, why: "TenantPart" });
  });

  test("with an invalid manifest runs the one before", () => {
    const newer = `0x${"0b".repeat(32)}`;
    const resolveManifest = (hash: string) => (hash === newer ? refuse(hash) : acceptAny(hash));
    expect(planActive({ resolveManifest }, { manifestHash: newer }).desired).toMatchObject({
      manifest: fitted,
      manifestHash: someHash, // so that nothing restarts
    });
  });

  test.each([
    { causes: [], accrues: false, why: "ProviderPart" },
    { causes: ["none", "none"], accrues: true, why: "Serving" },
    { causes: ["none", "tenant"], accrues: true, why: "TenantPart" },
    { causes: ["tenant", "provider"], accrues: false, why: "ProviderPart" },
    { causes: ["none", "provider"], accrues: false, why: "ProviderPart" },
  ] as const)("whose services stand as $causes: $why", ({ causes, accrues, why }) => {
    const services = causes.map((cause, i) => ({ name: `s${i}`, desired: 1, ready: 0, cause }));
    expect(planActive({ services }).accrual).toEqual({ accrues, why });
  });

  test("waits for a place without objects and without accrual", () => {
    const plan = planActive({ admission: { ...homeless, waitedSeconds: 300 } });
    expect(plan.desired).toEqual({ kind: "keep" });
    expect(plan.accrual).toEqual({ accrues: false, why: "NoCapacity" });
    expect(plan.metering.accruing).toBe(false);
    expect(plan.requeueAfterSeconds).toBe(600);
  });

  test("that can't be placed in time is closed, for a full refund", () => {
    const plan = planActive({ admission: { ...homeless, waitedSeconds: 900 } });
    expect(plan.intents).toEqual([{ kind: "Close", leaseId: "7", reason: "Unplaceable" }]);
  });
});

describe("running out", () => {
  const spent = { billedSeconds: 3600, lastHeartbeatSeconds: 1000 };
  const record = { heartbeatSeconds: 1000, billedSeconds: 3600, servedSeconds: 0, sinceSeconds: 1000, accruing: true };

  test("scales to zero, keeps the reservation and stops accruing", () => {
    const plan = planActive({ metering: record }, spent);
    expect(plan.desired).toMatchObject({ kind: "workload", node: "gpu-a", isSuspended: true });
    expect(plan.accrual).toEqual({ accrues: false, why: "Suspended" });
    expect(plan.requeueAfterSeconds).toBe(100);
    expect(plan.intents).toEqual([]);
  });

  test("closes after the grace", () => {
    const plan = planActive({ metering: record, exhaustedSinceSeconds: 1000 }, spent);
    expect(plan.intents).toEqual([{ kind: "Close", leaseId: "7", reason: "FundsExhausted" }]);
  });

  test("counts what is served and not billed, but does not close before it is billed", () => {
    const served = { ...record, billedSeconds: 3500 };
    const plan = planActive(
      { metering: served, nowSeconds: 1150, exhaustedSinceSeconds: 1000 },
      { ...spent, billedSeconds: 3500 },
    );
    expect(plan.funds).toMatchObject({ kind: "exhausted", isBilled: false, isGraceOver: true });
    expect(plan.intents).toEqual([]);
  });

  test("is looked at again when the warning and the end fall due", () => {
    expect(planActive().requeueAfterSeconds).toBe(3600 - 100 - 600);
    expect(planActive({}, { fundedSeconds: 500 }).requeueAfterSeconds).toBe(400);
  });

  test("goes on after a top-up", () => {
    const plan = planActive({ metering: record, exhaustedSinceSeconds: 1000 }, { ...spent, fundedSeconds: 9000 });
    expect(plan.desired).toMatchObject({ isSuspended: false });
    expect(plan.accrual.accrues).toBe(true);
  });
});

describe("the second at which funds end", () => {
  // 3600 s are paid for; the record has counted from 1000 on.
  test.each([
    [4599, { kind: "warn", runwaySeconds: 1 }, true, 1],
    [4600, { kind: "exhausted", sinceSeconds: 4600, isBilled: false }, false, 100],
    [4601, { kind: "exhausted", sinceSeconds: 4601, isBilled: false }, false, 100],
  ] as const)("at %i", (nowSeconds, funds, accrues, requeueAfterSeconds) => {
    const plan = planActive({ nowSeconds });
    expect(plan.funds).toMatchObject(funds);
    expect(plan.accrual.accrues).toBe(accrues);
    expect(plan.desired).toMatchObject({ isSuspended: !accrues });
    expect(plan.requeueAfterSeconds).toBe(requeueAfterSeconds);
  });
});

describe("the maintenance of its node", () => {
  const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const maintained = (
    atSeconds: number,
    changes: Partial<LeaseFacts["admission"]> = {},
    entry: Partial<LedgerLease> = {},
  ): Active =>
    planActive(
      { maintenance: { announced: at(atSeconds), noticeSeconds: 60 }, admission: { ...admission, ...changes } },
      { billedSeconds: 10, fundedSeconds: 10_000, ...entry },
    );
  const full = { place: () => fullCluster };

  test("is no concern until a notice for it would be due, and is looked at again then", () => {
    const plan = maintained(1281);
    expect(plan).toMatchObject({ admission: { kind: "held" }, intents: [], desired: { node: "gpu-a" } });
    expect(plan.requeueAfterSeconds).toBe(1);
  });

  test("then moves a lease that another node holds, without notice", () => {
    expect(maintained(1280)).toMatchObject({
      admission: { kind: "placed", movedFrom: "gpu-a" },
      desired: { kind: "workload", node: "gpu-b" },
      intents: [],
    });
  });

  test("gives notice to one that no other holds, which is served where it is until then", () => {
    expect(maintained(1280, full)).toMatchObject({
      admission: { kind: "stranded" },
      desired: { kind: "workload", node: "gpu-a", isSuspended: false },
      accrual: { accrues: true },
      intents: [{ kind: "GiveNotice", leaseId: "7" }],
    });
  });

  test("moves nobody who has notice, though there should be room by now", () => {
    expect(maintained(1280, {}, { noticeEndsAtSeconds: 1160 })).toMatchObject({
      admission: { kind: "held" },
      desired: { kind: "workload", node: "gpu-a" },
      intents: [],
    });
  });

  test("ends with the notice: the last seconds are billed with the close", () => {
    expect(maintained(1280, full, { noticeEndsAtSeconds: 1100 }).intents).toEqual([
      { kind: "Heartbeat", leaseId: "7", servedSeconds: 90 },
      { kind: "Close", leaseId: "7", reason: "NoticeElapsed" },
    ]);
  });

  test("at a time that nobody can read moves nobody", () => {
    const maintenance = { announced: "next Tuesday", noticeSeconds: 60 };
    expect(planActive({ maintenance })).toMatchObject({ admission: { kind: "held" }, intents: [] });
  });
});

describe("the end", () => {
  const closed = (tier: "Head" | "Final", changes: Partial<LeaseFacts> = {}): LeasePlan =>
    planLease(
      leaseFacts({
        existence: { kind: "closed", tier, reason: "TenantClosed", entry: ledgerLease({ state: "Closed" }) },
        ...changes,
      }),
    );

  test("at the head scales to zero and deletes nothing", () => {
    expect(closed("Head")).toMatchObject({
      kind: "ended",
      desired: { kind: "workload", node: "gpu-a", isSuspended: true },
      requeueAfterSeconds: undefined,
    });
    expect(closed("Head", { closedAtSeconds: 1 }).desired.kind).toBe("workload");
  });

  test("at finality removes everything", () => {
    expect(closed("Final").desired).toEqual({ kind: "gone", manifests: "Delete" });
    expect(planLease(leaseFacts({ existence: { kind: "void" } })).desired).toEqual({ kind: "gone", manifests: "Keep" });
  });

  test("keeps data for as long as the offer promises, then removes it", () => {
    const policy = { ...leaseFacts().policy, retentionSeconds: 500 };
    expect(closed("Final", { policy, closedAtSeconds: 1000 })).toMatchObject({
      desired: { kind: "workload", isSuspended: true },
      requeueAfterSeconds: 400,
    });
    expect(closed("Final", { policy, closedAtSeconds: 600 }).desired).toEqual({ kind: "gone", manifests: "Delete" });
  });

  test("of a lease that never ran leaves what stands until finality", () => {
    expect(closed("Head", { acceptedManifestHash: undefined }).desired).toEqual({ kind: "keep" });
    expect(closed("Head", { resolveManifest: missing }).desired).toEqual({ kind: "keep" });
  });

  test("stops the record at the moment in which it is seen", () => {
    expect(closed("Head").metering).toMatchObject({ accruing: false, servedSeconds: 100, sinceSeconds: 1100 });
  });

  test("that is not certain changes nothing and bills nothing", () => {
    const plan = planLease(leaseFacts({ existence: { kind: "suspect" } }));
    expect(plan).toEqual({
      kind: "suspect",
      desired: { kind: "keep" },
      metering: expect.objectContaining({ accruing: false, servedSeconds: 100 }),
    });
    expect(planLease(leaseFacts({ existence: { kind: "suspect" }, metering: undefined })).metering).toBeUndefined();
  });
});

/** The contract's three cases (ComputeMarket.closeByProvider). */
function contractAllowsClose(entry: LedgerLease, nowSeconds: number): boolean {
  const isNoticeOver = entry.noticeEndsAtSeconds !== undefined && nowSeconds >= entry.noticeEndsAtSeconds;
  return entry.billedSeconds === 0 || entry.fundedSeconds === entry.billedSeconds || isNoticeOver;
}

describe("for any facts", () => {
  const forAny = (holds: (plan: LeasePlan, facts: LeaseFacts) => void): void =>
    fc.assert(
      fc.property(anyFacts, (facts) => holds(planLease(facts), facts)),
      { numRuns: 500 },
    );

  test("a close is asked for only where the contract allows it, alone or after a last word", () => {
    forAny((plan, { nowSeconds }) => {
      if (plan.kind !== "active" || !plan.intents.some(({ kind }) => kind === "Close")) return;
      expect(contractAllowsClose(plan.entry, nowSeconds)).toBe(true);
      expect(plan.intents.filter(({ kind }) => kind !== "Heartbeat")).toHaveLength(1);
      expect(plan.intents.at(-1)?.kind).toBe("Close");
    });
  });

  test("a heartbeat goes with a close only, and says no more than was served and is paid for", () => {
    forAny((plan, { nowSeconds }) => {
      if (plan.kind !== "active") return;
      for (const intent of plan.intents) {
        if (intent.kind !== "Heartbeat") continue;
        expect(plan.intents.map(({ kind }) => kind)).toEqual(["Heartbeat", "Close"]);
        expect(intent.servedSeconds).toBeGreaterThan(0);
        expect(intent.servedSeconds).toBeLessThanOrEqual(servedSince(plan.metering, nowSeconds));
        expect(intent.servedSeconds).toBeLessThanOrEqual(plan.entry.fundedSeconds - plan.entry.billedSeconds);
      }
    });
  });

  test("a notice is asked for at most once, and only for a lease that is to end or has nowhere to be", () => {
    forAny((plan, { isEndWanted, admission }) => {
      if (plan.kind !== "active" || !plan.intents.some(({ kind }) => kind === "GiveNotice")) return;
      expect(plan.entry.noticeEndsAtSeconds).toBeUndefined();
      const isOverdue = plan.admission.kind === "waiting" && admission.waitedSeconds >= admission.timeoutSeconds;
      const isStranded = plan.admission.kind === "stranded" && plan.maintenance.kind === "due";
      expect(isEndWanted || isOverdue || isStranded).toBe(true);
    });
  });

  test("every wish is about this lease, and one of a kind", () => {
    forAny((plan) => {
      if (plan.kind !== "active") {
        expect(plan).not.toHaveProperty("intents");
        return;
      }
      const kinds = plan.intents.map(({ kind }) => kind);
      expect(new Set(kinds).size).toBe(kinds.length);
      for (const intent of plan.intents) expect(intent).toMatchObject({ leaseId: plan.entry.id });
    });
  });

  test("things are removed only on final evidence", () => {
    forAny((plan, { existence }) => {
      if (plan.desired.kind !== "gone") return;
      expect(existence.kind === "void" || (existence.kind === "closed" && existence.tier === "Final")).toBe(true);
    });
  });

  test("what is not known to be live does not accrue; what accrues has a node and funds", () => {
    forAny((plan) => {
      if (plan.metering?.accruing !== true) return;
      if (plan.kind !== "active") throw new Error(`a lease that is ${plan.kind} accrues`);
      expect(plan.admission.kind).not.toBe("waiting");
      expect(plan.funds.kind).not.toBe("exhausted");
    });
  });

  test("a workload stands where the lease is reserved, at zero without funds or after its end", () => {
    forAny((plan, facts) => {
      if (plan.desired.kind !== "workload") return;
      if (plan.kind !== "active") {
        expect(plan.desired).toMatchObject({ node: facts.admission.allocation?.node, isSuspended: true });
        return;
      }
      if (plan.admission.kind === "waiting") throw new Error("a workload without a place");
      expect(plan.desired.node).toBe(plan.admission.allocation.node);
      expect(plan.desired.isSuspended).toBe(plan.funds.kind === "exhausted");
    });
  });

  test("time is asked for in whole steps of a second or more", () => {
    forAny((plan) => {
      if (plan.kind === "suspect" || plan.requeueAfterSeconds === undefined) return;
      expect(plan.requeueAfterSeconds).toBeGreaterThanOrEqual(plan.kind === "active" ? 1 : 0);
    });
  });

  test("the record never counts more than before and the time since", () => {
    forAny((plan, { metering, nowSeconds }) => {
      if (metering === undefined || plan.metering === undefined) return;
      const before = metering.billedSeconds + servedSince(metering, nowSeconds);
      const reorganised = plan.metering.billedSeconds > metering.billedSeconds ? plan.metering.billedSeconds : 0;
      const after = plan.metering.billedSeconds + servedSince(plan.metering, nowSeconds);
      expect(after).toBeLessThanOrEqual(Math.max(before, reorganised));
    });
  });

  test("planning twice on the same facts says the same", () => {
    forAny((plan, facts) => {
      expect(planLease(facts)).toEqual(plan);
    });
  });

  test("a manifest that the ledger names is used whenever it is accepted", () => {
    forAny((plan, facts) => {
      if (plan.kind !== "active" || plan.entry.manifestHash !== someHash) return;
      expect(plan.manifest.kind === "accepted").toBe(facts.resolveManifest(someHash).kind === "accepted");
    });
  });
});
