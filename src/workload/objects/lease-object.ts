import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IJob } from "kubernetes-models/batch/v1/Job";
import type { IIngress } from "kubernetes-models/networking.k8s.io/v1/Ingress";
import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import type { IRoleBinding } from "kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding";
import type { ILimitRange } from "kubernetes-models/v1/LimitRange";
import type { INamespace } from "kubernetes-models/v1/Namespace";
import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import type { IResourceQuota } from "kubernetes-models/v1/ResourceQuota";
import type { ISecret } from "kubernetes-models/v1/Secret";
import type { IService } from "kubernetes-models/v1/Service";

export type IsolationObject = IRoleBinding | IResourceQuota | ILimitRange | INetworkPolicy;

export type WorkloadObject =
  | IPersistentVolumeClaim
  | ISecret
  | IService
  | IDeployment
  | IJob
  | IIngress
  | INetworkPolicy;

/** Everything that exists because of a lease; `kind` tells them apart. */
export type LeaseObject = INamespace | IsolationObject | WorkloadObject;
