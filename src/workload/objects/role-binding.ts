import type { IRoleBinding } from "kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding";
import { type Context, metadata } from "./context.ts";

/**
 * Lets the operator write in the lease's namespace, which its cluster-wide rights do not. Nothing where the operator runs
 * as somebody who may write everywhere.
 */
export function buildRoleBindings(context: Context): IRoleBinding[] {
  const { operator } = context.isolation;
  if (operator === undefined) return [];
  const { clusterRole, serviceAccount } = operator;
  return [
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: metadata(context, "operator"),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: clusterRole },
      subjects: [{ kind: "ServiceAccount", name: serviceAccount.name, namespace: serviceAccount.namespace }],
    },
  ];
}
