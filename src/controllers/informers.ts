import { manifestHashesOf } from "../api/manifest-hashes.ts";
import { isLeaseId, isNetworkName, labels, leaseNamespace, leaseObjectName, managedBy } from "../api/names.ts";
import type { ComputeLease } from "../api/types.gen.ts";
import type { KubeClient } from "../kube/client.ts";
import * as core from "../kube/core.ts";
import { Informer, type InformerOptions } from "../kube/informer.ts";
import { withoutImages } from "../kube/projection.ts";
import type { KubeObject, Resource } from "../kube/resource.ts";
import { computeLeases, computeNetworks, computeOffers } from "./resources.ts";

/** Index of everything that belongs to a lease, by the ComputeLease's name. */
export const byLease = "lease";
/** Index of leases by ComputeOffer name. */
export const byOffer = "offer";
/** Index of leases by the hashes of the manifests that they name, run or ran. */
export const byManifest = "manifest";
/** Index by ComputeNetwork name. */
export const byNetwork = "network";

/**
 * The ComputeLease's name for an object that carries the lease labels in the lease's namespace, or is that namespace. Labels
 * alone prove nothing: everybody may write them on objects of their own, elsewhere.
 */
export function leaseNameOf({ metadata }: KubeObject): string | undefined {
  const network = metadata?.labels?.[labels.network] ?? "";
  const id = metadata?.labels?.[labels.lease] ?? "";
  if (!isNetworkName(network) || !isLeaseId(id)) return undefined;
  const isThere = (metadata?.namespace ?? metadata?.name) === leaseNamespace(network, id);
  return isThere ? leaseObjectName(network, id) : undefined;
}

const leaseIndex = (object: KubeObject): readonly string[] => {
  const name = leaseNameOf(object);
  return name === undefined ? [] : [name];
};

/** Kinds that a lease's namespace may hold and that are kept in a cache. Secrets are not: the operator can't list them. */
const otherKinds: readonly Resource<KubeObject>[] = [
  core.roleBindings,
  core.resourceQuotas,
  core.limitRanges,
  core.networkPolicies,
  core.services,
  core.persistentVolumeClaims,
  core.ingresses,
];

/** Every kind that the operator writes below a namespace. */
export const writableKinds: readonly Resource<KubeObject>[] = [
  ...otherKinds,
  core.deployments,
  core.jobs,
  core.secrets,
];

/** The cluster as the operator sees it: one cache a kind. */
export type Informers = ReturnType<typeof createInformers>;

export function createInformers(
  client: KubeClient,
  operatorNamespace: string,
  options: Pick<InformerOptions<KubeObject>, "logger" | "metrics">,
) {
  const managed = { ...options, labelSelector: `${labels.managedBy}=${managedBy}` };
  const indexed = { ...managed, indexers: { [byLease]: leaseIndex } };
  const deployments = new Informer(client, core.deployments, indexed);
  const jobs = new Informer(client, core.jobs, indexed);
  const others = otherKinds.map((kind) => new Informer<KubeObject>(client, kind, indexed));
  return {
    networks: new Informer(client, computeNetworks, options),
    offers: new Informer(client, computeOffers, {
      ...options,
      indexers: { [byNetwork]: (offer) => [offer.spec.networkRef.name] },
    }),
    leases: new Informer(client, computeLeases, {
      ...options,
      indexers: {
        [byNetwork]: (lease: ComputeLease) => [lease.spec.networkRef.name],
        [byOffer]: (lease: ComputeLease) => [lease.spec.offerRef.name],
        [byManifest]: manifestHashesOf,
      },
    }),
    nodes: new Informer(client, core.nodes, { ...options, transform: withoutImages }),
    pods: new Informer(client, core.pods, { ...options, indexers: { [byLease]: leaseIndex } }),
    namespaces: new Informer(client, core.namespaces, { ...managed, indexers: { [byLease]: leaseIndex } }),
    manifests: new Informer(client, core.configMaps, { ...managed, namespace: operatorNamespace }),
    runtimeClasses: new Informer(client, core.runtimeClasses, options),
    storageClasses: new Informer(client, core.storageClasses, options),
    priorityClasses: new Informer(client, core.priorityClasses, options),
    deployments,
    jobs,
    /** Everything that may stand in a lease's namespace. */
    owned: [deployments, jobs, ...others],
  };
}

/** What running and waiting need of an informer, whatever its kind. */
export type AnyInformer = Pick<
  Informer<KubeObject>,
  "run" | "hasSynced" | "synced" | "lastEventAgeSeconds" | "resource"
>;

/** Every informer, to run them and to wait for them. */
export function allInformers({ owned, ...single }: Informers): readonly AnyInformer[] {
  return [...new Set<AnyInformer>([...Object.values(single), ...owned])];
}
