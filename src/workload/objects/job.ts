import { createHash } from "node:crypto";
import type { IJob } from "kubernetes-models/batch/v1/Job";
import type { FittedManifest } from "../manifest/fit.ts";
import { type Context, metadata } from "./context.ts";
import { buildPodTemplate } from "./pod.ts";

type FittedJob = FittedManifest["jobs"][number];

/** A Job's template cannot change, so another template is another Job: its name carries the hash of what it runs. */
export function buildJob(context: Context, job: FittedJob): IJob {
  const { completions, retriesPerIndex } = job;
  const template = buildPodTemplate(context, job, "Never");
  const fixed = {
    completionMode: "Indexed" as const,
    completions,
    backoffLimitPerIndex: retriesPerIndex,
    // The lease is full while the old pod still stops.
    podReplacementPolicy: "Failed" as const,
    template,
  };
  const hash = createHash("sha256").update(JSON.stringify(fixed)).digest("hex").slice(0, 8);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: metadata(context, `${job.name}-${hash}`, job.name),
    spec: { ...fixed, parallelism: job.parallelism, suspend: context.suspended },
  };
}
