import type { INode } from "kubernetes-models/v1/Node";
import { nodeFacts } from "../../../inventory/node-facts.ts";

/** kwok's mark on nodes that only seem to run their pods. */
const SIMULATED = "kwok.x-k8s.io/node";

/** The node to probe on: the first by name that takes pods, of those with GPUs if there are any. Tenants live there. Pure. */
export function chooseNode(nodes: readonly Pick<INode, "metadata" | "spec" | "status">[]): string | undefined {
  const usable = nodes
    .filter(({ metadata }) => metadata?.annotations?.[SIMULATED] === undefined)
    .map(nodeFacts)
    .filter(({ ready, unschedulable, deleting }) => ready && !unschedulable && !deleting)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const withDevices = usable.filter(({ allocatable }) =>
    [...allocatable].some(([name, amount]) => name.includes("/") && !name.startsWith("hugepages-") && amount > 0n),
  );
  return (withDevices[0] ?? usable[0])?.name;
}
