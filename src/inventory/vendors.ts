/** Where a vendor's node labels say what a device is. `{resource}` stands for the extended resource's name. */
export interface DeviceLabels {
  readonly vendor: string;
  readonly resource: RegExp;
  readonly product: string;
  readonly memory: { readonly label: string; readonly unit: "MiB" | "GiB" };
  /** Absent where the vendor publishes nothing on sharing. */
  readonly sharing?: { readonly strategy: string; readonly shared: readonly string[]; readonly replicas: string };
}

/** A new vendor is a new row; the first that matches wins. */
const table: readonly DeviceLabels[] = [
  {
    // GPU feature discovery 0.20; MIG under the mixed strategy has its own set of labels for every profile.
    vendor: "nvidia",
    resource: /^nvidia\.com\/(gpu|mig-.+)$/,
    product: "{resource}.product",
    memory: { label: "{resource}.memory", unit: "MiB" },
    sharing: {
      strategy: "{resource}.sharing-strategy",
      shared: ["time-slicing", "mps"],
      replicas: "{resource}.replicas",
    },
  },
  {
    // AMD node labeller; partitions (amd.com/cpx_nps4) are described by the labels of their card.
    vendor: "amd",
    resource: /^amd\.com\//,
    product: "amd.com/gpu.product-name",
    memory: { label: "amd.com/gpu.vram", unit: "GiB" },
  },
  {
    // Intel's NFD rules name the product; the memory label is the administrator's.
    vendor: "intel",
    resource: /^gpu\.intel\.com\//,
    product: "gpu.intel.com/product",
    memory: { label: "{resource}.memory", unit: "MiB" },
  },
];

/** For devices that no vendor labels, such as habana.ai/gaudi: the administrator does, in NVIDIA's way. */
const labelledByHand: Omit<DeviceLabels, "vendor" | "resource"> = {
  product: "{resource}.product",
  memory: { label: "{resource}.memory", unit: "MiB" },
};

/** Resources that are never exclusive whatever the labels say: renamed time-slices, and Intel's monitoring handle. */
const sharedResource = /(\.shared|_monitoring)$/;
/** What GPU feature discovery appends to the product of a shared GPU, and of one whose MIG layout is broken. */
const unsoldProduct = /-(SHARED|MIG-INVALID)$/;

/** The labels that describe a vendor's resource. */
export function deviceLabels(vendor: string, resource: string): Omit<DeviceLabels, "vendor" | "resource"> {
  const row = table.find((row) => row.vendor === vendor && row.resource.test(resource)) ?? labelledByHand;
  const named = (template: string) => template.replace("{resource}", resource);
  const { product, memory, sharing } = row;
  return {
    product: named(product),
    memory: { ...memory, label: named(memory.label) },
    ...(sharing && {
      sharing: { ...sharing, strategy: named(sharing.strategy), replicas: named(sharing.replicas) },
    }),
  };
}

/** Why a resource or product may not be sold at all: tenants would share the device. */
export function sharedByName(resource: string, product: string): string | undefined {
  if (sharedResource.test(resource)) return `${resource} is a shared resource; only exclusive devices are sold`;
  if (unsoldProduct.test(product))
    return `product ${product} is not an exclusive device; only exclusive devices are sold`;
  return undefined;
}
