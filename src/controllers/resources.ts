import { group, version } from "../api/names.ts";
import type { ComputeLease, ComputeNetwork, ComputeOffer } from "../api/types.gen.ts";
import { resource } from "../kube/resource.ts";

/** The custom resources, as the Kubernetes runtime addresses them. */
export const computeNetworks = resource<ComputeNetwork>({
  group,
  version,
  plural: "computenetworks",
  kind: "ComputeNetwork",
  namespaced: false,
});
export const computeOffers = resource<ComputeOffer>({
  group,
  version,
  plural: "computeoffers",
  kind: "ComputeOffer",
  namespaced: false,
});
export const computeLeases = resource<ComputeLease>({
  group,
  version,
  plural: "computeleases",
  kind: "ComputeLease",
  namespaced: false,
});
