import type { INamespace } from "kubernetes-models/v1/Namespace";
import { apiVersion, leaseObjectName } from "../../api/names.ts";
import type { Context } from "./context.ts";

/** Pinned: a newer level of Pod Security is taken on with its own tests, not with a cluster upgrade. */
export const podSecurityVersion = "v1.36";

const levels = ["enforce", "audit", "warn"] as const;

/** The lease's namespace. The ComputeLease owns it, so that Kubernetes' garbage collection is the teardown. */
export function buildNamespace({ lease, leaseUid, namespace, labels }: Context): INamespace {
  const podSecurity = levels.flatMap((level): [string, string][] => [
    [`pod-security.kubernetes.io/${level}`, "restricted"],
    [`pod-security.kubernetes.io/${level}-version`, podSecurityVersion],
  ]);
  const owner = {
    apiVersion,
    kind: "ComputeLease",
    name: leaseObjectName(lease.network, lease.leaseId),
    uid: leaseUid,
    controller: true,
    blockOwnerDeletion: true,
  };
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { ...labels, ...Object.fromEntries(podSecurity) }, ownerReferences: [owner] },
  };
}
