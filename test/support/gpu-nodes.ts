import type { NodeFacts } from "../../src/inventory/node-facts.ts";
import { parseResources, type ResourceList } from "../../src/inventory/resources.ts";
import { type Shape, shapeOf } from "../../src/inventory/shape.ts";

export const h100 = "NVIDIA-H100-80GB-HBM3";
export const a100 = "NVIDIA-A100-SXM4-80GB";

export interface NodeOptions extends Partial<Omit<NodeFacts, "allocatable">> {
  readonly allocatable?: ResourceList;
}

/** A ready node with 8 H100, 96 cores and 1 TiB, but for what `options` say. */
export function h100Node(name: string, options: NodeOptions = {}): NodeFacts {
  const { allocatable, labels, ...rest } = options;
  const resources = { cpu: "96", memory: "1Ti", "ephemeral-storage": "2Ti", pods: "110", "nvidia.com/gpu": "8" };
  return {
    name,
    labels: { "nvidia.com/gpu.product": h100, "nvidia.com/gpu.memory": "81559", ...labels },
    taints: [],
    unschedulable: false,
    ready: true,
    deleting: false,
    maintenanceAt: undefined,
    allocatable: parseResources({ ...resources, ...allocatable }),
    ...rest,
  };
}

type OfferParts = Parameters<typeof shapeOf>[0];
type Accelerator = NonNullable<OfferParts["unit"]["accelerator"]>;

/** The shape of an offer of one H100 with 8 cores and 64 GiB a unit, but for what the arguments say. */
export function h100Shape(accelerator: Partial<Accelerator> = {}, placement: OfferParts["placement"] = {}): Shape {
  return shapeOf({
    unit: {
      accelerator: { resource: "nvidia.com/gpu", product: h100, count: 1, ...accelerator },
      cpu: "8",
      memory: "64Gi",
      ephemeralStorage: "100Gi",
    },
    placement,
  });
}
