import type { INode } from "kubernetes-models/v1/Node";
import type { IPod } from "kubernetes-models/v1/Pod";
import { KubeClient } from "../../../src/kube/client.ts";
import { loadClusterConfig } from "../../../src/kube/config.ts";
import { namespaces, nodes, pods, runtimeClasses, serviceAccounts } from "../../../src/kube/core.ts";
import { Informer } from "../../../src/kube/informer.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { eventually } from "../../harness/wait.ts";
import { type ForeignPod, type RandomNode, sandboxClass } from "./random-cluster.ts";

type PodSpec = NonNullable<IPod["spec"]>;

const namespace = "arena";
const by = { fieldManager: "test" };

/** What the scheduler made of a pod. */
export type Decision = { readonly node: string } | "unschedulable";

/** A real API server and scheduler, nodes without kubelets, and all pods in one namespace. */
export class Arena {
  readonly #cluster: Cluster;
  readonly #client: KubeClient;
  readonly #pods: Informer<IPod>;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;

  private constructor(cluster: Cluster, client: KubeClient) {
    this.#cluster = cluster;
    this.#client = client;
    this.#pods = new Informer(client, pods, { namespace });
    this.#watching = this.#pods.run(this.#stop.signal);
  }

  static async open(): Promise<Arena> {
    const cluster = await startCluster({ scheduler: true });
    const client = new KubeClient(await loadClusterConfig({ kubeconfig: cluster.kubeconfigFile }));
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, by);
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } } as const;
    await client.create(serviceAccounts, account, by);
    await client.create(
      runtimeClasses,
      {
        apiVersion: "node.k8s.io/v1",
        kind: "RuntimeClass",
        metadata: { name: sandboxClass },
        handler: sandboxClass,
        overhead: { podFixed: { cpu: "1500m", memory: "2Gi" } },
      },
      by,
    );
    return new Arena(cluster, client);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    await this.#client.close();
    await this.#cluster.stop();
  }

  /** Creates a node and takes off the not-ready taint that admission gives to every new one. */
  async createNode(name: string, { labels, taints, unschedulable, ready, allocatable }: RandomNode): Promise<INode> {
    const conditions = [{ type: "Ready", status: ready ? ("True" as const) : ("False" as const) }];
    const status = { allocatable, capacity: allocatable, conditions };
    await this.#client.create(
      nodes,
      { apiVersion: "v1", kind: "Node", metadata: { name, labels }, spec: { unschedulable }, status },
      by,
    );
    const silent = ["NoSchedule", "NoExecute"].map((effect) => ({ key: "node.kubernetes.io/not-ready", effect }));
    const spec = { taints: ready ? taints : [...taints, ...silent] };
    return this.#client.mergePatch(nodes, { name }, { spec }, by);
  }

  /** A pod past the scheduler: bound from the start, in the phase that it is said to be in. */
  async createBound(name: string, node: string, { spec, phase }: ForeignPod): Promise<IPod> {
    const created = await this.createPod(name, { ...spec, nodeName: node });
    if (phase === "Running") return created;
    const ref = { name, namespace };
    return this.#client.mergePatch(pods, ref, { status: { phase } }, { ...by, subresource: "status" });
  }

  createPod(name: string, spec: PodSpec): Promise<IPod> {
    const hardened = { ...spec, automountServiceAccountToken: false, terminationGracePeriodSeconds: 0 };
    return this.#client.create(
      pods,
      { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec: hardened },
      by,
    );
  }

  deletePod(name: string): Promise<void> {
    return this.#client.delete(pods, { name, namespace });
  }

  /** Waits until the scheduler has decided on a pod. */
  decision(name: string): Promise<Decision> {
    const decided = (): Decision | undefined => {
      const pod = this.#pods.store.get(`${namespace}/${name}`);
      if (pod?.spec?.nodeName) return { node: pod.spec.nodeName };
      const scheduled = pod?.status?.conditions?.find(({ type }) => type === "PodScheduled");
      return scheduled?.reason === "Unschedulable" ? "unschedulable" : undefined;
    };
    return eventually(`the scheduler's decision on pod ${name}`, decided, { timeoutSeconds: 120 });
  }

  /**
   * Waits until the scheduler knows all that was created before: watches deliver in order, so it knows all nodes once
   * it places a pod onto the newest.
   */
  async schedulerKnowsAll(): Promise<void> {
    const name = "canary";
    const allocatable = { cpu: "1", memory: "1Gi", pods: "1" };
    const state = { labels: { canary: "" }, taints: [], unschedulable: false, ready: true };
    await this.createNode(name, { ...state, allocatable });
    await this.createPod(name, {
      containers: [{ name, image: "registry.example/canary" }],
      nodeSelector: { canary: "" },
    });
    await eventually(
      "the canary pod to be bound",
      async () => (await this.decision(name)) !== "unschedulable" || undefined,
    );
  }
}

/** Runs `work` over all items, at most 24 at a time: as many as the client has connections. */
export async function forAll<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: 24 }, worker));
}
