import type { INode } from "kubernetes-models/v1/Node";
import { announcedMaintenance } from "../api/names.ts";
import { parseResources, type Resources } from "./resources.ts";

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** What a node means to the inventory. */
export interface NodeFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Cordoned. */
  readonly unschedulable: boolean;
  /** The Ready condition is True; Unknown (kubelet silent) is not ready to be sold. */
  readonly ready: boolean;
  readonly deleting: boolean;
  /** When its admin means to work on it, in their words. */
  readonly maintenanceAt: string | undefined;
  readonly allocatable: Resources;
}

/** Projects a v1 Node. */
export function nodeFacts(node: Pick<INode, "metadata" | "spec" | "status">): NodeFacts {
  const { metadata, spec, status } = node;
  return {
    name: metadata?.name ?? "",
    labels: metadata?.labels ?? {},
    taints: (spec?.taints ?? []).map(({ key, value = "", effect }) => ({ key, value, effect })),
    unschedulable: spec?.unschedulable ?? false,
    ready: (status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True"),
    deleting: metadata?.deletionTimestamp !== undefined,
    maintenanceAt: announcedMaintenance(node),
    allocatable: parseResources(status?.allocatable),
  };
}
