import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { INamespace } from "kubernetes-models/v1/Namespace";
import type { IPod } from "kubernetes-models/v1/Pod";
import { labels } from "../../../api/names.ts";
import { addressesScript, clientScript, type ProbeTask, serverPort, serverScript } from "./probe-scripts.ts";

/** Everything that the probe makes carries it; the namespace is found again by it after a crash. */
export const probeLabels = { [labels.probe]: "isolation" };

const podLabel = "app.kubernetes.io/component";

export const serverName = "server";

/** The name of one phase's client. */
export function clientName(phase: "Open" | "Egress" | "Ingress"): string {
  return `client-${phase.toLowerCase()}`;
}

/** Nothing is left running by a probe that is cut off. */
const LONGEST_LIFE_SECONDS = 300;
const NOBODY = 65_532;

/** A namespace as strict as a lease's, so that what runs in it may also run in those. */
export function probeNamespace(name: string): INamespace {
  const podSecurity = { "pod-security.kubernetes.io/enforce": "restricted" };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { ...probeLabels, ...podSecurity } } };
}

export interface ProbePod {
  readonly namespace: string;
  readonly name: string;
  /** With a `node` (20 or later) on its PATH. */
  readonly image: string;
  /** Where it runs; absent: wherever the scheduler likes. */
  readonly node: string | undefined;
}

/** Says its addresses, then greets whoever connects. */
export function serverPod(pod: ProbePod): IPod {
  const addresses = container(pod, "addresses", addressesScript);
  const server = { ...container(pod, "server", serverScript), ports: [{ containerPort: serverPort }] };
  return podOf(pod, { initContainers: [addresses], containers: [server] });
}

/** Tries its targets once and ends. */
export function clientPod(pod: ProbePod, task: ProbeTask): IPod {
  const env = [{ name: "PROBE", value: JSON.stringify(task) }];
  return podOf(pod, { containers: [{ ...container(pod, "client", clientScript), env }] });
}

/** Allows nothing, in one direction: out of the client, or into the server. */
export function denyPolicy(namespace: string, direction: "Egress" | "Ingress"): INetworkPolicy {
  // Of the clients, only the one of this phase: a rule that lingers must not close what the next one tries.
  const pod = direction === "Egress" ? clientName("Egress") : serverName;
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: `deny-${direction.toLowerCase()}`, namespace, labels: probeLabels },
    spec: { podSelector: { matchLabels: { [podLabel]: pod } }, policyTypes: [direction] },
  };
}

function podOf(
  { namespace, name, node }: ProbePod,
  containers: Pick<NonNullable<IPod["spec"]>, "initContainers" | "containers">,
): IPod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { ...probeLabels, [podLabel]: name } },
    spec: {
      ...containers,
      ...(node === undefined ? {} : { affinity: onNode(node) }),
      tolerations: [{ operator: "Exists" }], // the nodes that are sold keep other pods away
      restartPolicy: "Never",
      activeDeadlineSeconds: LONGEST_LIFE_SECONDS,
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: NOBODY, seccompProfile: { type: "RuntimeDefault" } },
    },
  };
}

/** By affinity and not by spec.nodeName, so that the scheduler still says what is in the way. */
function onNode(node: string): NonNullable<NonNullable<IPod["spec"]>["affinity"]> {
  const matchFields = [{ key: "metadata.name", operator: "In" as const, values: [node] }];
  return {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } },
  };
}

function container({ image }: ProbePod, name: string, script: string): IContainer {
  return {
    name,
    image,
    command: ["node", "-e", script],
    resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "1", memory: "128Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}
