import type { NewCondition } from "../../api/conditions.ts";
import { leaseConditions } from "../../api/lease-conditions.ts";
import { unseen } from "../../api/reason.ts";
import type { ComputeLease, ComputeLeaseStatus } from "../../api/types.gen.ts";
import type { LedgerLease, LedgerPoint } from "../../networks/driver.ts";
import { withConditions } from "../conditions.ts";
import { type ConditionFacts, leaseConditionsOf } from "./conditions.ts";
import type { Metering } from "./metering.ts";
import type { LeasePlan } from "./plan.ts";
import { earned } from "./settlement.ts";
import { isMissing } from "./succession.ts";

/** As many as the schema takes; older ones expire like uploads that nobody names. */
const MAX_REPLACED = 64;

export interface StatusFacts extends ConditionFacts {
  /** Whether the manifest of a hash is still kept. */
  hasUpload(hash: string): boolean;
  readonly point: LedgerPoint;
  readonly namespace: string;
  readonly endpoints: NonNullable<ComputeLeaseStatus["endpoints"]>;
  readonly nowSeconds: number;
  readonly nowMilliseconds: number;
}

/** The metering record that a lease's status holds; its billed seconds stand in `money`, written in the same breath. */
export function meteringOf({ status }: ComputeLease): Metering | undefined {
  if (status?.metering === undefined || status.money === undefined) return undefined;
  return { ...status.metering, billedSeconds: status.money.billedSeconds };
}

/** A status to apply: a field that is undefined is one to be given up. */
export type LeaseStatusUpdate = { [K in keyof ComputeLeaseStatus]: ComputeLeaseStatus[K] | undefined };

/** The whole status after a plan. One field manager owns it all, so it is given whole each time. */
export function leaseStatus(lease: ComputeLease, plan: LeasePlan, facts: StatusFacts): LeaseStatusUpdate {
  const before = lease.status ?? {};
  const { generation } = lease.metadata;
  const updates = leaseConditionsOf(plan, facts);
  const conditions = [...unseenConditions(before, updates), ...updates];
  const status: LeaseStatusUpdate = {
    ...before,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    observedBlock: observedBlock(lease, plan, facts),
    namespace: facts.namespace,
    conditions: withConditions(before.conditions, conditions, generation, facts.nowMilliseconds),
  };
  if (plan.metering !== undefined) {
    const { billedSeconds: _, ...metering } = plan.metering;
    status.metering = metering;
  }
  if (plan.kind === "active") return { ...status, ...activeFields(before, plan, facts) };
  if (plan.kind === "suspect") return status;
  if (plan.existence.kind === "void") return { ...status, close: closeOf(before, "Void", "Final", facts.nowSeconds) };
  const { reason, tier, entry } = plan.existence;
  return { ...status, money: moneyOf(entry), close: closeOf(before, reason, tier, facts.nowSeconds), services: [] };
}

/** Where the lease was first seen or, when it is not there, where it was found missing: what finality must have passed (law 3). */
function observedBlock(
  lease: ComputeLease,
  plan: LeasePlan,
  { point }: StatusFacts,
): ComputeLeaseStatus["observedBlock"] {
  const hasVanished = plan.kind === "suspect" && !isMissing(lease);
  const known = hasVanished ? undefined : lease.status?.observedBlock;
  return known ?? { number: point.number.toString(), hash: point.hash };
}

/** A lease that ended before its first pass has them too: every known type is there, Unknown at first (API conventions). */
function unseenConditions(before: ComputeLeaseStatus, updates: readonly NewCondition[]): readonly NewCondition[] {
  const seen = new Set([...(before.conditions ?? []), ...updates].map(({ type }) => type));
  const { status, meaning } = unseen.NotObserved;
  return Object.keys(leaseConditions)
    .filter((type) => !seen.has(type))
    .map((type) => ({ type, status, reason: "NotObserved", message: meaning }));
}

/** A reorganisation may bring back what ran before: its upload is kept until that can't be. */
function replacedBy(
  running: string,
  { manifest, replacedManifests = [] }: ComputeLeaseStatus,
  { hasUpload }: StatusFacts,
): string[] | undefined {
  const earlier = new Set([...replacedManifests, ...(manifest === undefined ? [] : [manifest.hash])]);
  const replaced = [...earlier].filter((hash) => hash !== running && hasUpload(hash));
  return replaced.length === 0 ? undefined : replaced.slice(-MAX_REPLACED);
}

function activeFields(
  before: ComputeLeaseStatus,
  plan: Extract<LeasePlan, { kind: "active" }>,
  facts: StatusFacts,
): Partial<LeaseStatusUpdate> {
  const { admission, manifest, funds } = plan;
  const running = manifest.kind === "accepted" ? manifest : manifest.previous;
  return {
    money: moneyOf(plan.entry),
    lastHeartbeatTime: new Date(plan.entry.lastHeartbeatSeconds * 1000).toISOString().replace(/\.\d+Z$/, "Z"),
    ...(admission.kind === "waiting" ? {} : { allocation: admission.allocation }),
    ...(running === undefined
      ? {}
      : {
          manifest: {
            hash: running.hash,
            services: [...running.manifest.services, ...running.manifest.jobs].map(({ name }) => name),
          },
          replacedManifests: replacedBy(running.hash, before, facts),
        }),
    services: facts.services.map(({ cause: _, kind: __, ...service }) => service),
    endpoints: facts.endpoints,
    close: undefined, // a close that the chain took back never was
    suspension: funds.kind === "exhausted" ? { sinceSeconds: funds.sinceSeconds } : undefined,
  };
}

function moneyOf(entry: LedgerLease): NonNullable<ComputeLeaseStatus["money"]> {
  return {
    fundedSeconds: entry.fundedSeconds,
    billedSeconds: entry.billedSeconds,
    deposit: entry.deposit.toString(),
    withdrawn: entry.withdrawn.toString(),
    earned: earned(entry).toString(),
  };
}

function closeOf(
  before: ComputeLeaseStatus,
  reason: string,
  tier: "Head" | "Final",
  nowSeconds: number,
): NonNullable<ComputeLeaseStatus["close"]> {
  return { reason, tier, atSeconds: before.close?.atSeconds ?? nowSeconds };
}
