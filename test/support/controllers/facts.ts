import fc from "fast-check";
import type { ConditionFacts, Obstacle } from "../../../src/controllers/lease/conditions.ts";
import type { Existence } from "../../../src/controllers/lease/existence.ts";
import type { ManifestState } from "../../../src/controllers/lease/manifest.ts";
import type { LeaseFacts, ServiceState } from "../../../src/controllers/lease/plan.ts";
import type { CloseReason, LedgerLease } from "../../../src/networks/driver.ts";
import { acceptManifest, type FittedManifest } from "../../../src/workload/manifest/fit.ts";
import { gpuOffer } from "../workload/offers.ts";
import { ledgerLease, noManifest, someHash } from "./ledger.ts";

export const manifestText = 'version: 1\nservices: [{ name: web, image: nginx, resources: { cpu: "1", memory: 1Gi } }]';

export const fitted: FittedManifest = accept(manifestText);

function accept(text: string): FittedManifest {
  const result = acceptManifest(text, { offer: gpuOffer(), units: 2 });
  if (!result.ok) throw new Error("the support manifest does not fit the support offer");
  return result.manifest;
}

export const acceptAny = (hash: string): ManifestState => ({ kind: "accepted", hash, manifest: fitted });
export const missing = (hash: string): ManifestState => ({ kind: "missing", hash });
export const refuse = (hash: string): ManifestState => ({ kind: "invalid", hash, message: "services is missing" });

export const readyService: ServiceState = { name: "web", desired: 1, ready: 1, cause: "none" };

/** A lease that is placed, whose manifest runs and which has funds. */
export function leaseFacts(changes: Partial<LeaseFacts> = {}, entry: Partial<LedgerLease> = {}): LeaseFacts {
  return {
    existence: { kind: "active", entry: ledgerLease({ manifestHash: someHash, ...entry }) },
    nowSeconds: 1100,
    admission: {
      allocation: { node: "gpu-a", units: 2, timeSeconds: 900 },
      nodeProblem: undefined,
      hasPodsOnNode: true,
      isNodeGone: false,
      units: 2,
      waitedSeconds: 0,
      timeoutSeconds: 900,
      place: () => ({ kind: "placed", node: "gpu-b" }),
      isRoomInDoubt: () => false,
    },
    maintenance: { announced: undefined, noticeSeconds: 60 },
    acceptedManifestHash: someHash,
    resolveManifest: acceptAny,
    services: [readyService],
    metering: { heartbeatSeconds: 1000, billedSeconds: 0, servedSeconds: 0, sinceSeconds: 1000, accruing: true },
    exhaustedSinceSeconds: undefined,
    isEndWanted: false,
    closedAtSeconds: undefined,
    policy: {
      funds: { warnSeconds: 600, graceSeconds: 100 },
      settlement: { minOwed: undefined, maxIntervalSeconds: 604_800 },
      retentionSeconds: 0,
    },
    ...changes,
  };
}

const reasons: readonly CloseReason[] = [
  "TenantClosed",
  "Unplaceable",
  "NoticeElapsed",
  "FundsExhausted",
  "NeverServed",
  "ManifestTimeout",
  "Abandoned",
  "Unspecified",
];

/** Entries as a chain may have them: never more billed than funded. */
const anyEntry: fc.Arbitrary<LedgerLease> = fc
  .record({
    billedSeconds: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3600 })),
    runway: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3600 })),
    lastHeartbeatSeconds: fc.integer({ min: 0, max: 5000 }),
    manifestHash: fc.constantFrom(noManifest, someHash, `0x${"0b".repeat(32)}`),
    noticeEndsAtSeconds: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
    withdrawn: fc.constant(0n),
  })
  .map(({ runway, ...entry }) => {
    const fundedSeconds = entry.billedSeconds + runway;
    return ledgerLease({ ...entry, fundedSeconds, deposit: BigInt(fundedSeconds) * 2n });
  });

const anyExistence: fc.Arbitrary<Existence> = fc.oneof(
  { weight: 5, arbitrary: anyEntry.map((entry) => ({ kind: "active" as const, entry })) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("closed" as const),
      tier: fc.constantFrom("Head" as const, "Final" as const),
      reason: fc.constantFrom(...reasons),
      entry: anyEntry.map((entry) => ({ ...entry, state: "Closed" as const })),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "suspect" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "void" as const }) },
);

const anyService: fc.Arbitrary<ServiceState> = fc
  .record({
    name: fc.constantFrom("web", "train"),
    cause: fc.constantFrom("none" as const, "tenant" as const, "provider" as const),
  })
  .map(({ name, cause }) => ({ name, cause, desired: 1, ready: cause === "none" ? 1 : 0 }));

/** Any facts that could be gathered about one lease. */
export const anyFacts: fc.Arbitrary<LeaseFacts> = fc
  .record({
    existence: anyExistence,
    nowSeconds: fc.integer({ min: 5000, max: 12_000 }),
    allocation: fc.option(fc.constant({ node: "gpu-a", units: 2, timeSeconds: 900 }), { nil: undefined }),
    nodeProblem: fc.constantFrom(undefined, "not ready"),
    hasPodsOnNode: fc.boolean(),
    isNodeGone: fc.boolean(),
    waitedSeconds: fc.integer({ min: 0, max: 2000 }),
    hasRoom: fc.boolean(),
    isRoomInDoubt: fc.boolean(),
    acceptedManifestHash: fc.constantFrom(undefined, someHash),
    resolveManifest: fc.constantFrom(acceptAny, missing, refuse),
    services: fc.uniqueArray(anyService, { selector: ({ name }) => name, maxLength: 2 }),
    metering: fc.option(
      fc.record({
        heartbeatSeconds: fc.integer({ min: 0, max: 5000 }),
        billedSeconds: fc.integer({ min: 0, max: 3600 }),
        servedSeconds: fc.integer({ min: 0, max: 600 }),
        sinceSeconds: fc.integer({ min: 0, max: 5000 }),
        accruing: fc.boolean(),
      }),
      { nil: undefined },
    ),
    exhaustedSinceSeconds: fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined }),
    isEndWanted: fc.boolean(),
    closedAtSeconds: fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined }),
    maintenance: fc.record({
      announced: fc.constantFrom(undefined, "soon", "1970-01-01T02:00:00Z"),
      noticeSeconds: fc.constantFrom(0, 3600),
    }),
    retentionSeconds: fc.constantFrom(0, 10_000),
  })
  .map((any) => {
    const { allocation, nodeProblem, hasPodsOnNode, isNodeGone, waitedSeconds, hasRoom, isRoomInDoubt, ...others } =
      any;
    const { retentionSeconds, ...rest } = others;
    const base = leaseFacts(rest);
    return {
      ...base,
      admission: {
        ...base.admission,
        allocation,
        nodeProblem,
        hasPodsOnNode,
        isNodeGone,
        waitedSeconds,
        place: () =>
          hasRoom ? { kind: "placed" as const, node: "gpu-b" } : { kind: "unplaceable" as const, message: "no room" },
        isRoomInDoubt: () => isRoomInDoubt,
      },
      policy: { ...base.policy, retentionSeconds },
    };
  });

export const conditionFacts: ConditionFacts = {
  services: [readyService],
  isProvisioned: true,
  isolation: "Isolated",
  obstacle: undefined,
  isPaused: false,
};

export const anyConditionFacts: fc.Arbitrary<ConditionFacts> = fc.record({
  services: fc.uniqueArray(anyService, { selector: ({ name }) => name, maxLength: 2 }),
  isProvisioned: fc.boolean(),
  isolation: fc.constantFrom("Isolated", "PolicyDrift", "Isolating"),
  obstacle: fc.constantFrom<Obstacle | undefined>(
    undefined,
    { reason: "NamespaceTerminating", message: "still being deleted" },
    { reason: "QuotaRefused", message: "exceeded quota" },
    { reason: "Provisioning", message: "no answer" },
  ),
  isPaused: fc.boolean(),
});
