import type { IPod } from "kubernetes-models/v1/Pod";
import { deviceClassAffinity } from "../../../src/inventory/device-class.ts";
import type { Shape } from "../../../src/inventory/shape.ts";

type PodSpec = NonNullable<IPod["spec"]>;
type NodeSelectorTerms = NonNullable<
  NonNullable<NonNullable<PodSpec["affinity"]>["nodeAffinity"]>["requiredDuringSchedulingIgnoredDuringExecution"]
>["nodeSelectorTerms"];

/** One pod that asks all units of a lease, restricted to the device class and, if told, to one node. */
export function leasePod(shape: Shape, units: number, node: string | undefined): PodSpec {
  const requests = Object.fromEntries(
    [...shape.requests]
      .filter(([resource]) => resource !== "pods")
      .map(([resource, amount]) => [resource, `${amount * BigInt(units)}${resource === "cpu" ? "m" : ""}`]),
  );
  const nodeSelectorTerms = requiredTerms(shape, node);
  return {
    containers: [{ name: "main", image: "registry.example/tenant", resources: { requests, limits: requests } }],
    nodeSelector: { ...shape.nodeSelector },
    tolerations: shape.tolerations.map(({ key, operator, value, effect }) => ({
      ...(key !== undefined && { key }),
      operator: operator === "Exists" ? "Exists" : "Equal",
      ...(value !== undefined && { value }),
      ...(effect === "NoSchedule" && { effect }),
    })),
    ...(nodeSelectorTerms && {
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
    }),
  };
}

function requiredTerms(shape: Shape, node: string | undefined): NodeSelectorTerms | undefined {
  const classOnly = deviceClassAffinity(shape);
  const terms = shape.affinity.length === 0 ? [{ matchExpressions: [] }] : shape.affinity;
  const merged = terms.map(({ matchExpressions }) => ({
    matchExpressions: [...matchExpressions, ...classOnly].map(({ values, ...requirement }) => ({
      ...requirement,
      ...(values && { values: [...values] }),
    })),
    ...(node !== undefined && { matchFields: [{ key: "metadata.name", operator: "In" as const, values: [node] }] }),
  }));
  const saysNothing = merged.every(
    ({ matchExpressions, matchFields }) => matchExpressions.length === 0 && !matchFields,
  );
  return saysNothing ? undefined : merged;
}
