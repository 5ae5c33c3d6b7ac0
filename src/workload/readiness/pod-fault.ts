import type { IContainerStatus } from "kubernetes-models/v1/ContainerStatus";
import type { IPod } from "kubernetes-models/v1/Pod";

/** Faults that conditions have a reason of their own for. */
export type FaultKind = "ImagePullFailed" | "CrashLoop" | "Unschedulable";

/** Whose part a fault is. What is not plainly the tenant's is the provider's: nobody pays for an unclear fault. */
export interface Fault {
  readonly cause: "tenant" | "provider";
  /** For the tenant: says what to mend, quotes no log. */
  readonly message: string;
  readonly kind?: FaultKind;
}

const imageReasons = new Set(["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "SignatureValidationFailed"]);

/** What the runtime says when the image lacks the command, as opposed to being broken itself. */
const badCommand =
  /executable file not found|no such file or directory|permission denied|is a directory|exec format error/i;

/** The Secret is ours to write. */
const ownObject = /not found|couldn't find key/i;

/** Evictions that the pod's own limits cause; every other one is the node's (low memory, low disk, taint). */
const ownLimit =
  /exceeds the total limit of containers|exceeded its local ephemeral storage limit|Usage of EmptyDir volume/i;

/** Why a pod is not ready, or undefined when it is. Reads what kubelet, scheduler and node controller write. */
export function podFault(pod: IPod): Fault | undefined {
  if (condition(pod, "Ready")?.status === "True") return undefined;
  const phase = pod.status?.phase ?? "Pending";
  if (phase === "Unknown") return provider("the node does not answer");
  if (phase === "Failed") return failedFault(pod);
  if (phase === "Pending" && pod.spec?.nodeName === undefined) return unscheduledFault(pod);
  const interrupted = condition(pod, "DisruptionTarget");
  if (interrupted?.status === "True") return provider(`the pod is being moved (${interrupted.reason ?? "disruption"})`);
  const [first] = (pod.status?.containerStatuses ?? []).filter((status) => !status.ready);
  if (first) return containerFault(first);
  return provider(phase === "Running" ? "the node does not answer" : "the pod is being started");
}

function unscheduledFault(pod: IPod): Fault {
  const scheduled = condition(pod, "PodScheduled");
  const why = scheduled?.status === "False" ? `: ${scheduled.message ?? scheduled.reason ?? "no room"}` : "";
  const waits = provider(`waits for the scheduler${why}`);
  return scheduled?.reason === "Unschedulable" ? { ...waits, kind: "Unschedulable" } : waits;
}

function failedFault(pod: IPod): Fault {
  const { reason = "Failed", message = "" } = pod.status ?? {};
  if (reason === "Evicted" && ownLimit.test(message)) return tenant("used more ephemeral storage than its limit");
  if (condition(pod, "DisruptionTarget")?.status === "True") return provider(`the node ended the pod (${reason})`);
  const ended = pod.status?.containerStatuses?.find((status) => status.state?.terminated);
  // With a reason of its own (Evicted, NodeShutdown, UnexpectedAdmissionError, …) the kubelet did it.
  return pod.status?.reason === undefined && ended
    ? containerFault(ended)
    : provider(`the node ended the pod (${reason})`);
}

function containerFault({ state, lastState }: IContainerStatus): Fault {
  if (state?.terminated) return terminatedFault(state.terminated);
  if (state?.running) return tenant("runs, but its readiness probe does not pass yet");
  const { reason = "ContainerCreating", message = "" } = state?.waiting ?? {};
  if (imageReasons.has(reason)) {
    const message = `its image cannot be pulled (${reason}); check name, tag and access`;
    return { ...tenant(message), kind: "ImagePullFailed" };
  }
  if (reason === "CrashLoopBackOff") {
    const fault = lastState?.terminated ? crashFault(lastState.terminated) : tenant("ends again and again");
    return fault.cause === "tenant" ? { ...fault, kind: "CrashLoop" } : fault;
  }
  if (reason === "CreateContainerConfigError" && !ownObject.test(message))
    return tenant("its image cannot run with this user or environment");
  if (badCommand.test(message)) return tenant("its command cannot be run; check that the image has it");
  return provider(`is being started (${reason})`);
}

type Terminated = NonNullable<NonNullable<IContainerStatus["state"]>["terminated"]>;

/** A container that could not be started at all ends with StartError, also in a crash loop. */
function crashFault(last: Terminated): Fault {
  const fault = terminatedFault(last);
  return fault.cause === "tenant" ? tenant(`ends again and again: ${fault.message}`) : fault;
}

function terminatedFault({ reason, exitCode, message = "" }: Terminated): Fault {
  if (reason === "OOMKilled") return tenant("used more memory than its limit");
  if (reason === "StartError" || reason === "ContainerCannotRun") {
    return badCommand.test(message)
      ? tenant("its command cannot be run; check that the image has it")
      : provider("the container runtime cannot start it");
  }
  if (reason === "ContainerStatusUnknown") return provider("the node lost the container");
  return tenant(`exited with code ${exitCode}`);
}

function condition(
  pod: IPod,
  type: string,
): NonNullable<NonNullable<IPod["status"]>["conditions"]>[number] | undefined {
  return pod.status?.conditions?.find((item) => item.type === type);
}

function tenant(message: string): Fault {
  return { cause: "tenant", message };
}

function provider(message: string): Fault {
  return { cause: "provider", message };
}
