import type { Cluster } from "../cluster.ts";
import { eventually } from "../wait.ts";

/** What the tests ask of a pod. */
export interface PodState {
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
  readonly address: string;
  readonly isReady: boolean;
  /** Of all its containers together. */
  readonly restarts: number;
}

interface RawPod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

/** Pods of a namespace that are not being deleted, by name; `selector` is one of labels. */
export async function podsOf(cluster: Cluster, namespace: string, selector = ""): Promise<readonly PodState[]> {
  const text = await cluster.kubectl(["get", "pods", "-n", namespace, `--selector=${selector}`, "-o", "json"]);
  const { items }: { items: readonly RawPod[] } = JSON.parse(text);
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(stateOf);
}

/** The only pod of a namespace, once it is ready. */
export async function readyPod(cluster: Cluster, namespace: string, timeoutSeconds = 60): Promise<PodState> {
  return eventually(
    `one ready pod in ${namespace}`,
    async () => {
      const [pod, ...others] = await podsOf(cluster, namespace);
      return pod?.isReady && others.length === 0 ? pod : undefined;
    },
    { timeoutSeconds, intervalMilliseconds: 200 },
  );
}

function stateOf({ metadata, status }: RawPod): PodState {
  return {
    name: metadata.name,
    uid: metadata.uid,
    phase: status.phase ?? "",
    address: status.podIP ?? "",
    isReady: (status.conditions ?? []).some(({ type, status: value }) => type === "Ready" && value === "True"),
    restarts: (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
  };
}
