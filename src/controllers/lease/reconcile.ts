import { findCondition, newCondition } from "../../api/conditions.ts";
import { isPaused, leaseNamespace } from "../../api/names.ts";
import type { ComputeLease, ComputeOffer } from "../../api/types.gen.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { Result } from "../../kube/controller.ts";
import { Forbidden, ForbiddenQuota, Invalid } from "../../kube/errors.ts";
import { applyStatus } from "../../kube/status.ts";
import type { Snapshot } from "../../networks/driver.ts";
import { buildLeaseObjects, type LeaseObjects } from "../../workload/objects/build.ts";
import type { IsolationSettings } from "../../workload/objects/context.ts";
import { withConditions } from "../conditions.ts";
import type { Explain } from "../explain.ts";
import { sandboxOf } from "../inventory/feed.ts";
import { leaseIntentKey, leaseIntents } from "../network/intents.ts";
import type { Ledger, Ledgers } from "../network/ledger.ts";
import { computeLeases } from "../resources.ts";
import type { ConditionFacts, Obstacle } from "./conditions.ts";
import { type GatherSources, gatherLease } from "./gather.ts";
import { type ObservedObjects, observeObjects, writeObjects } from "./objects.ts";
import { type Desired, type LeaseFacts, type LeasePlan, planLease } from "./plan.ts";
import { observeServices } from "./services.ts";
import { leaseStatus } from "./status.ts";
import { teardown } from "./teardown.ts";
import { deleteUploads, endedUploads, replacedUploads } from "./uploads.ts";

export interface LeaseDependencies extends GatherSources {
  readonly client: KubeClient;
  readonly ledgers: Ledgers;
  readonly isolation: IsolationSettings;
  readonly explain: Explain;
}

interface Subject {
  readonly lease: ComputeLease;
  readonly offer: ComputeOffer;
  readonly ledger: Ledger;
  readonly head: Snapshot;
}

/** While a network or an offer is not there, nothing is known, so nothing is done (laws 1, 4). */
const LOOK_AGAIN_SECONDS = 10;

/**
 * One lease, one pass: gather → decide → reserve → write the status → make the cluster and the network agree. The status goes
 * first, so that a restart in the middle finds where the lease was placed.
 */
export class LeaseReconciler {
  readonly #deps: LeaseDependencies;
  /** What the last act met, for the next pass to explain. */
  readonly #obstacles = new Map<string, Obstacle>();
  readonly #built = new Map<string, { readonly input: readonly unknown[]; readonly objects: LeaseObjects }>();
  /** Version of the last status written: until the cache has seen it, a decision would rest on the past (KEP-5647). */
  readonly #written = new Map<string, bigint>();

  constructor(dependencies: LeaseDependencies) {
    this.#deps = dependencies;
  }

  async reconcile(name: string, signal: AbortSignal): Promise<Result | undefined> {
    const { informers, ledgers } = this.#deps;
    const lease = informers.leases.store.get(name);
    if (lease === undefined) return this.#forget(name);
    if (this.#isBehind(name, lease)) return undefined; // the cache's own update brings the key back
    const ledger = ledgers.get(lease.spec.networkRef.name);
    const head = ledger?.head;
    const offer = informers.offers.store.get(lease.spec.offerRef.name);
    if (ledger === undefined || head === undefined || !ledger.hasSynced()) {
      return { requeueAfterSeconds: LOOK_AGAIN_SECONDS };
    }
    if (offer === undefined) return this.#explainOrphan(lease, signal);
    return this.#pass({ lease, offer, ledger, head }, signal);
  }

  async #pass(subject: Subject, signal: AbortSignal): Promise<Result | undefined> {
    const { lease } = subject;
    const facts = await gatherLease(this.#deps, subject, (running) =>
      observeServices(this.#deps.informers, lease, running),
    );
    const plan = planLease(facts);
    this.#reserve(subject, plan); // at once, before anything is awaited: no other lease may be given the same units
    const objects = this.#objects(subject, plan.desired);
    const observed = objects && observeObjects(this.#deps.informers, lease.metadata.name ?? "", objects);
    await this.#writeStatus(subject, plan, facts, objects, observed, signal);
    this.#submit(subject, plan);
    if (plan.desired.kind === "gone" && !isPaused(lease)) await this.#end(subject, plan.desired.manifests, signal);
    else if (!isPaused(lease)) await this.#act(subject, objects, observed, signal);
    const seconds = plan.kind === "suspect" ? LOOK_AGAIN_SECONDS : plan.requeueAfterSeconds;
    return seconds === undefined ? undefined : { requeueAfterSeconds: seconds };
  }

  #reserve({ lease, offer }: Subject, plan: LeasePlan): void {
    const { inventory, shape } = this.#deps.supply;
    const name = lease.metadata.name ?? "";
    if (plan.kind === "ended") inventory.release(name); // its pods count until they are gone
    if (plan.kind !== "active" || plan.admission.kind === "waiting") return;
    const { node, units } = plan.admission.allocation;
    const held = inventory.reservation(name);
    if (held?.node === node && held.units === units) return;
    inventory.reserve({ lease: name, node, units, shape: shape(offer) });
  }

  /** Built once for the same input: most passes change nothing, and building and hashing is most of what such a pass costs. */
  #objects({ lease, offer }: Subject, desired: Desired): LeaseObjects | undefined {
    if (desired.kind !== "workload") return undefined;
    const { networkRef, leaseId, offerRef, tenant, units } = lease.spec;
    const name = lease.metadata.name ?? "";
    const { manifest, manifestHash, node, isSuspended } = desired; // of what runs: a newer one that is invalid must not restart anything
    const leaseUid = lease.metadata.uid ?? "";
    const sandbox = sandboxOf(this.#deps.informers, offer);
    const { uid, generation } = offer.metadata; // not the object: each write of its status makes another
    const input = [uid, generation, manifest, manifestHash, node, isSuspended, leaseUid, tenant, sandbox];
    const known = this.#built.get(name);
    if (known?.input.every((part, i) => part === input[i])) return known.objects;
    const identity = { network: networkRef.name, leaseId, offer: offerRef.name, tenant, units };
    const objects = buildLeaseObjects({
      lease: manifestHash === undefined ? identity : { ...identity, manifestHash },
      leaseUid,
      offer: offer.spec,
      ...(manifest === undefined ? {} : { manifest }),
      node,
      suspended: isSuspended,
      isolation: this.#deps.isolation,
      ...(sandbox === undefined ? {} : { sandbox }),
    });
    this.#built.set(name, { input, objects });
    return objects;
  }

  async #writeStatus(
    { lease, head }: Subject,
    plan: LeasePlan,
    facts: LeaseFacts,
    objects: LeaseObjects | undefined,
    observed: ObservedObjects | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, clock, explain } = this.#deps;
    const { networkRef, leaseId } = lease.spec;
    const obstacle =
      observed?.isNamespaceTerminating === true ? terminating : this.#obstacles.get(lease.metadata.name ?? "");
    const status = leaseStatus(lease, plan, {
      point: head.point,
      namespace: leaseNamespace(networkRef.name, leaseId),
      services: facts.services,
      endpoints: objects === undefined ? (lease.status?.endpoints ?? []) : [...objects.endpoints],
      isProvisioned: observed !== undefined && observed.missing.isolation + observed.missing.workload === 0,
      isolation: isolationOf(lease, observed),
      obstacle,
      isPaused: isPaused(lease),
      hasUpload: (hash) => this.#deps.manifests.upload(hash) !== undefined,
      nowSeconds: facts.nowSeconds,
      nowMilliseconds: clock.now(),
    });
    const written = await applyStatus(client, computeLeases, lease, status, { fieldManager: "berthage", signal });
    this.#written.set(lease.metadata.name ?? "", versionOf(written));
    explain({ ...lease, kind: computeLeases.kind }, lease.status?.conditions, status.conditions ?? []);
  }

  /** Wishes for the network. What is no longer wished is taken back, so that a wish never outlives its reason. */
  #submit({ lease, ledger }: Subject, plan: LeasePlan): void {
    const { leaseId } = lease.spec;
    const wishes = new Map(
      (plan.kind === "active" ? plan.intents : []).map((i) => [leaseIntentKey(leaseId, i.kind), i]),
    );
    for (const [key, intent] of wishes) ledger.submit(key, intent);
    ledger.withdraw(leaseIntents(leaseId), new Set(wishes.keys()));
  }

  async #end({ lease, ledger }: Subject, uploads: "Keep" | "Delete", signal: AbortSignal): Promise<void> {
    const unused = uploads === "Keep" ? [] : endedUploads(this.#deps, lease, ledger);
    await teardown(this.#deps, lease, unused, signal);
  }

  async #act(
    { lease, ledger }: Subject,
    objects: LeaseObjects | undefined,
    observed: ObservedObjects | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, informers, clock } = this.#deps;
    const name = lease.metadata.name ?? "";
    await deleteUploads(this.#deps, replacedUploads(this.#deps, lease, ledger), signal);
    if (objects === undefined || observed === undefined || observed.isNamespaceTerminating) return;
    try {
      await writeObjects({ client, informers, clock }, objects, observed.surplus, signal);
      this.#obstacles.delete(name);
    } catch (error) {
      this.#obstacles.set(name, obstacleOf(error));
      throw error;
    }
  }

  /** Its offer was removed by force: what stands, stands, until somebody applies the offer again. */
  async #explainOrphan(lease: ComputeLease, signal: AbortSignal): Promise<Result> {
    const { client, clock } = this.#deps;
    const { generation } = lease.metadata;
    const orphaned = newCondition("ComputeLease", "CapacityReserved", "OfferNotFound");
    const conditions = withConditions(lease.status?.conditions, [orphaned], generation, clock.now());
    const status = { ...lease.status, conditions };
    await applyStatus(client, computeLeases, lease, status, { fieldManager: "berthage", signal });
    return { requeueAfterSeconds: LOOK_AGAIN_SECONDS };
  }

  #isBehind(name: string, lease: ComputeLease): boolean {
    return versionOf(lease) < (this.#written.get(name) ?? 0n);
  }

  #forget(name: string): undefined {
    this.#obstacles.delete(name);
    this.#written.delete(name);
    this.#built.delete(name);
    this.#deps.supply.inventory.release(name);
  }
}

/** Versions of one kind are comparable numbers (KEP-5504). */
function versionOf({ metadata }: ComputeLease): bigint {
  return BigInt(metadata.resourceVersion ?? "0");
}

/** What is missing has drifted only where it once stood. */
function isolationOf(lease: ComputeLease, observed: ObservedObjects | undefined): ConditionFacts["isolation"] {
  if (observed === undefined || observed.missing.isolation === 0) return "Isolated";
  const before = findCondition(lease, "Isolated")?.reason;
  return before === "Isolated" || before === "PolicyDrift" ? "PolicyDrift" : "Isolating";
}

const terminating: Obstacle = {
  reason: "NamespaceTerminating",
  message: "A namespace of the same name is still being deleted; look for finalizers in it.",
};

function obstacleOf(error: unknown): Obstacle {
  const message = error instanceof Error ? error.message : String(error);
  const isRefused = error instanceof ForbiddenQuota || error instanceof Forbidden || error instanceof Invalid;
  return { reason: isRefused ? "QuotaRefused" : "Provisioning", message };
}
