import type { IPod } from "kubernetes-models/v1/Pod";
import { isLeaseId, isNetworkName, labels, leaseNamespace, leaseObjectName } from "../api/names.ts";
import { podRequests } from "./pod-requests.ts";
import type { Resources } from "./resources.ts";

/** What a pod means to the inventory. */
export interface PodFacts {
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: string;
  /** Absent while no scheduler has bound it: it then holds nothing anywhere. */
  readonly node: string | undefined;
  /** Succeeded or Failed: holds nothing any more. */
  readonly terminal: boolean;
  readonly requests: Resources;
  /** Name of the ComputeLease that it belongs to. */
  readonly lease: string | undefined;
}

/** Projects a v1 Pod. `requests` counts its slot on the node as `pods: 1`. */
export function podFacts(pod: Pick<IPod, "metadata" | "spec" | "status">): PodFacts {
  const { name = "", namespace = "", uid = "" } = pod.metadata ?? {};
  const phase = pod.status?.phase;
  return {
    key: `${namespace}/${name}`,
    uid,
    node: pod.spec?.nodeName === "" ? undefined : pod.spec?.nodeName,
    terminal: phase === "Succeeded" || phase === "Failed",
    requests: new Map([...podRequests(pod), ["pods", 1n]]),
    lease: leaseOf(pod.metadata?.labels ?? {}, namespace),
  };
}

/** Labels alone prove nothing: another user's pod could hide below a reservation. The namespace is the operator's. */
function leaseOf(podLabels: Readonly<Record<string, string>>, namespace: string): string | undefined {
  const { [labels.network]: network = "", [labels.lease]: id = "" } = podLabels;
  if (!isNetworkName(network) || !isLeaseId(id)) return undefined;
  return namespace === leaseNamespace(network, id) ? leaseObjectName(network, id) : undefined;
}
