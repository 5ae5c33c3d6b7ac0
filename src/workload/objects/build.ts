import type { INamespace } from "kubernetes-models/v1/Namespace";
import type { FittedManifest } from "../manifest/fit.ts";
import { type Context, contextOf, type LeaseObjectsInput } from "./context.ts";
import { buildDeployment } from "./deployment.ts";
import { buildIngress, buildService, type Endpoint, endpointsOf } from "./exposure.ts";
import { buildJob } from "./job.ts";
import type { IsolationObject, WorkloadObject } from "./lease-object.ts";
import { buildNamespace } from "./namespace.ts";
import { buildExposedPolicy, buildNetworkPolicies } from "./network-policy.ts";
import { buildLimitRange, buildQuota } from "./quota.ts";
import { buildRoleBindings } from "./role-binding.ts";
import { buildClaims, buildSecrets } from "./storage.ts";

export interface LeaseObjects {
  readonly namespace: INamespace;
  /** To stand before the first pod. A RoleBinding, if there is one, is first: it allows the writing of the rest. */
  readonly isolation: readonly IsolationObject[];
  /** In the order in which they should be written. Empty without a manifest. */
  readonly workload: readonly WorkloadObject[];
  readonly endpoints: readonly Endpoint[];
}

/** Everything that a lease is in the cluster. Pure and deterministic: the same input gives the same objects. */
export function buildLeaseObjects(input: LeaseObjectsInput): LeaseObjects {
  const context = contextOf(input);
  return {
    namespace: buildNamespace(context),
    isolation: [
      ...buildRoleBindings(context),
      buildQuota(context),
      buildLimitRange(context),
      ...buildNetworkPolicies(context),
    ],
    workload: input.manifest ? buildWorkload(context, input.manifest) : [],
    endpoints: endpointsOf(context),
  };
}

function buildWorkload(context: Context, { services, jobs }: FittedManifest): WorkloadObject[] {
  const all = [...services, ...jobs];
  return [
    ...all.flatMap((program) => buildClaims(context, program)),
    ...all.flatMap((program) => buildSecrets(context, program)),
    ...services.flatMap((service) => buildService(context, service)),
    ...services.map((service) => buildDeployment(context, service)),
    ...jobs.map((job) => buildJob(context, job)),
    ...services.flatMap((service) => buildIngress(context, service)),
    ...services.flatMap((service) => exposedPolicies(context, service)),
  ];
}

function exposedPolicies(context: Context, service: FittedManifest["services"][number]): WorkloadObject[] {
  const port = service.ports.find((item) => item.expose);
  return port && context.offer.ingress ? [buildExposedPolicy(context, service.name, port.port)] : [];
}
