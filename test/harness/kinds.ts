import { computeLeases, computeNetworks, computeOffers } from "../../src/controllers/resources.ts";
import * as core from "../../src/kube/core.ts";
import type { Resource } from "../../src/kube/resource.ts";

/** What tests look at, by the names that kubectl takes. */
const resources = {
  clease: computeLeases,
  cnet: computeNetworks,
  coffer: computeOffers,
  configmap: core.configMaps,
  deployment: core.deployments,
  ingress: core.ingresses,
  limitrange: core.limitRanges,
  namespace: core.namespaces,
  networkpolicy: core.networkPolicies,
  pod: core.pods,
  pvc: core.persistentVolumeClaims,
  resourcequota: core.resourceQuotas,
  rolebinding: core.roleBindings,
  secret: core.secrets,
  service: core.services,
};

export type Kind = keyof typeof resources;

type Named<T> = T extends Resource<infer O> ? O : never;

/** The objects of a kind. */
export type ObjectOf<K extends Kind> = Named<(typeof resources)[K]>;

export const kinds: { readonly [K in Kind]: Resource<ObjectOf<K>> } = resources;
