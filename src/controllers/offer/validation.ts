import type { ComputeOffer } from "../../api/types.gen.ts";
import type { Informers } from "../informers.ts";
import type { ValidationFacts } from "./conditions.ts";

/** Looks up what an offer names. */
export function validationFacts(informers: Informers, offer: ComputeOffer): ValidationFacts {
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
  };
}
