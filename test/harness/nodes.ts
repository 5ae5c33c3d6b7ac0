export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

export interface GpuNodeOptions {
  /** GPU feature discovery's name of the model, such as `NVIDIA-H100-80GB-HBM3`. */
  readonly product: string;
  /** GPUs; with `migProfile`, slices. */
  readonly count: number;
  /** Memory of one GPU; with `migProfile`, of one slice. */
  readonly memoryMiB: number;
  /** Kubernetes quantity. Default 96. */
  readonly cpu?: string;
  /** Kubernetes quantity. Default 1Ti. */
  readonly memory?: string;
  /** Added to, and winning over, the usual ones. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Default: `nvidia.com/gpu=present:NoSchedule`. */
  readonly taints?: readonly Taint[];
  /** Such as `1g.10gb`: the node offers slices of this profile (`nvidia.com/mig-1g.10gb`, strategy mixed) instead of whole GPUs. */
  readonly migProfile?: string;
}

export interface NodeManifest {
  readonly apiVersion: "v1";
  readonly kind: "Node";
  readonly metadata: {
    readonly name: string;
    readonly annotations: Readonly<Record<string, string>>;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly taints: readonly Taint[] };
  readonly status: {
    readonly allocatable: Readonly<Record<string, string>>;
    readonly capacity: Readonly<Record<string, string>>;
  };
}

/**
 * A Node for kwok that looks like one with NVIDIA's device plugin and GPU feature discovery 0.20: resources, labels and taint. Send it to
 * the API server as it is (a create keeps the status); kwok makes it Ready.
 */
export function gpuNode(name: string, options: GpuNodeOptions): NodeManifest {
  const resource = options.migProfile === undefined ? "gpu" : `mig-${options.migProfile}`;
  const resources = {
    cpu: options.cpu ?? "96",
    memory: options.memory ?? "1Ti",
    "ephemeral-storage": "2Ti",
    pods: "110",
    [`nvidia.com/${resource}`]: String(options.count),
  };
  const labels = {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    ...discoveryLabels(resource, options),
    ...options.labels,
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, annotations: { "kwok.x-k8s.io/node": "fake" }, labels },
    spec: { taints: options.taints ?? [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }] },
    status: { allocatable: resources, capacity: resources },
  };
}

function discoveryLabels(resource: string, options: GpuNodeOptions): Record<string, string> {
  const { product, count, memoryMiB, migProfile } = options;
  const slices = migProfile === undefined ? {} : { "nvidia.com/gpu.product": product, "nvidia.com/gpu.count": "0" };
  return {
    "nvidia.com/gpu.present": "true",
    "nvidia.com/mig.capable": "true",
    "nvidia.com/mig.strategy": migProfile === undefined ? "none" : "mixed",
    ...slices,
    [`nvidia.com/${resource}.product`]: migProfile === undefined ? product : `${product}-MIG-${migProfile}`,
    [`nvidia.com/${resource}.count`]: String(count),
    [`nvidia.com/${resource}.memory`]: String(memoryMiB),
    [`nvidia.com/${resource}.replicas`]: "1",
    [`nvidia.com/${resource}.sharing-strategy`]: "none",
  };
}
