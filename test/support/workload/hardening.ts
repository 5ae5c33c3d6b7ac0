import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import type { WorkloadObject } from "../../../src/workload/objects/lease-object.ts";

/** The pod template's spec of an object that makes pods. */
export function podSpecOf(object: WorkloadObject): IPodSpec | undefined {
  return object.kind === "Deployment" || object.kind === "Job" ? object.spec?.template.spec : undefined;
}

/** Every way in which a pod falls short of design §9; written from the rules, not from the builder. */
export function hardeningFaults(pod: IPodSpec, node: string): string[] {
  const faults: string[] = [];
  const must = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  must(pod.automountServiceAccountToken === false, "mounts a ServiceAccount token");
  must(pod.serviceAccountName === undefined, "names a ServiceAccount");
  must(pod.enableServiceLinks === false, "has service links");
  must(!(pod.hostNetwork || pod.hostPID || pod.hostIPC), "shares a namespace of the host");
  must(pod.nodeName === undefined, "goes past the scheduler");
  must(pod.initContainers === undefined && pod.ephemeralContainers === undefined, "has other containers");
  must(pod.securityContext?.runAsNonRoot === true, "may run as root");
  must((pod.securityContext?.runAsUser ?? 0) > 0, "runs as root");
  must(pod.securityContext?.seccompProfile?.type === "RuntimeDefault", "has no seccomp profile");
  must((pod.terminationGracePeriodSeconds ?? Infinity) <= 60, "may stop slowly");
  must(pinnedNodes(pod).every((name) => name === node) && pinnedNodes(pod).length > 0, "may leave its node");
  for (const container of pod.containers) {
    const { securityContext, resources, volumeMounts } = container;
    must(securityContext?.allowPrivilegeEscalation === false, "may escalate");
    must(securityContext?.privileged !== true, "is privileged");
    must(securityContext?.capabilities?.drop?.includes("ALL") === true, "keeps capabilities");
    must(securityContext?.capabilities?.add === undefined, "adds capabilities");
    must(JSON.stringify(resources?.requests) === JSON.stringify(resources?.limits), "requests other than its limits");
    for (const name of ["cpu", "memory", "ephemeral-storage"]) {
      must(resources?.limits?.[name] !== undefined, `has no limit of ${name}`);
    }
    must(
      (volumeMounts ?? []).every(({ mountPath }) => !/^\/(proc|sys)/.test(mountPath)),
      "hides a system path",
    );
    must(
      (container.env ?? []).every(({ name }) => !/^(NVIDIA_|LD_)/.test(name)),
      "steers the device runtime",
    );
    must(
      (container.ports ?? []).every(({ hostPort }) => hostPort === undefined),
      "takes a port of the host",
    );
  }
  for (const volume of pod.volumes ?? []) {
    const kinds = Object.keys(volume).filter((key) => key !== "name");
    must(
      kinds.every((kind) => kind === "emptyDir" || kind === "persistentVolumeClaim"),
      `has a volume of ${kinds}`,
    );
    must(volume.emptyDir === undefined || volume.emptyDir.sizeLimit !== undefined, "has an unbounded volume");
  }
  return faults;
}

function pinnedNodes(pod: IPodSpec): string[] {
  const terms = pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.flatMap(({ matchFields }) => matchFields?.flatMap(({ values }) => values ?? []) ?? ["any"]);
}
