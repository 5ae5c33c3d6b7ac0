import type { INode } from "kubernetes-models/v1/Node";
import { deviceClassRefusal } from "../../../inventory/device-class.ts";
import { type NodeFacts, nodeFacts } from "../../../inventory/node-facts.ts";
import { deviceLabels } from "../../../inventory/vendors.ts";
import { type Finding, ok, warn } from "../finding.ts";

const vendors = [
  { vendor: "nvidia", resource: /^nvidia\.com\/(gpu|mig-.+)$/ },
  { vendor: "amd", resource: /^amd\.com\/gpu$/ },
  { vendor: "intel", resource: /^gpu\.intel\.com\/(i915|xe)$/ },
] as const;

/** What the GPU Operator's MIG manager says of the layout that it was asked for. */
const MIG_STATE = "nvidia.com/mig.config.state";

/** One kind of GPU that a node offers. */
interface Device {
  readonly node: NodeFacts;
  readonly vendor: (typeof vendors)[number]["vendor"];
  readonly resource: string;
  readonly count: number;
  /** From the vendor's label; undefined when it is missing. */
  readonly product: string | undefined;
}

/** What the nodes' GPUs are, and what keeps them from being sold. Pure. */
export function nodeFindings(nodes: readonly Pick<INode, "metadata" | "spec" | "status">[]): readonly Finding[] {
  const devices = nodes.flatMap(devicesOf);
  if (devices.length === 0) {
    const fix = "install the vendor's device plug-in (NVIDIA: the GPU Operator) if there are GPUs";
    return [warn("GPU nodes", `none of ${nodes.length} nodes offers GPUs: only CPU and memory can be sold`, fix)];
  }
  const problems = devices.flatMap(problemOf);
  const good = devices.filter((device) => problemOf(device).length === 0);
  return [...(good.length === 0 ? [] : [ok("GPU nodes", summaryOf(good))]), ...problems];
}

function devicesOf(node: Pick<INode, "metadata" | "spec" | "status">): Device[] {
  const facts = nodeFacts(node);
  return Object.entries(node.status?.allocatable ?? {}).flatMap(([resource, quantity]) => {
    const vendor = vendors.find((row) => row.resource.test(resource))?.vendor;
    const count = Number(quantity);
    if (vendor === undefined || !(count > 0)) return [];
    return [{ node: facts, vendor, resource, count, product: facts.labels[deviceLabels(vendor, resource).product] }];
  });
}

function problemOf({ node, vendor, resource, count, product }: Device): Finding[] {
  const where = `node ${node.name}, ${count} × ${resource}`;
  if (product === undefined) {
    const { product: label } = deviceLabels(vendor, resource);
    return [
      warn(
        "GPU labels",
        `${where}: no label ${label}, so nobody knows which product it is`,
        "install the vendor's feature discovery (NVIDIA: the GPU Operator), or set the label",
      ),
    ];
  }
  const refusal = deviceClassRefusal(node, { vendor, resource, product, count: 1 });
  if (refusal !== undefined) {
    return [warn("GPU sharing", `${where}: ${refusal}`, "only whole GPUs and MIG slices are sold: turn sharing off")];
  }
  const layout = node.labels[MIG_STATE];
  if (layout !== undefined && layout !== "success") {
    const fix = `wait for the MIG manager, or see its log: kubectl get node ${node.name} --label-columns ${MIG_STATE}`;
    return [warn("GPU partitions", `${where}: the MIG layout is ${layout}`, fix)];
  }
  if (!node.ready || node.unschedulable) {
    const why = node.ready ? "it is cordoned" : "it is not Ready";
    return [warn("GPU nodes", `${where}: not sold while ${why}`, `kubectl describe node ${node.name}`)];
  }
  return [];
}

function summaryOf(devices: readonly Device[]): string {
  const counts = new Map<string, number>();
  for (const { product = "", count } of devices) counts.set(product, (counts.get(product) ?? 0) + count);
  const kinds = [...counts].map(([product, count]) => `${count} × ${product}`);
  const nodes = new Set(devices.map(({ node }) => node.name)).size;
  return `${kinds.join(", ")} on ${nodes} ${nodes === 1 ? "node" : "nodes"}`;
}
