import type { NodeFacts } from "./node-facts.ts";
import { labelOf, type NodeSelectorRequirement } from "./selectors.ts";
import type { Accelerator, Shape } from "./shape.ts";
import { deviceLabels, sharedByName } from "./vendors.ts";

/** What must stand on a node's labels for its devices to be the ones that were sold. */
interface DeviceClass {
  readonly product: { readonly label: string; readonly value: string };
  readonly memory?: { readonly label: string; readonly value: string };
  readonly sharing?: { readonly strategy: string; readonly shared: readonly string[]; readonly replicas: string };
}

function deviceClass(accelerator: Accelerator): DeviceClass {
  const { vendor, resource, memoryMiB } = accelerator;
  const { product, memory, sharing } = deviceLabels(vendor, resource);
  return {
    product: { label: product, value: productName(accelerator) },
    ...(memoryMiB !== undefined && { memory: { label: memory.label, value: memoryValue(memoryMiB, memory.unit) } }),
    ...(sharing && { sharing }),
  };
}

/** GPU feature discovery names a slice `<card>-MIG-<profile>`; an offer may give the card or the whole name. */
function productName({ product, migProfile }: Accelerator): string {
  return migProfile === undefined || product.endsWith(`-MIG-${migProfile}`) ? product : `${product}-MIG-${migProfile}`;
}

function memoryValue(mebibytes: number, unit: "MiB" | "GiB"): string {
  return unit === "MiB" ? String(mebibytes) : `${Math.floor(mebibytes / 1024)}G`;
}

/**
 * Node affinity that lets a pod onto nodes of the exact device class only: product, memory, MIG profile, exclusive.
 * Empty for an offer without accelerators. To be added to every term of the pod's required node affinity.
 */
export function deviceClassAffinity(shape: Pick<Shape, "accelerator">): NodeSelectorRequirement[] {
  if (!shape.accelerator) return [];
  const { product, memory, sharing } = deviceClass(shape.accelerator);
  const requirements: NodeSelectorRequirement[] = [{ key: product.label, operator: "In", values: [product.value] }];
  if (memory) requirements.push({ key: memory.label, operator: "In", values: [memory.value] });
  if (sharing) requirements.push({ key: sharing.strategy, operator: "NotIn", values: sharing.shared });
  return requirements;
}

/**
 * Why a node's devices are not the ones that an offer sells, or undefined when they are. Stricter than the affinity
 * where labels contradict each other (a replica count without a strategy), which affinity cannot express.
 */
export function deviceClassRefusal(node: NodeFacts, accelerator: Accelerator): string | undefined {
  const shared = sharedByName(accelerator.resource, accelerator.product);
  if (shared !== undefined) return shared;
  const { product, memory, sharing } = deviceClass(accelerator);
  return (
    differs(node, "product", product) ??
    (memory && differs(node, "memory", memory)) ??
    (sharing && sharedByLabel(node, sharing))
  );
}

function differs(
  node: NodeFacts,
  what: string,
  { label, value }: { label: string; value: string },
): string | undefined {
  const found = labelOf(node.labels, label);
  if (found === value) return undefined;
  return found === undefined ? `no label ${label}` : `${what} is ${found}, not ${value}`;
}

function sharedByLabel(node: NodeFacts, sharing: { strategy: string; replicas: string }): string | undefined {
  const strategy = labelOf(node.labels, sharing.strategy) ?? "none";
  if (strategy !== "none") return `devices are shared: ${sharing.strategy}=${strategy}`;
  const replicas = labelOf(node.labels, sharing.replicas) ?? "1";
  return /^[01]$/.test(replicas) ? undefined : `devices are shared: ${sharing.replicas}=${replicas}`;
}
