import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IJob } from "kubernetes-models/batch/v1/Job";
import type { ComputeLease } from "../../api/types.gen.ts";
import { workloadReadiness } from "../../workload/readiness/readiness.ts";
import { byLease, type Informers } from "../informers.ts";
import type { ManifestState } from "./manifest.ts";
import type { ServiceState } from "./plan.ts";

/** How the services of the manifest that runs stand, by the caches. */
export function observeServices(
  { deployments, jobs, pods }: Pick<Informers, "deployments" | "jobs" | "pods">,
  lease: ComputeLease,
  running: ManifestState | undefined,
): readonly ServiceState[] {
  if (running?.kind !== "accepted") return [];
  const name = lease.metadata.name ?? "";
  const of = <T extends IDeployment | IJob>({
    store,
  }: {
    store: { byIndex(index: string, value: string): readonly T[] };
  }) => store.byIndex(byLease, name);
  return workloadReadiness(running.manifest, of(deployments), of(jobs), pods.store.byIndex(byLease, name));
}
