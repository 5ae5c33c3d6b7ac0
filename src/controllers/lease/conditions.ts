import { type NewCondition, newCondition } from "../../api/conditions.ts";
import { annotations } from "../../api/names.ts";
import type { LeasePlan, ServiceState } from "./plan.ts";

/** What acting on the last pass's plan met, when it failed. */
export interface Obstacle {
  readonly reason: "NamespaceTerminating" | "QuotaRefused" | "Provisioning";
  readonly message: string;
}

export interface ConditionFacts {
  readonly services: readonly ServiceState[];
  /** All wanted objects stand in the cluster as they should. */
  readonly isProvisioned: boolean;
  /** The namespace, quota, limits and policies stand, were made to and do not any more, or are yet to be written. */
  readonly isolation: "Isolated" | "PolicyDrift" | "Isolating";
  readonly obstacle: Obstacle | undefined;
  readonly isPaused: boolean;
}

/** The conditions that explain a plan (law 10): every type, each time, in the order in which a person would ask. */
export function leaseConditionsOf(plan: LeasePlan, facts: ConditionFacts): readonly NewCondition[] {
  if (plan.kind === "suspect") {
    return [newCondition("ComputeLease", "Closed", "Suspect")]; // everything else stays as it was last known
  }
  if (plan.kind === "ended") return ended(plan);
  return [
    funded(plan.funds),
    manifestReady(plan.manifest),
    capacityReserved(plan),
    provisioned(plan, facts),
    newCondition("ComputeLease", "Isolated", facts.isolation),
    ready(plan, facts),
    suspended(plan.funds, facts.isPaused),
    newCondition("ComputeLease", "Closed", "Open"),
  ];
}

type Active = Extract<LeasePlan, { kind: "active" }>;

function funded(funds: Active["funds"]): NewCondition {
  if (funds.kind === "exhausted") return newCondition("ComputeLease", "Funded", "FundsExhausted");
  return newCondition("ComputeLease", "Funded", funds.kind === "warn" ? "RunwayLow" : "Funded");
}

function manifestReady(manifest: Active["manifest"]): NewCondition {
  if (manifest.kind === "accepted") return newCondition("ComputeLease", "ManifestReady", "ManifestAccepted");
  if (manifest.kind === "invalid") {
    return newCondition("ComputeLease", "ManifestReady", "ManifestInvalid", manifest.message);
  }
  const reason = manifest.previous === undefined ? "WaitingForManifest" : "ManifestHashMismatch";
  return newCondition("ComputeLease", "ManifestReady", reason, manifest.message);
}

function capacityReserved(plan: Active): NewCondition {
  const { admission } = plan;
  if (admission.kind !== "waiting") {
    const { node, units } = admission.allocation;
    const place = `${units} ${units === 1 ? "unit is" : "units are"} reserved on node ${node}`;
    const maintenance = maintenanceInWords(plan);
    if (maintenance === undefined) return newCondition("ComputeLease", "CapacityReserved", "Reserved", `${place}.`);
    return newCondition("ComputeLease", "CapacityReserved", "NodeMaintenance", `${place}, ${maintenance}.`);
  }
  const { lost, message } = admission;
  if (lost === undefined) return newCondition("ComputeLease", "CapacityReserved", "NoCapacity", message);
  return newCondition("ComputeLease", "CapacityReserved", "NodeLost", `node ${lost} no longer serves; ${message}`);
}

/** Undefined for a lease that has nothing to do with any: one that is just being moved neither. */
function maintenanceInWords({ admission, maintenance, entry }: Active): string | undefined {
  if (maintenance.kind === "none" || admission.kind === "placed") return undefined;
  if (maintenance.kind === "unreadable") {
    const announced = JSON.stringify(maintenance.announced);
    return `whose annotation ${annotations.maintenanceAt}, ${announced}, is no RFC 3339 time: no lease leaves for it`;
  }
  const begins = `which is to be maintained from ${timeOf(maintenance.atSeconds)} on`;
  if (entry.noticeEndsAtSeconds !== undefined) {
    return `${begins}; notice was given, and the lease ends at ${timeOf(entry.noticeEndsAtSeconds)}`;
  }
  if (admission.kind === "stranded") return `${begins}; it gets notice, as ${admission.message}`;
  return `${begins}; at ${timeOf(maintenance.dueAtSeconds)} it moves to another node, or gets notice if none holds it`;
}

/** As people write it: without fractions. */
function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

function provisioned(plan: Active, facts: ConditionFacts): NewCondition {
  if (plan.admission.kind === "waiting") return newCondition("ComputeLease", "Provisioned", "WaitingForCapacity");
  const { obstacle } = facts;
  if (obstacle !== undefined) return newCondition("ComputeLease", "Provisioned", obstacle.reason, obstacle.message);
  if (running(plan) === undefined) return newCondition("ComputeLease", "Provisioned", "WaitingForManifest");
  const homeless = facts.services.find(({ kind }) => kind === "Unschedulable");
  if (homeless !== undefined) {
    return newCondition("ComputeLease", "Provisioned", "Unschedulable", messageOf([homeless]));
  }
  return newCondition("ComputeLease", "Provisioned", facts.isProvisioned ? "Provisioned" : "Provisioning");
}

function ready(plan: Active, { services, isProvisioned }: ConditionFacts): NewCondition {
  if (plan.funds.kind === "exhausted") return newCondition("ComputeLease", "Ready", "Suspended");
  if (running(plan) === undefined || !isProvisioned || services.length === 0) {
    return newCondition("ComputeLease", "Ready", "NotProvisioned");
  }
  const failing = services.filter((service) => service.cause !== "none");
  if (failing.length === 0) return newCondition("ComputeLease", "Ready", "Ready");
  const reasons = ["ImagePullFailed", "CrashLoop"] as const;
  const reason = reasons.find((kind) => failing.some((service) => service.kind === kind));
  return newCondition("ComputeLease", "Ready", reason ?? "ContainersNotReady", messageOf(failing));
}

function messageOf(failing: ConditionFacts["services"]): string {
  return failing.map((s) => `${s.name}: ${s.message ?? `${s.ready} of ${s.desired} ready`}`).join("; ");
}

function suspended(funds: Active["funds"], isPaused: boolean): NewCondition {
  if (funds.kind === "exhausted") return newCondition("ComputeLease", "Suspended", "FundsExhausted");
  return newCondition("ComputeLease", "Suspended", isPaused ? "PausedByAdmin" : "NotSuspended");
}

function ended(plan: Extract<LeasePlan, { kind: "ended" }>): readonly NewCondition[] {
  const { existence } = plan;
  const reason = existence.kind === "void" ? "Void" : existence.reason;
  return [newCondition("ComputeLease", "Ready", "Closed"), newCondition("ComputeLease", "Closed", reason)];
}

function running(plan: Active): unknown {
  return plan.manifest.kind === "accepted" ? plan.manifest.manifest : plan.manifest.previous;
}
