import type { Intent, LedgerLease } from "../../networks/driver.ts";
import type { FittedManifest } from "../../workload/manifest/fit.ts";
import type { FaultKind } from "../../workload/readiness/pod-fault.ts";
import { type AdmissionDecision, type AdmissionInput, decideAdmission } from "./admission.ts";
import type { Existence } from "./existence.ts";
import { decideFunds, type FundsDecision, type FundsPolicy } from "./funds.ts";
import { decideMaintenance, type MaintenanceDecision } from "./maintenance.ts";
import { decideManifest, type ManifestDecision, type ManifestState } from "./manifest.ts";
import { type Accrual, decideAccrual, type Metering, meter, servedSince } from "./metering.ts";
import { decideSettlement, type SettlementPolicy } from "./settlement.ts";

export interface ServiceState {
  readonly name: string;
  readonly desired: number;
  readonly ready: number;
  readonly message?: string;
  readonly cause: "none" | "tenant" | "provider";
  readonly kind?: FaultKind;
}

/** Everything that a decision about one lease may look at, gathered at one moment. */
export interface LeaseFacts {
  readonly existence: Existence;
  readonly nowSeconds: number;
  readonly admission: Omit<AdmissionInput, "nowSeconds" | "mustLeave">;
  readonly maintenance: {
    /** What its node's annotation says. */
    readonly announced: string | undefined;
    /** Of the terms that the lease was sold on. */
    readonly noticeSeconds: number;
  };
  readonly acceptedManifestHash: string | undefined;
  readonly resolveManifest: (hash: string) => ManifestState;
  /** Readiness of the services of the manifest that runs; empty before anything does. */
  readonly services: readonly ServiceState[];
  readonly metering: Metering | undefined;
  readonly exhaustedSinceSeconds: number | undefined;
  readonly isEndWanted: boolean;
  readonly closedAtSeconds: number | undefined;
  readonly policy: {
    readonly funds: FundsPolicy;
    readonly settlement: SettlementPolicy;
    readonly retentionSeconds: number;
  };
}

/** What shall stand in the cluster for a lease. */
export type Desired =
  | {
      readonly kind: "workload";
      readonly node: string;
      readonly manifest: FittedManifest | undefined;
      readonly manifestHash: string | undefined;
      readonly isSuspended: boolean;
    }
  /** Nothing is decided now: what stands, stands. */
  | { readonly kind: "keep" }
  /** `manifests`: an opening that a reorganisation took back may be sent again, and names the same upload. */
  | { readonly kind: "gone"; readonly manifests: "Keep" | "Delete" };

export type LeasePlan =
  | {
      readonly kind: "active";
      readonly entry: LedgerLease;
      readonly admission: AdmissionDecision;
      readonly maintenance: MaintenanceDecision;
      readonly manifest: ManifestDecision;
      readonly funds: FundsDecision;
      readonly accrual: Accrual;
      readonly metering: Metering;
      readonly intents: readonly Intent[];
      readonly desired: Desired;
      readonly requeueAfterSeconds: number | undefined;
    }
  | { readonly kind: "suspect"; readonly metering: Metering | undefined; readonly desired: Desired }
  | {
      readonly kind: "ended";
      readonly existence: Exclude<Existence, { kind: "active" | "suspect" }>;
      readonly metering: Metering | undefined;
      readonly desired: Desired;
      readonly requeueAfterSeconds: number | undefined;
    };

/** Decides everything about one lease from what was gathered. Pure but for `place`, which only reads the inventory. */
export function planLease(facts: LeaseFacts): LeasePlan {
  const { existence } = facts;
  if (existence.kind === "active") return planActive(facts, existence.entry);
  const metering = stopped(facts.metering, facts.nowSeconds);
  if (existence.kind === "suspect") return { kind: "suspect", metering, desired: { kind: "keep" } };
  return { kind: "ended", existence, metering, ...planEnd(facts, existence) };
}

function planActive(facts: LeaseFacts, entry: LedgerLease): LeasePlan {
  const { nowSeconds } = facts;
  const maintenance = decideMaintenance({ ...facts.maintenance, nowSeconds });
  // A notice can't be taken back, so who has one stays to its end.
  const mustLeave = maintenance.kind === "due" && entry.noticeEndsAtSeconds === undefined;
  const admission = decideAdmission({ ...facts.admission, mustLeave, nowSeconds });
  const manifest = decideManifest(entry.manifestHash, facts.acceptedManifestHash, facts.resolveManifest);
  const running = manifest.kind === "accepted" ? manifest : manifest.previous;
  const observed = meter(facts.metering, entry, facts.metering?.accruing ?? false, nowSeconds);
  const unbilledSeconds = servedSince(observed, nowSeconds);
  const { exhaustedSinceSeconds } = facts;
  const funds = decideFunds({ entry, unbilledSeconds, exhaustedSinceSeconds, nowSeconds }, facts.policy.funds);
  const isSuspended = funds.kind === "exhausted";
  const isHeld = admission.kind !== "waiting";
  const cause = running === undefined ? "tenant" : causeOf(facts.services);
  const accrual = decideAccrual({ isActive: true, isHeld, isSuspended, cause });
  const metering = meter(facts.metering, entry, accrual.accrues, nowSeconds);
  const { isEndWanted } = facts;
  const end = { entry, funds, admission, isEndWanted, unbilledSeconds, nowSeconds };
  const intents = decideSettlement(end, facts.policy.settlement);
  const desired: Desired =
    admission.kind === "waiting"
      ? { kind: "keep" }
      : {
          kind: "workload",
          node: admission.allocation.node,
          manifest: running?.manifest,
          manifestHash: running?.hash,
          isSuspended,
        };
  const requeueAfterSeconds = soonest([
    funds.kind === "exhausted"
      ? funds.graceLeftSeconds
      : runwayStep(funds.runwaySeconds, facts.policy.funds.warnSeconds),
    entry.noticeEndsAtSeconds === undefined ? undefined : entry.noticeEndsAtSeconds - nowSeconds,
    maintenance.kind === "announced" ? maintenance.dueAtSeconds - nowSeconds : undefined,
    admission.kind === "waiting"
      ? Math.max(1, facts.admission.timeoutSeconds - facts.admission.waitedSeconds)
      : undefined,
  ]);
  return {
    kind: "active",
    entry,
    admission,
    maintenance,
    manifest,
    funds,
    accrual,
    metering,
    intents,
    desired,
    requeueAfterSeconds,
  };
}

/** Closed at the head scales to zero; closed at finality removes objects once the promised retention is over (law 2). */
function planEnd(
  facts: LeaseFacts,
  existence: Exclude<Existence, { kind: "active" | "suspect" }>,
): { desired: Desired; requeueAfterSeconds: number | undefined } {
  if (existence.kind === "void")
    return { desired: { kind: "gone", manifests: "Keep" }, requeueAfterSeconds: undefined };
  const endedForSeconds = facts.nowSeconds - (facts.closedAtSeconds ?? facts.nowSeconds);
  const leftSeconds = Math.max(0, facts.policy.retentionSeconds - endedForSeconds);
  const isFinal = existence.tier === "Final";
  if (isFinal && leftSeconds === 0)
    return { desired: { kind: "gone", manifests: "Delete" }, requeueAfterSeconds: undefined };
  const { allocation } = facts.admission;
  const running =
    facts.acceptedManifestHash === undefined ? undefined : facts.resolveManifest(facts.acceptedManifestHash);
  const desired: Desired =
    allocation === undefined || running?.kind !== "accepted"
      ? { kind: "keep" }
      : {
          kind: "workload",
          node: allocation.node,
          manifest: running.manifest,
          manifestHash: running.hash,
          isSuspended: true,
        };
  return { desired, requeueAfterSeconds: isFinal ? leftSeconds : undefined };
}

/** The provider's part counts before the tenant's: while anything is ours to mend, nothing accrues. */
function causeOf(services: readonly ServiceState[]): ServiceState["cause"] {
  if (services.length === 0 || services.some((service) => service.cause === "provider")) return "provider";
  return services.some((service) => service.cause === "tenant") ? "tenant" : "none";
}

function stopped(metering: Metering | undefined, nowSeconds: number): Metering | undefined {
  if (metering === undefined || !metering.accruing) return metering;
  const sinceSeconds = Math.max(metering.sinceSeconds, nowSeconds);
  return { ...metering, servedSeconds: servedSince(metering, sinceSeconds), sinceSeconds, accruing: false };
}

function runwayStep(runwaySeconds: number, warnSeconds: number): number {
  return runwaySeconds > warnSeconds ? runwaySeconds - warnSeconds : runwaySeconds;
}

function soonest(seconds: readonly (number | undefined)[]): number | undefined {
  const known = seconds.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(1, Math.min(...known));
}
