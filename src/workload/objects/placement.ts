import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import { deviceClassAffinity } from "../../inventory/device-class.ts";
import type { NodeSelectorRequirement } from "../../inventory/selectors.ts";
import type { Context } from "./context.ts";

type Placement = Pick<
  IPodSpec,
  "affinity" | "nodeSelector" | "tolerations" | "runtimeClassName" | "schedulerName" | "priorityClassName"
>;

/** Pins the pod to the allocated node and the exact device class; the scheduler checks that both still hold. */
export function placementOf({ offer, shape, node }: Context): Placement {
  const device = deviceClassAffinity(shape).map(requirement);
  const terms = shape.affinity.length > 0 ? shape.affinity : [{ matchExpressions: [] }];
  const nodeSelectorTerms = terms.map((term) => {
    const matchExpressions = [...term.matchExpressions.map(requirement), ...device];
    return {
      matchFields: [{ key: "metadata.name", operator: "In" as const, values: [node] }],
      ...(matchExpressions.length > 0 && { matchExpressions }),
    };
  });
  const tolerations = offer.placement?.tolerations ?? [];
  const { schedulerName, priorityClassName } = offer.scheduling ?? {};
  const runtimeClassName = offer.isolation?.runtimeClassName;
  return {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
    ...(Object.keys(shape.nodeSelector).length > 0 && { nodeSelector: { ...shape.nodeSelector } }),
    // The RuntimeClass adds its own by admission.
    ...(tolerations.length > 0 && { tolerations: tolerations.map((given) => ({ ...given })) }),
    ...(runtimeClassName !== undefined && { runtimeClassName }),
    ...(schedulerName !== undefined && { schedulerName }),
    ...(priorityClassName !== undefined && { priorityClassName }),
  };
}

function requirement({ key, operator, values }: NodeSelectorRequirement): {
  key: string;
  operator: NodeSelectorRequirement["operator"];
  values?: string[];
} {
  return { key, operator, ...(values && { values: [...values] }) };
}
