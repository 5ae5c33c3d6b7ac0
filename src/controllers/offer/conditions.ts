import { type NewCondition, newCondition } from "../../api/conditions.ts";
import { isKeptFromSale } from "./isolation.ts";

/** What could keep an offer from being valid, as the cluster has it. */
export interface ValidationFacts {
  readonly networkRef: string;
  readonly hasNetwork: boolean;
  /** Names that the offer refers to and the cluster lacks. */
  readonly missingRuntimeClass: string | undefined;
  readonly missingStorageClass: string | undefined;
  readonly missingPriorityClass: string | undefined;
  /** Why the nodes that have the devices can't be sold: they share them. Undefined when any node can. */
  readonly sharing: string | undefined;
}

export interface CapacityFacts {
  /** Nodes that the offer may be sold from. */
  readonly nodes: number;
  /** Why nodes refuse, for the message, when none is left. */
  readonly refusals: string;
  /** Further units that the cluster could hold. */
  readonly placeableUnits: number;
  readonly leasedUnits: number;
  readonly maxUnits: number;
  readonly reserveUnits: number;
  /** What is really for sale: placeable, less the reserve, the cap and other offers' part of the same nodes. */
  readonly freeUnits: number;
}

export type PublicationState =
  | "Published"
  | "Publishing"
  | "Paused"
  | "NotValid"
  | "NotIsolated"
  | "NetworkNotReady"
  | "Retiring";

export function validated(facts: ValidationFacts): NewCondition {
  const condition = (reason: Parameters<typeof newCondition<"ComputeOffer", "Validated">>[2], message?: string) =>
    newCondition("ComputeOffer", "Validated", reason, message);
  if (!facts.hasNetwork) {
    return condition(
      "NetworkNotFound",
      `There is no ComputeNetwork ${facts.networkRef}; create it or correct spec.networkRef.`,
    );
  }
  if (facts.missingRuntimeClass !== undefined) {
    return condition(
      "RuntimeClassNotFound",
      `There is no RuntimeClass ${facts.missingRuntimeClass}; install it or correct spec.isolation.`,
    );
  }
  if (facts.missingStorageClass !== undefined) {
    return condition(
      "StorageClassNotFound",
      `There is no StorageClass ${facts.missingStorageClass}; create it or correct spec.storage.`,
    );
  }
  if (facts.missingPriorityClass !== undefined) {
    return condition(
      "PriorityClassNotFound",
      `There is no PriorityClass ${facts.missingPriorityClass}; create it or correct spec.scheduling.`,
    );
  }
  if (facts.sharing !== undefined) {
    return condition("ResourceNotExclusive", `${facts.sharing}; disable sharing there, shared GPUs are not sold.`);
  }
  return condition("Valid");
}

export function capacityAvailable(facts: CapacityFacts): NewCondition {
  const { freeUnits, placeableUnits, leasedUnits, maxUnits } = facts;
  if (freeUnits > 0) {
    const message = `${freeUnits} further ${freeUnits === 1 ? "unit is" : "units are"} for sale.`;
    return newCondition("ComputeOffer", "CapacityAvailable", "Available", message);
  }
  if (facts.nodes === 0) {
    return newCondition("ComputeOffer", "CapacityAvailable", "NoMatchingNodes", facts.refusals);
  }
  if (leasedUnits >= maxUnits || (placeableUnits === 0 && leasedUnits > 0)) {
    return newCondition(
      "ComputeOffer",
      "CapacityAvailable",
      "FullyLeased",
      `${leasedUnits} of at most ${maxUnits} units are leased.`,
    );
  }
  if (placeableUnits > 0 && placeableUnits <= facts.reserveUnits) {
    return newCondition("ComputeOffer", "CapacityAvailable", "Reserved");
  }
  return newCondition("ComputeOffer", "CapacityAvailable", "NoRoom", facts.refusals);
}

export function published(state: PublicationState): NewCondition {
  return newCondition("ComputeOffer", "Published", state);
}

/** Ready: a tenant can rent it now. */
export function readySummary(conditions: readonly NewCondition[]): NewCondition {
  const holds = (type: string): boolean => conditions.some((c) => c.type === type && c.status === "True");
  if (!holds("Validated")) return newCondition("ComputeOffer", "Ready", "NotValid");
  if (conditions.some((c) => c.type === "Isolated" && isKeptFromSale(c))) {
    return newCondition("ComputeOffer", "Ready", "NotIsolated");
  }
  if (!holds("Published")) return newCondition("ComputeOffer", "Ready", "NotPublished");
  return newCondition("ComputeOffer", "Ready", holds("CapacityAvailable") ? "Ready" : "NoCapacity");
}
