import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IJob } from "kubernetes-models/batch/v1/Job";
import type { IPod } from "kubernetes-models/v1/Pod";
import type { Job, Manifest, Service } from "../manifest/manifest.ts";
import { programLabel } from "../objects/context.ts";
import { type Fault, type FaultKind, podFault } from "./pod-fault.ts";

export interface ProgramReadiness {
  readonly name: string;
  /** Replicas of a service, completions of a job. */
  readonly desired: number;
  /** Ready replicas; of a job, indexes done and running. */
  readonly ready: number;
  /** Why not all are ready. */
  readonly message?: string;
  /** Whose part stands between the program and Ready; `none` when it is. The provider's wins where both do. */
  readonly cause: "none" | "tenant" | "provider";
  readonly kind?: FaultKind;
}

/**
 * How each service and job of a lease stands, from the objects of its namespace. Surplus ones are ignored; absent ones
 * count as the provider's delay.
 */
export function workloadReadiness(
  manifest: Manifest,
  deployments: readonly IDeployment[],
  jobs: readonly IJob[],
  pods: readonly IPod[],
): ProgramReadiness[] {
  const staying = pods.filter((pod) => pod.metadata?.deletionTimestamp === undefined);
  return [
    ...manifest.services.map((service) =>
      serviceReadiness(service, ofProgram(deployments, service), ofProgram(staying, service)),
    ),
    ...manifest.jobs.map((job) => jobReadiness(job, ofProgram(jobs, job), ofProgram(staying, job))),
  ];
}

type Labelled = { readonly metadata?: { readonly labels?: { readonly [key: string]: string } } };

function ofProgram<T extends Labelled>(objects: readonly T[], { name }: { readonly name: string }): T[] {
  return objects.filter((object) => object.metadata?.labels?.[programLabel] === name);
}

function serviceReadiness(
  { name, replicas }: Service,
  [deployment]: readonly IDeployment[],
  pods: readonly IPod[],
): ProgramReadiness {
  const isCurrent = deployment?.status?.observedGeneration === deployment?.metadata?.generation;
  const updated = deployment && isCurrent ? (deployment.status?.updatedReplicas ?? 0) : 0;
  const ready = Math.min(deployment?.status?.readyReplicas ?? 0, updated, replicas);
  if (ready === replicas) return { name, desired: replicas, ready, cause: "none" };
  // A Failed pod stays for a while; its replacement says how things are now.
  const current = pods.filter(isLive);
  const faults = current.flatMap((pod) => podFault(pod) ?? []);
  const missing = current.length < replicas ? [missingFault(deployment)] : [];
  return { name, desired: replicas, ready, ...worst([...missing, ...faults]) };
}

/** No pod yet: the API server refused it, or nobody made it so far. */
function missingFault(deployment: IDeployment | undefined): Fault {
  const refused = deployment?.status?.conditions?.find(
    (item) => item.type === "ReplicaFailure" && item.status === "True",
  );
  const message = refused
    ? `the cluster refused its pod: ${refused.message ?? refused.reason ?? ""}`
    : "its pod is being created";
  return { cause: "provider", message };
}

function jobReadiness(
  { name, completions, parallelism }: Job,
  jobs: readonly IJob[],
  pods: readonly IPod[],
): ProgramReadiness {
  const newest = [...jobs].sort((a, b) => createdAt(b) - createdAt(a))[0];
  const { succeeded = 0, ready: running = 0, conditions = [] } = newest?.status ?? {};
  const ready = Math.min(succeeded + running, completions);
  const ended = conditions.find(
    (item) => (item.type === "Failed" || item.type === "Complete") && item.status === "True",
  );
  if (ended?.type === "Complete") return { name, desired: completions, ready: completions, cause: "none" };
  if (ended) {
    const message = `failed (${ended.reason ?? "unknown reason"}); read its log and send another manifest`;
    return { name, desired: completions, ready: succeeded, message, cause: "tenant" };
  }
  const wanted = Math.min(parallelism, completions - succeeded);
  if (running >= wanted) return { name, desired: completions, ready, cause: "none" };
  const current = pods.filter(isLive);
  const faults = current.flatMap((pod) => podFault(pod) ?? []);
  const missing = current.length < wanted ? [retryFault(pods)] : [];
  return { name, desired: completions, ready, ...worst([...missing, ...faults]) };
}

/** Between two attempts of an index the job controller waits, for the tenant's failure or for the node's. */
function retryFault(pods: readonly IPod[]): Fault {
  const failed = pods.filter((pod) => pod.status?.phase === "Failed").flatMap((pod) => podFault(pod) ?? []);
  return failed.length > 0 && failed.every((fault) => fault.cause === "tenant")
    ? { cause: "tenant", message: failed[0]?.message ?? "failed" }
    : { cause: "provider", message: "its pod is being created" };
}

function isLive(pod: IPod): boolean {
  return pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed";
}

function createdAt(job: IJob): number {
  return Date.parse(job.metadata?.creationTimestamp ?? "") || 0;
}

function worst(faults: readonly Fault[]): Fault {
  const fault = faults.find(({ cause }) => cause === "provider") ?? faults[0];
  return fault ?? { cause: "provider", message: "its state is not reported yet" };
}
