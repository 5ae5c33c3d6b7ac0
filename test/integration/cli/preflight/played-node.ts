import type { IPod } from "kubernetes-models/v1/Pod";
import { isRecord } from "../../../../src/chain/hex.ts";
import type { KubeClient } from "../../../../src/kube/client.ts";
import { pods } from "../../../../src/kube/core.ts";
import { Informer } from "../../../../src/kube/informer.ts";
import { refTo } from "../../../../src/kube/resource.ts";

export const podAddresses = ["10.244.0.5", "fd00:10:244::5"];
const linkLocal = "fe80::a:5";

/** Whether a client reaches a host, by the names of both. */
export type Network = (client: string, host: string) => boolean;

/**
 * Plays the kubelet of the probe's pods, which need a real node to run: each gets the status that its program would leave on a network
 * like `network`. @returns what ends it
 */
export function playNode(client: KubeClient, network: Network): () => Promise<void> {
  const stop = new AbortController();
  const informer = new Informer(client, pods, { labelSelector: "berthage.dev/probe=isolation" });
  const played = new Set<string>();
  const pending: Promise<unknown>[] = [];
  informer.onChange(({ type, object }) => {
    const uid = object.metadata?.uid ?? "";
    if (type === "deleted" || played.has(uid)) return;
    played.add(uid);
    const status = object.metadata?.name === "server" ? serverStatus(object) : clientStatus(object, network);
    const by = { fieldManager: "kubelet", subresource: "status" } as const;
    pending.push(client.mergePatch(pods, refTo(object), { status }, by).catch(() => undefined)); // it may be gone
  });
  const running = informer.run(stop.signal);
  return async () => {
    stop.abort();
    await running;
    await Promise.all(pending);
  };
}

function serverStatus(pod: IPod): IPod["status"] {
  const told = JSON.stringify({ addresses: [...podAddresses, linkLocal] });
  return {
    phase: "Running",
    podIP: podAddresses[0] ?? "",
    podIPs: podAddresses.map((ip) => ({ ip })),
    initContainerStatuses: [container(pod, "addresses", { terminated: { exitCode: 0, message: told } })],
    containerStatuses: [container(pod, "server", { running: { startedAt: "2030-01-01T00:00:00Z" } })],
  };
}

function clientStatus(pod: IPod, network: Network): IPod["status"] {
  const name = pod.metadata?.name ?? "";
  const open = hostsOf(pod).map((host) => network(name, host));
  const terminated = { exitCode: 0, message: JSON.stringify({ open }) };
  return { phase: "Succeeded", containerStatuses: [container(pod, "client", { terminated })] };
}

function hostsOf(pod: IPod): readonly string[] {
  const text = pod.spec?.containers[0]?.env?.find(({ name }) => name === "PROBE")?.value;
  const task: unknown = JSON.parse(text ?? "");
  const targets = isRecord(task) && Array.isArray(task["targets"]) ? task["targets"] : [];
  return targets.map((target: unknown) => String(isRecord(target) ? target["host"] : undefined));
}

type ContainerStatus = NonNullable<NonNullable<IPod["status"]>["containerStatuses"]>[number];

function container({ spec }: IPod, name: string, state: ContainerStatus["state"]): ContainerStatus {
  return {
    name,
    image: spec?.containers[0]?.image ?? "",
    imageID: "",
    ready: true,
    restartCount: 0,
    state: state ?? {},
  };
}
