import type { ComputeOffer } from "../../api/types.gen.ts";
import { isSharingRefusal } from "../../inventory/device-class.ts";
import type { Informers } from "../informers.ts";
import type { FedInventory } from "../inventory/feed.ts";
import type { ValidationFacts } from "./conditions.ts";

/** Looks up what an offer names. */
export function validationFacts(informers: Informers, supply: FedInventory, offer: ComputeOffer): ValidationFacts {
  const { networkRef, isolation, storage, scheduling } = offer.spec;
  const lacks = (kind: "runtimeClasses" | "storageClasses" | "priorityClasses", name: string | undefined) =>
    name !== undefined && informers[kind].store.get(name) === undefined ? name : undefined;
  const storageClasses = storage?.classes.map(({ storageClassName }) => storageClassName) ?? [];
  return {
    networkRef: networkRef.name,
    hasNetwork: informers.networks.store.get(networkRef.name) !== undefined,
    missingRuntimeClass: lacks("runtimeClasses", isolation?.runtimeClassName),
    missingStorageClass: storageClasses.find((name) => lacks("storageClasses", name) !== undefined),
    missingPriorityClass: lacks("priorityClasses", scheduling?.priorityClassName),
    sharing: sharingOf(supply, offer),
  };
}

/** Told only where no node can be sold: a cluster may share some of its GPUs and sell the others. */
function sharingOf({ inventory, shape }: FedInventory, offer: ComputeOffer): string | undefined {
  const wanted = shape(offer);
  if (inventory.capacity(wanted).nodes > 0) return undefined;
  const placement = inventory.place(wanted, 1);
  const shared = placement.kind === "placed" ? [] : placement.reasons.filter(({ reason }) => isSharingRefusal(reason));
  const [first] = shared;
  return first === undefined ? undefined : `${first.node ?? `${first.count} nodes`}: ${first.reason}`;
}
