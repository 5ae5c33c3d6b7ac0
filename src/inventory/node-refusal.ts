import { deviceClassContradiction, deviceClassRefusal } from "./device-class.ts";
import type { NodeFacts, Taint } from "./node-facts.ts";
import { labelOf, matchesAnyTerm, untoleratedTaint } from "./selectors.ts";
import type { Shape } from "./shape.ts";

/**
 * Why an offer may not be sold from a node however empty it is, or undefined. Worded to follow `node-a: `.
 * Stricter than the scheduler on one point: a node that is cordoned, not ready, being deleted or to be maintained is
 * never sold from, even if the offer's tolerations would let pods onto it.
 */
export function nodeRefusal(node: NodeFacts, shape: Shape): string | undefined {
  return (
    (shape.accelerator && deviceClassRefusal(node, shape.accelerator)) ??
    selectorRefusal(node, shape) ??
    stateRefusal(node) ??
    taintRefusal(node, shape)
  );
}

/**
 * Why a lease that already lives on a node can no longer be served there, or undefined. A cordon or a new NoSchedule
 * taint moves nobody, so neither counts here.
 */
export function servingRefusal(node: NodeFacts, shape: Shape): string | undefined {
  if (node.deleting) return "being deleted";
  if (!node.ready) return "not ready";
  return shape.accelerator && deviceClassContradiction(node, shape.accelerator);
}

function selectorRefusal({ labels }: NodeFacts, { nodeSelector, affinity }: Shape): string | undefined {
  for (const [key, value] of Object.entries(nodeSelector)) {
    if (labelOf(labels, key) !== value) return `node selector ${key}=${value} does not match`;
  }
  if (affinity.length > 0 && !matchesAnyTerm(labels, affinity)) return "node affinity does not match";
  return undefined;
}

function stateRefusal({ deleting, ready, unschedulable, maintenanceAt }: NodeFacts): string | undefined {
  if (deleting) return "being deleted";
  if (!ready) return "not ready";
  if (unschedulable) return "cordoned";
  return maintenanceAt === undefined ? undefined : "to be maintained";
}

function taintRefusal({ taints }: NodeFacts, { tolerations }: Shape): string | undefined {
  const taint = untoleratedTaint(taints, tolerations);
  return taint && `taint ${describeTaint(taint)}`;
}

function describeTaint({ key, value, effect }: Taint): string {
  return value === "" ? `${key}:${effect}` : `${key}=${value}:${effect}`;
}
