import { announcedMaintenance, isPaused } from "../../api/names.ts";
import type { ComputeLease, ComputeOffer } from "../../api/types.gen.ts";
import { describeUnplaceable } from "../../inventory/placement.ts";
import type { Shape } from "../../inventory/shape.ts";
import type { Clock } from "../../kube/clock.ts";
import { conditionOf } from "../../kube/conditions.ts";
import type { LedgerLease, Snapshot } from "../../networks/driver.ts";
import { byLease, type Informers } from "../informers.ts";
import { type FedInventory, sandboxOf } from "../inventory/feed.ts";
import type { Ledger } from "../network/ledger.ts";
import type { Allocation, Placement } from "./admission.ts";
import { decideExistence } from "./existence.ts";
import type { ManifestState } from "./manifest.ts";
import type { Manifests } from "./manifests.ts";
import type { LeaseFacts, ServiceState } from "./plan.ts";
import { meteringOf } from "./status.ts";
import { entriesOf, isMissing } from "./succession.ts";

export interface GatherSources {
  readonly informers: Informers;
  readonly supply: FedInventory;
  readonly manifests: Manifests;
  readonly clock: Clock;
}

export interface GatheredLease {
  readonly lease: ComputeLease;
  readonly offer: ComputeOffer;
  readonly ledger: Ledger;
  readonly head: Snapshot;
}

/**
 * Gathers everything that a decision about one lease looks at. Reads caches only, but for a manifest that they lack, which is
 * asked of the API server; that and opening manifests are all that is awaited.
 */
export async function gatherLease(
  sources: GatherSources,
  gathered: GatheredLease,
  observeServices: (running: ManifestState | undefined) => readonly ServiceState[],
): Promise<LeaseFacts> {
  const { informers, manifests } = sources;
  const { lease, offer, ledger, head } = gathered;
  const { units } = lease.spec;
  const sandbox = sandboxOf(informers, offer);
  const leased = { offer: offer.spec, units, ...(sandbox === undefined ? {} : { sandbox }) };
  const { head: entry, final } = entriesOf(lease, { head, final: ledger.final });
  const acceptedHash = lease.status?.manifest?.hash;
  const states = new Map<string, ManifestState>();
  for (const hash of new Set([entry?.manifestHash, acceptedHash])) {
    if (entry === undefined || hash === undefined) continue;
    states.set(hash, await manifests.resolve(hash, entry, leased, ledger));
  }
  const resolve = (hash: string): ManifestState => states.get(hash) ?? { kind: "missing", hash };
  const accepted = acceptedHash === undefined ? undefined : resolve(acceptedHash);
  const wanted = entry === undefined ? undefined : resolve(entry.manifestHash);
  const missingAt = isMissing(lease) ? lease.status?.observedBlock?.number : undefined;
  const { terms } = offer.spec;
  return {
    existence: decideExistence({
      head: entry,
      final,
      finalPoint: ledger.final?.point,
      missingAtBlock: missingAt === undefined ? undefined : BigInt(missingAt),
    }),
    nowSeconds: ledger.nowSeconds(),
    admission: admissionFacts(sources, gathered),
    maintenance: maintenanceFacts(sources, gathered),
    acceptedManifestHash: acceptedHash,
    resolveManifest: resolve,
    services: observeServices(wanted?.kind === "accepted" ? wanted : accepted),
    metering: meteringOf(lease),
    exhaustedSinceSeconds: lease.status?.suspension?.sinceSeconds,
    isEndWanted: lease.metadata.deletionTimestamp !== undefined,
    closedAtSeconds: lease.status?.close?.atSeconds,
    policy: {
      funds: { warnSeconds: runwayWarning(entry), graceSeconds: terms.unfundedGraceSeconds },
      settlement: settlementPolicy(informers, lease),
      retentionSeconds: terms.retentionSeconds ?? 0,
    },
  };
}

function admissionFacts(
  { informers, supply, clock }: GatherSources,
  { lease, offer, ledger }: GatheredLease,
): LeaseFacts["admission"] {
  const name = lease.metadata.name ?? "";
  const { inventory } = supply;
  const { units } = lease.spec;
  const shape = supply.shape(offer);
  const allocation = lease.status?.allocation ?? heldAllocation(supply, name, ledger);
  const node = allocation && informers.nodes.store.get(allocation.node);
  const fits = allocation === undefined || inventory.holds({ node: allocation.node, shape });
  return {
    allocation,
    // A cordon alone disturbs nobody; once the lease's pods are evicted (a drain), they could not come back.
    nodeProblem: fits ? (node?.spec?.unschedulable === true ? "cordoned" : undefined) : "no longer fits",
    hasPodsOnNode: informers.pods.store
      .byIndex(byLease, name)
      .some((pod) => pod.spec?.nodeName === allocation?.node && pod.metadata?.deletionTimestamp === undefined),
    isNodeGone: allocation !== undefined && node === undefined,
    units,
    waitedSeconds: waitedSeconds(lease, clock),
    timeoutSeconds: offer.spec.terms.provisioningTimeoutSeconds ?? 900,
    place: (): Placement => {
      inventory.release(name); // what the lease held before is not in its own way
      const placement = inventory.place(shape, units);
      if (placement.kind === "placed") return placement;
      return { kind: "unplaceable", message: describeUnplaceable(placement.reasons, units) };
    },
    isRoomInDoubt: () =>
      informers.leases.store.list().some((other) => isMissing(other) && isServed(other, supply, shape)),
  };
}

/** Whether a lease has a node that units of a shape may be sold from. */
function isServed({ status }: ComputeLease, { inventory }: FedInventory, shape: Shape): boolean {
  const node = status?.allocation?.node;
  return node !== undefined && inventory.holds({ node, shape });
}

/** A lease that is paused is left where it is. */
function maintenanceFacts(
  { informers, supply }: GatherSources,
  { lease, offer, ledger, head }: GatheredLease,
): LeaseFacts["maintenance"] {
  const allocation = lease.status?.allocation ?? heldAllocation(supply, lease.metadata.name ?? "", ledger);
  const node = allocation && informers.nodes.store.get(allocation.node);
  return {
    announced: node === undefined || isPaused(lease) ? undefined : announcedMaintenance(node),
    noticeSeconds: head.offers.get(lease.spec.offerId)?.terms.noticeSeconds ?? offer.spec.terms.noticeSeconds,
  };
}

/** A reservation made in this process whose status the cache does not show yet. */
function heldAllocation({ inventory }: FedInventory, lease: string, ledger: Ledger): Allocation | undefined {
  const held = inventory.reservation(lease);
  return held === undefined ? undefined : { node: held.node, units: held.units, timeSeconds: ledger.nowSeconds() };
}

/** How long the lease has been without a place; 0 when it had one until now. */
function waitedSeconds({ metadata, status }: ComputeLease, clock: Clock): number {
  const reserved = conditionOf(status?.conditions, "CapacityReserved");
  if (reserved?.status === "True") return 0;
  const since = reserved?.status === "False" ? reserved.lastTransitionTime : metadata.creationTimestamp;
  return since === undefined ? 0 : Math.max(0, (clock.now() - Date.parse(since)) / 1000);
}

/** Two heartbeat windows: time to see the warning and to top up before anything stops. */
function runwayWarning(entry: LedgerLease | undefined): number {
  return 2 * (entry?.heartbeatWindowSeconds ?? 0);
}

function settlementPolicy({ networks }: Informers, lease: ComputeLease): LeaseFacts["policy"]["settlement"] {
  const settlement = networks.store.get(lease.spec.networkRef.name)?.spec.settlement;
  return {
    minOwed: settlement?.minOwed === undefined ? undefined : BigInt(settlement.minOwed),
    maxIntervalSeconds: settlement?.maxIntervalSeconds ?? 604_800,
  };
}
