/** What the operator does in a cluster: verbs on resources of API groups. */
export interface Permission {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
}

const READ = ["get", "list", "watch"];
const WRITE = ["create", "patch", "delete"];

const perLease: readonly (readonly [group: string, resource: string])[] = [
  ["", "secrets"],
  ["", "services"],
  ["", "persistentvolumeclaims"],
  ["", "resourcequotas"],
  ["", "limitranges"],
  ["apps", "deployments"],
  ["batch", "jobs"],
  ["networking.k8s.io", "networkpolicies"],
  ["networking.k8s.io", "ingresses"],
];

/** Everything that the operator asks of the API server. */
export const operatorPermissions: readonly Permission[] = [
  { group: "berthage.dev", resource: "computenetworks", verbs: READ },
  { group: "berthage.dev", resource: "computenetworks/status", verbs: ["patch"] },
  { group: "berthage.dev", resource: "computeoffers", verbs: READ },
  { group: "berthage.dev", resource: "computeoffers/status", verbs: ["patch"] },
  { group: "berthage.dev", resource: "computeleases", verbs: [...READ, ...WRITE] },
  { group: "berthage.dev", resource: "computeleases/status", verbs: ["patch"] },
  { group: "", resource: "nodes", verbs: READ },
  { group: "", resource: "pods", verbs: READ },
  { group: "", resource: "namespaces", verbs: [...READ, ...WRITE] },
  { group: "", resource: "configmaps", verbs: [...READ, ...WRITE] },
  ...perLease.map(([group, resource]) => ({ group, resource, verbs: [...READ, ...WRITE] })),
  { group: "coordination.k8s.io", resource: "leases", verbs: ["get", "create", "update"] },
  { group: "events.k8s.io", resource: "events", verbs: ["create", "patch"] },
];
