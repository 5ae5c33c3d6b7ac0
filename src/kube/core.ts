import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IReplicaSet } from "kubernetes-models/apps/v1/ReplicaSet";
import type { IStatefulSet } from "kubernetes-models/apps/v1/StatefulSet";
import type { IJob } from "kubernetes-models/batch/v1/Job";
import type { ILease } from "kubernetes-models/coordination.k8s.io/v1/Lease";
import type { IEvent } from "kubernetes-models/events.k8s.io/v1/Event";
import type { IIngress } from "kubernetes-models/networking.k8s.io/v1/Ingress";
import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import type { IRuntimeClass } from "kubernetes-models/node.k8s.io/v1/RuntimeClass";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import type { IRole } from "kubernetes-models/rbac.authorization.k8s.io/v1/Role";
import type { IRoleBinding } from "kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding";
import type { IPriorityClass } from "kubernetes-models/scheduling.k8s.io/v1/PriorityClass";
import type { IStorageClass } from "kubernetes-models/storage.k8s.io/v1/StorageClass";
import type { IConfigMap } from "kubernetes-models/v1/ConfigMap";
import type { ILimitRange } from "kubernetes-models/v1/LimitRange";
import type { INamespace } from "kubernetes-models/v1/Namespace";
import type { INode } from "kubernetes-models/v1/Node";
import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import type { IPod } from "kubernetes-models/v1/Pod";
import type { IResourceQuota } from "kubernetes-models/v1/ResourceQuota";
import type { ISecret } from "kubernetes-models/v1/Secret";
import type { IService } from "kubernetes-models/v1/Service";
import type { IServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import { type KubeObject, type Resource, resource } from "./resource.ts";

type Scope = "namespaced" | "cluster";

/** One v1 kind. */
function v1<T extends KubeObject>(group: string, plural: string, kind: string, scope: Scope): Resource<T> {
  return resource<T>({ group, version: "v1", plural, kind, namespaced: scope === "namespaced" });
}

export const configMaps = v1<IConfigMap>("", "configmaps", "ConfigMap", "namespaced");
export const limitRanges = v1<ILimitRange>("", "limitranges", "LimitRange", "namespaced");
export const namespaces = v1<INamespace>("", "namespaces", "Namespace", "cluster");
export const nodes = v1<INode>("", "nodes", "Node", "cluster");
export const persistentVolumeClaims = v1<IPersistentVolumeClaim>(
  "",
  "persistentvolumeclaims",
  "PersistentVolumeClaim",
  "namespaced",
);
export const pods = v1<IPod>("", "pods", "Pod", "namespaced");
export const resourceQuotas = v1<IResourceQuota>("", "resourcequotas", "ResourceQuota", "namespaced");
export const secrets = v1<ISecret>("", "secrets", "Secret", "namespaced");
export const serviceAccounts = v1<IServiceAccount>("", "serviceaccounts", "ServiceAccount", "namespaced");
export const services = v1<IService>("", "services", "Service", "namespaced");

export const deployments = v1<IDeployment>("apps", "deployments", "Deployment", "namespaced");
export const replicaSets = v1<IReplicaSet>("apps", "replicasets", "ReplicaSet", "namespaced");
export const statefulSets = v1<IStatefulSet>("apps", "statefulsets", "StatefulSet", "namespaced");
export const jobs = v1<IJob>("batch", "jobs", "Job", "namespaced");

export const events = v1<IEvent>("events.k8s.io", "events", "Event", "namespaced");
export const leases = v1<ILease>("coordination.k8s.io", "leases", "Lease", "namespaced");
export const ingresses = v1<IIngress>("networking.k8s.io", "ingresses", "Ingress", "namespaced");
export const networkPolicies = v1<INetworkPolicy>(
  "networking.k8s.io",
  "networkpolicies",
  "NetworkPolicy",
  "namespaced",
);
export const podDisruptionBudgets = v1<IPodDisruptionBudget>(
  "policy",
  "poddisruptionbudgets",
  "PodDisruptionBudget",
  "namespaced",
);
export const priorityClasses = v1<IPriorityClass>("scheduling.k8s.io", "priorityclasses", "PriorityClass", "cluster");
export const roleBindings = v1<IRoleBinding>("rbac.authorization.k8s.io", "rolebindings", "RoleBinding", "namespaced");
export const roles = v1<IRole>("rbac.authorization.k8s.io", "roles", "Role", "namespaced");
export const runtimeClasses = v1<IRuntimeClass>("node.k8s.io", "runtimeclasses", "RuntimeClass", "cluster");
export const storageClasses = v1<IStorageClass>("storage.k8s.io", "storageclasses", "StorageClass", "cluster");
