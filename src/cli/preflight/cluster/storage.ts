import type { IStorageClass } from "kubernetes-models/storage.k8s.io/v1/StorageClass";
import { type Finding, ok, warn } from "../finding.ts";

const DEFAULT = "storageclass.kubernetes.io/is-default-class";

/** How many classes are the cluster's default. Tenants' volumes name theirs, so none is needed. Pure. */
export function defaultStorageFinding(classes: readonly Pick<IStorageClass, "metadata">[]): Finding {
  const check = "Default StorageClass";
  const names = classes
    .filter(({ metadata }) => metadata?.annotations?.[DEFAULT] === "true")
    .map(({ metadata }) => metadata?.name ?? "");
  const [only] = names;
  if (only === undefined) return ok(check, "none; tenants' volumes name their class");
  if (names.length === 1) return ok(check, only);
  return warn(check, `several: ${names.join(", ")}`, `leave the annotation ${DEFAULT} on one of them`);
}

/** One line on a class, as far as it concerns leases. */
export function describeClass({ metadata, volumeBindingMode, allowVolumeExpansion }: IStorageClass): string {
  const grows = allowVolumeExpansion === true ? "grows" : "does not grow";
  return `StorageClass ${metadata?.name} (${volumeBindingMode ?? "Immediate"}, ${grows})`;
}
