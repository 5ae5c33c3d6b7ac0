import type { NodeFacts } from "./node-facts.ts";
import { labelOf, type NodeSelectorRequirement } from "./selectors.ts";
import type { Accelerator, Shape } from "./shape.ts";
import { deviceLabels, sharedByName } from "./vendors.ts";

const SHARED = "devices are shared";

interface Wanted {
  readonly label: string;
  readonly value: string;
}

/** What must stand on a node's labels for its devices to be the ones that were sold. */
interface DeviceClass {
  /** Why no node will do: the name itself says that the device is shared. */
  readonly unsold?: string;
  readonly product: Wanted;
  readonly memory?: Wanted;
  readonly sharing?: { readonly strategy: string; readonly shared: readonly string[]; readonly replicas: string };
}

/** Kept for each accelerator: capacity asks for one offer's on thousands of nodes. */
const classes = new WeakMap<Accelerator, DeviceClass>();

function deviceClass(accelerator: Accelerator): DeviceClass {
  const known = classes.get(accelerator) ?? classOf(accelerator);
  classes.set(accelerator, known);
  return known;
}

function classOf(accelerator: Accelerator): DeviceClass {
  const { vendor, resource, memoryMiB } = accelerator;
  const { product, memory, sharing } = deviceLabels(vendor, resource);
  const unsold = sharedByName(resource, accelerator.product);
  return {
    ...(unsold !== undefined && { unsold }),
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
  const { unsold, product, memory } = deviceClass(accelerator);
  return (
    unsold ?? missing(node, product) ?? (memory && missing(node, memory)) ?? deviceClassContradiction(node, accelerator)
  );
}

/**
 * Why a node's labels contradict the class that was sold. A missing label contradicts nothing: GPU feature discovery
 * takes its labels away while it restarts, and unknown is not unhealthy (law 1).
 */
export function deviceClassContradiction(node: NodeFacts, accelerator: Accelerator): string | undefined {
  const { product, memory, sharing } = deviceClass(accelerator);
  return (
    differs(node, "product", product) ??
    (memory && differs(node, "memory", memory)) ??
    (sharing && sharedByLabel(node, sharing))
  );
}

/** Whether a refusal says that the very devices are there, but shared (time-slicing, MPS). */
export function isSharingRefusal(reason: string): boolean {
  return reason.startsWith(SHARED);
}

function missing({ labels }: NodeFacts, { label }: Wanted): string | undefined {
  return labelOf(labels, label) === undefined ? `no label ${label}` : undefined;
}

function differs({ labels }: NodeFacts, what: string, { label, value }: Wanted): string | undefined {
  const found = labelOf(labels, label);
  return found === undefined || found === value ? undefined : `${what} is ${found}, not ${value}`;
}

function sharedByLabel(node: NodeFacts, sharing: { strategy: string; replicas: string }): string | undefined {
  const strategy = labelOf(node.labels, sharing.strategy) ?? "none";
  if (strategy !== "none") return `${SHARED}: ${sharing.strategy}=${strategy}`;
  const replicas = labelOf(node.labels, sharing.replicas) ?? "1";
  return /^[01]$/.test(replicas) ? undefined : `${SHARED}: ${sharing.replicas}=${replicas}`;
}
