/** What the operator does: verbs on a resource of an API group. */
export interface Permission {
  /**
   * Where: in the whole cluster, in each lease's namespace (once its RoleBinding stands), in the operator's own namespace, or
   * in `default`, where events of cluster-scoped objects stand.
   */
  readonly scope: "cluster" | "lease" | "operator" | "default";
  readonly group: string;
  /** Plural; a subresource after a slash. */
  readonly resource: string;
  /** Only the object of this name. */
  readonly name?: string;
  readonly verbs: readonly string[];
}

/** The ClusterRole that is bound in each lease's namespace, in a release named `berthage`. */
export const leaseClusterRole = "berthage-lease";

const watch = ["list", "watch"];
const manage = ["get", ...watch, "create", "patch", "delete"];

/** What stands in a lease's namespace and is kept in a cache. */
const perLease: readonly (readonly [group: string, resource: string])[] = [
  ["", "resourcequotas"],
  ["", "limitranges"],
  ["", "services"],
  ["", "persistentvolumeclaims"],
  ["apps", "deployments"],
  ["batch", "jobs"],
  ["networking.k8s.io", "networkpolicies"],
  ["networking.k8s.io", "ingresses"],
];

const rbac = "rbac.authorization.k8s.io";

/** Everything that the operator asks of the API server, and nothing more: the chart's roles say the same. */
export const operatorPermissions: readonly Permission[] = [
  { scope: "cluster", group: "berthage.dev", resource: "computenetworks", verbs: watch },
  { scope: "cluster", group: "berthage.dev", resource: "computenetworks/status", verbs: ["patch"] },
  { scope: "cluster", group: "berthage.dev", resource: "computeoffers", verbs: [...watch, "patch"] },
  { scope: "cluster", group: "berthage.dev", resource: "computeoffers/status", verbs: ["patch"] },
  { scope: "cluster", group: "berthage.dev", resource: "computeleases", verbs: manage },
  { scope: "cluster", group: "berthage.dev", resource: "computeleases/status", verbs: ["patch"] },
  { scope: "cluster", group: "berthage.dev", resource: "computeleases/finalizers", verbs: ["update"] },
  { scope: "cluster", group: "", resource: "nodes", verbs: watch },
  { scope: "cluster", group: "", resource: "pods", verbs: watch },
  { scope: "cluster", group: "", resource: "namespaces", verbs: manage },
  { scope: "cluster", group: rbac, resource: "rolebindings", verbs: manage },
  { scope: "cluster", group: rbac, resource: "clusterroles", name: leaseClusterRole, verbs: ["bind"] },
  { scope: "cluster", group: "node.k8s.io", resource: "runtimeclasses", verbs: watch },
  { scope: "cluster", group: "storage.k8s.io", resource: "storageclasses", verbs: watch },
  { scope: "cluster", group: "scheduling.k8s.io", resource: "priorityclasses", verbs: watch },
  ...perLease.map(([group, resource]) => ({ scope: "cluster" as const, group, resource, verbs: watch })),
  ...perLease.map(([group, resource]) => ({
    scope: "lease" as const,
    group,
    resource,
    verbs: ["get", "create", "patch", "delete"],
  })),
  { scope: "lease", group: "", resource: "secrets", verbs: ["get", "create", "patch"] },
  { scope: "operator", group: "", resource: "configmaps", verbs: ["get", ...watch, "create", "update", "delete"] },
  { scope: "operator", group: "", resource: "secrets", verbs: ["get"] },
  { scope: "operator", group: "coordination.k8s.io", resource: "leases", verbs: ["get", "create", "update"] },
  { scope: "default", group: "events.k8s.io", resource: "events", verbs: ["create", "patch"] },
];
