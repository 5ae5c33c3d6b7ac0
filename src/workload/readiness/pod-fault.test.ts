import type { IPod } from "kubernetes-models/v1/Pod";
import { describe, expect, it } from "vitest";
import { podFault } from "./pod-fault.ts";

type Status = NonNullable<IPod["status"]>;
type ContainerState = NonNullable<NonNullable<Status["containerStatuses"]>[number]["state"]>;

/** Bound to a node, unless `nodeName` is `null`. */
function pod(status: Status, nodeName: string | null = "node-a"): IPod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    spec: { containers: [{ name: "web" }], ...(nodeName !== null && { nodeName }) },
    status,
  };
}

/** A bound pod whose only container is in this state. */
function container(
  state: ContainerState,
  lastState: ContainerState = {},
  phase: Status["phase"] & string = "Pending",
): IPod {
  const containerStatuses = [
    { name: "web", ready: false, restartCount: 1, image: "app:1", imageID: "", state, lastState },
  ];
  return pod({ phase, containerStatuses });
}

const waiting = (reason: string, message = "", last: ContainerState = {}): IPod =>
  container({ waiting: { reason, message } }, last);
const terminated = (reason: string, exitCode: number, message = ""): ContainerState => ({
  terminated: { reason, exitCode, message },
});
const disruption = (reason: string) => ({ type: "DisruptionTarget", status: "True" as const, reason });

const unschedulable = pod(
  {
    phase: "Pending",
    conditions: [
      { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes are available" },
    ],
  },
  null,
);

describe("podFault", () => {
  it("finds none in a ready pod", () => {
    expect(podFault(pod({ phase: "Running", conditions: [{ type: "Ready", status: "True" }] }))).toBeUndefined();
  });

  it.each<[string, IPod, RegExp]>([
    ["an image that is not there", waiting("ErrImagePull"), /image cannot be pulled \(ErrImagePull\)/],
    ["an image that is still not there", waiting("ImagePullBackOff"), /check name, tag and access/],
    ["an image name that is none", waiting("InvalidImageName"), /image cannot be pulled/],
    ["a crash loop", waiting("CrashLoopBackOff", "", terminated("Error", 3)), /again and again: exited with code 3/],
    ["a crash loop of clean exits", waiting("CrashLoopBackOff", "", terminated("Completed", 0)), /exited with code 0/],
    ["too much memory", waiting("CrashLoopBackOff", "", terminated("OOMKilled", 137)), /more memory than its limit/],
    [
      "a command that is not in the image",
      waiting("RunContainerError", 'exec: "x": executable file not found in $PATH'),
      /command cannot be run/,
    ],
    [
      "the same in a crash loop",
      waiting("CrashLoopBackOff", "", terminated("StartError", 128, 'exec: "x": no such file or directory')),
      /command cannot be run/,
    ],
    [
      "a user that the image cannot have",
      waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root"),
      /user or environment/,
    ],
    ["an exit", container(terminated("Error", 1), {}, "Running"), /exited with code 1/],
    [
      "a failing readiness probe",
      container({ running: { startedAt: "2026-01-01T00:00:00Z" } }, {}, "Running"),
      /readiness probe/,
    ],
    [
      "an eviction for its own limit",
      pod({
        phase: "Failed",
        reason: "Evicted",
        message: "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.",
      }),
      /ephemeral storage than its limit/,
    ],
    ["a failed attempt of a job", container(terminated("Error", 2), {}, "Failed"), /exited with code 2/],
  ])("calls %s the tenant's", (_what, broken, message) => {
    expect(podFault(broken)).toMatchObject({ cause: "tenant", message: expect.stringMatching(message) });
  });

  it.each<[string, IPod, RegExp]>([
    ["a pod that nobody has looked at", pod({}, null), /waits for the scheduler/],
    ["a pod that fits nowhere", unschedulable, /0\/1 nodes/],
    ["a pod just bound", pod({ phase: "Pending" }), /being started/],
    ["a container being created", waiting("ContainerCreating"), /being started \(ContainerCreating\)/],
    ["a runtime that fails", waiting("CreateContainerError", "context deadline exceeded"), /being started/],
    [
      "a runtime that fails again and again",
      waiting("CrashLoopBackOff", "", terminated("StartError", 128, "nvidia-container-cli: initialization error")),
      /runtime cannot start it/,
    ],
    ["our own Secret missing", waiting("CreateContainerConfigError", 'secret "web-env" not found'), /being started/],
    [
      "a node that is gone, containers last seen ready",
      pod({
        phase: "Running",
        conditions: [{ type: "Ready", status: "False" }],
        containerStatuses: [{ name: "web", ready: true, restartCount: 0, image: "", imageID: "" }],
      }),
      /node does not answer/,
    ],
    ["a pod of unknown phase", pod({ phase: "Unknown" }), /node does not answer/],
    [
      "a pod that a taint removes",
      pod({ phase: "Running", conditions: [disruption("DeletionByTaintManager")] }),
      /being moved \(DeletionByTaintManager\)/,
    ],
    [
      "an eviction for the node's memory",
      pod({ phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." }),
      /node ended the pod \(Evicted\)/,
    ],
    [
      "a node that shuts down",
      pod({
        phase: "Failed",
        reason: "Terminated",
        message: "Pod was terminated in response to imminent node shutdown.",
      }),
      /node ended the pod/,
    ],
    ["a preemption", pod({ phase: "Failed", conditions: [disruption("PreemptionByScheduler")] }), /node ended the pod/],
    [
      "devices that the node lost",
      pod({ phase: "Failed", reason: "UnexpectedAdmissionError", message: "no healthy devices" }),
      /UnexpectedAdmissionError/,
    ],
    [
      "a container that the node lost",
      container(terminated("ContainerStatusUnknown", 137), {}, "Running"),
      /node lost the container/,
    ],
  ])("calls %s the provider's", (_what, broken, message) => {
    expect(podFault(broken)).toMatchObject({ cause: "provider", message: expect.stringMatching(message) });
  });

  it("repeats no output of a container", () => {
    const fault = podFault(
      waiting("CrashLoopBackOff", "back-off 5m0s", terminated("Error", 1, "panic: token hunter2")),
    );
    expect(JSON.stringify(fault)).not.toContain("hunter2");
  });

  it.each<[string, IPod, string | undefined]>([
    ["an image that is not there", waiting("ImagePullBackOff"), "ImagePullFailed"],
    ["a program that ends again and again", waiting("CrashLoopBackOff", "", terminated("Error", 3)), "CrashLoop"],
    [
      "a runtime that fails again and again",
      waiting("CrashLoopBackOff", "", terminated("StartError", 128, "nvidia-container-cli: initialization error")),
      undefined,
    ],
    ["a pod that fits nowhere", unschedulable, "Unschedulable"],
    ["a pod that nobody has looked at", pod({}, null), undefined],
    ["a container being created", waiting("ContainerCreating"), undefined],
  ])("names the kind of %s where a condition has a reason for it", (_what, broken, kind) => {
    expect(podFault(broken)?.kind).toBe(kind);
  });
});
