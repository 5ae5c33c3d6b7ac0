import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { findComponents } from "../../../tools/controlplane/components.ts";
import type { Cluster } from "../cluster.ts";
import { createInstance, type Instance } from "../instance.ts";
import { type GpuNodeOptions, gpuNode } from "../nodes.ts";
import { answersOk } from "../probe.ts";
import { run } from "../run.ts";
import { eventually } from "../wait.ts";
import { cleanUp } from "./clean-up.ts";
import { type GpuPlugin, startGpuPlugin } from "./gpu-plugin.ts";
import type { Isolation } from "./isolation.ts";
import { kubelet } from "./kubelet.ts";
import { kubeletFolder, nodeUser, proxyUser } from "./names.ts";
import { type NodePrograms, nodePrograms } from "./programs.ts";
import { type ContainerRuntime, startRuntime } from "./runtime.ts";
import { serviceProxy, serviceProxyHealthUrl } from "./service-proxy.ts";

export interface NodeOptions {
  readonly name: string;
  readonly gpus: GpuNodeOptions;
}

/** A Kubernetes node on which containers really run, with GPUs that kubelet really hands out. */
export interface RealNode {
  readonly name: string;
  readonly gpus: GpuPlugin;
  /** Loads image archives, as `docker save` writes them. */
  importImages(...files: readonly string[]): Promise<void>;
  /** Ends everything that runs on the node, and takes its network away. */
  stop(): Promise<void>;
}

/** Starts containerd, kubelet, a GPU device plug-in and kube-proxy against a cluster that knows `nodeUsers`, and waits for them. */
export async function startNode(cluster: Cluster, options: NodeOptions, isolation: Isolation): Promise<RealNode> {
  const [programs, components] = await Promise.all([nodePrograms(), findComponents(["kubelet", "kube-proxy"])]);
  const instance = await createInstance("node", { dir: join(isolation.scratch, options.name) });
  const data = join(isolation.scratch, `${options.name}.data`);
  await mkdir(data, { recursive: true });
  const runtime = await startRuntime(instance, programs, data);
  const start: Start = { cluster, options, isolation, instance, programs, components, runtime };
  try {
    await startKubelet(start);
    const [gpus] = await Promise.all([startGpus(start, data), startServiceProxy(start)]);
    return {
      name: options.name,
      gpus,
      async importImages(...files): Promise<void> {
        for (const file of files) await runtime.ctr("images", "import", file);
      },
      async stop(): Promise<void> {
        await gpus.stop();
        await end(instance, runtime, data);
      },
    };
  } catch (error) {
    await end(instance, runtime, data).catch(() => undefined); // the error says why it failed
    throw error;
  }
}

async function end(instance: Instance, runtime: ContainerRuntime, data: string): Promise<void> {
  await Promise.all(["kubelet", "kube-proxy"].map((name) => instance.part(name)?.kill()));
  await cleanUp(runtime, data);
  await Promise.all([data, "/run/containerd"].map((folder) => rm(folder, { recursive: true, force: true })));
  await instance.stop();
}

interface Start {
  readonly cluster: Cluster;
  readonly options: NodeOptions;
  readonly isolation: Isolation;
  readonly instance: Instance;
  readonly programs: NodePrograms;
  /** Folder of Kubernetes' programs. */
  readonly components: string;
  readonly runtime: ContainerRuntime;
}

async function startKubelet({
  cluster,
  options,
  isolation,
  instance,
  programs,
  components,
  runtime,
}: Start): Promise<void> {
  const { name, gpus } = options;
  const { metadata, spec } = gpuNode(name, gpus);
  const program = await kubelet({
    command: join(components, "kubelet"),
    node: name,
    labels: withoutKubeletsOwn(metadata.labels),
    taints: spec.taints,
    kubeconfigFile: await cluster.kubeconfigFor(nodeUser(name)),
    runtimeSocket: runtime.socket,
    env: programs.env,
    dir: instance.dir,
    isolation,
  });
  instance.start(program);
  const query = ["get", "node", name, "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}"];
  await instance.ready(program.name, async () => (await cluster.kubectl(query)) === "True");
}

/** Kubelet sets these itself, and refuses to be told. */
function withoutKubeletsOwn(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith("kubernetes.io/")));
}

async function startGpus({ cluster, options }: Start, data: string): Promise<GpuPlugin> {
  const { name, gpus } = options;
  const resource = "nvidia.com/gpu";
  const files = Array.from({ length: gpus.count }, (_, index) => join(data, `nvidia${index}`));
  // NVIDIA's major number. Nobody drives it here: the files can be seen and not opened.
  for (const [index, file] of files.entries()) await run("mknod", [file, "c", "195", String(index)]);
  const plugin = await startGpuPlugin({ socketFolder: join(kubeletFolder, "device-plugins"), resource, files });
  const query = ["get", "node", name, "-o", `jsonpath={.status.allocatable.${resource.replace(".", "\\.")}}`];
  await eventually(`${gpus.count} GPUs on ${name}`, async () =>
    (await cluster.kubectl(query)) === String(gpus.count) ? true : undefined,
  );
  return plugin;
}

async function startServiceProxy({
  cluster,
  options,
  isolation,
  instance,
  programs,
  components,
}: Start): Promise<void> {
  const { address } = isolation;
  const program = await serviceProxy({
    command: join(components, "kube-proxy"),
    node: options.name,
    address,
    kubeconfigFile: await cluster.kubeconfigFor(proxyUser),
    env: programs.env,
    dir: instance.dir,
  });
  instance.start(program);
  await instance.ready(program.name, () => answersOk(serviceProxyHealthUrl(address)));
}
