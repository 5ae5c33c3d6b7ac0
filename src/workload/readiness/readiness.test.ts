import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IJob } from "kubernetes-models/batch/v1/Job";
import type { IPod } from "kubernetes-models/v1/Pod";
import { describe, expect, it } from "vitest";
import type { Manifest } from "../manifest/manifest.ts";
import { parseManifest } from "../manifest/parse.ts";
import { workloadReadiness } from "./readiness.ts";

function manifest(text: string): Manifest {
  const result = parseManifest(`version: 1\n${text}`);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.manifest;
}

const web = manifest("services: [{name: web, image: app:1, replicas: 2}]");
const train = manifest("jobs: [{name: train, image: app:1, completions: 4, parallelism: 2}]");

const labelled = (name: string) => ({ labels: { "app.kubernetes.io/name": name } });

function deployment(status: IDeployment["status"], name = "web"): IDeployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...labelled(name), generation: 3 },
    status: { observedGeneration: 3, ...status },
  };
}

function job(status: IJob["status"], creationTimestamp = "2026-01-01T00:00:00Z"): IJob {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { ...labelled("train"), creationTimestamp },
    ...(status && { status }),
  };
}

function pod(name: string, status: IPod["status"], deletionTimestamp?: string): IPod {
  const metadata = { ...labelled(name), ...(deletionTimestamp !== undefined && { deletionTimestamp }) };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: { nodeName: "n", containers: [] },
    ...(status && { status }),
  };
}

const readyPod = (name = "web"): IPod =>
  pod(name, { phase: "Running", conditions: [{ type: "Ready", status: "True" }] });
const waitingPod = (reason: string, name = "web"): IPod =>
  pod(name, {
    phase: "Pending",
    containerStatuses: [
      { name, ready: false, restartCount: 0, image: "", imageID: "", state: { waiting: { reason } } },
    ],
  });
const exitedPod = (name: string, exitCode: number, reason = "Error"): IPod =>
  pod(name, {
    phase: "Failed",
    containerStatuses: [
      { name, ready: false, restartCount: 0, image: "", imageID: "", state: { terminated: { reason, exitCode } } },
    ],
  });

const ofWeb = (deployments: readonly IDeployment[], pods: readonly IPod[]) =>
  workloadReadiness(web, deployments, [], pods);
const ofTrain = (jobs: readonly IJob[], pods: readonly IPod[]) => workloadReadiness(train, [], jobs, pods);

describe("workloadReadiness of a service", () => {
  it("is ready with all its replicas", () => {
    const status = { updatedReplicas: 2, readyReplicas: 2 };
    expect(ofWeb([deployment(status)], [readyPod(), readyPod()])).toEqual([
      { name: "web", desired: 2, ready: 2, cause: "none" },
    ]);
  });

  it("is the provider's until its Deployment and pods are there", () => {
    expect(ofWeb([], [])).toMatchObject([{ ready: 0, cause: "provider" }]);
    expect(ofWeb([deployment({})], [])).toMatchObject([
      { ready: 0, cause: "provider", message: "its pod is being created" },
    ]);
  });

  it("is the tenant's when only its own part is missing", () => {
    const status = { updatedReplicas: 2, readyReplicas: 1 };
    expect(ofWeb([deployment(status)], [readyPod(), waitingPod("ImagePullBackOff")])).toMatchObject([
      { desired: 2, ready: 1, cause: "tenant", message: expect.stringContaining("image cannot be pulled") },
    ]);
  });

  it("is the provider's as soon as the provider has a part in it", () => {
    const pods = [waitingPod("ImagePullBackOff"), waitingPod("ContainerCreating")];
    expect(ofWeb([deployment({ updatedReplicas: 2 })], pods)).toMatchObject([{ cause: "provider" }]);
    expect(ofWeb([deployment({ updatedReplicas: 1 })], [waitingPod("ImagePullBackOff")])).toMatchObject([
      { cause: "provider" },
    ]);
  });

  it("says that the cluster refused the pod", () => {
    const refused = {
      type: "ReplicaFailure",
      status: "True" as const,
      reason: "FailedCreate",
      message: "exceeded quota: lease",
    };
    expect(ofWeb([deployment({ conditions: [refused] })], [])).toMatchObject([
      { cause: "provider", message: "the cluster refused its pod: exceeded quota: lease" },
    ]);
  });

  it("does not take pods of an older template for ready", () => {
    expect(ofWeb([deployment({ updatedReplicas: 0, readyReplicas: 2 })], [readyPod(), readyPod()])).toMatchObject([
      { ready: 0 },
    ]);
    const unseen = deployment({ observedGeneration: 2, updatedReplicas: 2, readyReplicas: 2 });
    expect(ofWeb([unseen], [readyPod(), readyPod()])).toMatchObject([{ ready: 0, cause: "provider" }]);
  });

  it("looks at the replacement of a failed or ending pod, not at the pod itself", () => {
    const status = { updatedReplicas: 2, readyReplicas: 1 };
    const ending = pod("web", { phase: "Running" }, "2026-01-01T00:00:00Z");
    const pods = [readyPod(), exitedPod("web", 1), ending, waitingPod("ErrImagePull")];
    expect(ofWeb([deployment(status)], pods)).toMatchObject([{ cause: "tenant" }]);
  });

  it("keeps services apart", () => {
    const both = manifest("services: [{name: a, image: x}, {name: b, image: x}]");
    const ready = { updatedReplicas: 1, readyReplicas: 1 };
    const result = workloadReadiness(
      both,
      [deployment(ready, "a"), deployment({ updatedReplicas: 1 }, "b")],
      [],
      [readyPod("a"), waitingPod("ErrImagePull", "b")],
    );
    expect(result.map(({ name, cause }) => [name, cause])).toEqual([
      ["a", "none"],
      ["b", "tenant"],
    ]);
  });
});

describe("workloadReadiness of a job", () => {
  it("is ready while it runs as much as it may", () => {
    expect(ofTrain([job({ succeeded: 1, ready: 2, active: 2 })], [])).toEqual([
      { name: "train", desired: 4, ready: 3, cause: "none" },
    ]);
    expect(ofTrain([job({ succeeded: 3, ready: 1 })], [])).toMatchObject([{ ready: 4, cause: "none" }]);
  });

  it("is ready for good once complete", () => {
    const complete = { type: "Complete", status: "True" as const };
    expect(ofTrain([job({ succeeded: 4, conditions: [complete] })], [])).toMatchObject([
      { desired: 4, ready: 4, cause: "none" },
    ]);
  });

  it("is the tenant's when it failed", () => {
    const failed = { type: "Failed", status: "True" as const, reason: "FailedIndexes" };
    expect(ofTrain([job({ succeeded: 3, conditions: [failed] })], [])).toMatchObject([
      { ready: 3, cause: "tenant", message: expect.stringContaining("FailedIndexes") },
    ]);
  });

  it("is the tenant's between attempts after its own failure, the provider's after the node's", () => {
    expect(ofTrain([job({ active: 0 })], [exitedPod("train", 1)])).toMatchObject([
      { cause: "tenant", message: "exited with code 1" },
    ]);
    const lost = exitedPod("train", 137, "ContainerStatusUnknown");
    expect(ofTrain([job({ active: 0 })], [exitedPod("train", 1), lost])).toMatchObject([{ cause: "provider" }]);
    expect(ofTrain([job({})], [])).toMatchObject([{ cause: "provider" }]);
  });

  it("looks at the newest of its Jobs", () => {
    const old = job({ conditions: [{ type: "Failed", status: "True" }] }, "2026-01-01T00:00:00Z");
    const current = job({ ready: 2 }, "2026-01-02T00:00:00Z");
    expect(ofTrain([old, current], [])).toMatchObject([{ cause: "none" }]);
    expect(ofTrain([current, old], [])).toMatchObject([{ cause: "none" }]);
  });
});
