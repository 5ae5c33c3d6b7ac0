import type { ComputeOfferSpec } from "../api/types.gen.ts";
import { addTo, parseResources, type ResourceList, type Resources } from "./resources.ts";
import type { NodeSelectorTerm, Toleration } from "./selectors.ts";

export interface Accelerator {
  readonly vendor: string;
  /** Extended resource, such as `nvidia.com/gpu`. */
  readonly resource: string;
  /** Product label without the MIG part. */
  readonly product: string;
  readonly memoryMiB?: number;
  /** Such as `1g.10gb`. */
  readonly migProfile?: string;
  /** Devices in one unit. */
  readonly count: number;
}

/** What an offer asks of the node that its leases live on. */
export interface Shape {
  readonly accelerator?: Accelerator;
  /** Of one unit, its slot on the node (`pods: 1`) included. */
  readonly requests: Resources;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** ORed terms of required node affinity; none asks nothing. */
  readonly affinity: readonly NodeSelectorTerm[];
  readonly tolerations: readonly Toleration[];
  /** `Pack` fills nodes one after the other, `Spread` takes the emptiest. */
  readonly strategy: "Pack" | "Spread";
}

/** What a RuntimeClass adds to every pod (KEP-688); without it a sandbox's overhead would be oversold. */
export interface Sandbox {
  readonly overhead?: { readonly podFixed?: ResourceList };
  readonly scheduling?: {
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly Toleration[];
  };
}

/** Reads the shape of an offer; `sandbox` is the RuntimeClass that it names, if it names one. */
export function shapeOf(spec: Pick<ComputeOfferSpec, "unit" | "placement">, sandbox: Sandbox = {}): Shape {
  const { unit, placement } = spec;
  const { accelerator, cpu, memory, ephemeralStorage } = unit;
  const requests = new Map([["pods", 1n]]);
  addTo(requests, parseResources({ cpu, memory, "ephemeral-storage": ephemeralStorage }));
  addTo(requests, parseResources(sandbox.overhead?.podFixed));
  if (accelerator) addTo(requests, new Map([[accelerator.resource, BigInt(accelerator.count)]]));
  return {
    ...(accelerator && { accelerator: { ...accelerator, vendor: accelerator.vendor ?? "nvidia" } }),
    requests,
    nodeSelector: { ...sandbox.scheduling?.nodeSelector, ...placement?.nodeSelector },
    affinity: placement?.nodeAffinity?.required ?? [],
    tolerations: [...(placement?.tolerations ?? []), ...(sandbox.scheduling?.tolerations ?? [])],
    strategy: placement?.strategy ?? "Pack",
  };
}

/** Whether two offers sell the very same thing on the same nodes. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a === b || fingerprint(a) === fingerprint(b);
}

/** Kept for each shape: capacity compares one with those of thousands of leases. */
const fingerprints = new WeakMap<Shape, string>();

function fingerprint(shape: Shape): string {
  const known = fingerprints.get(shape) ?? describe(shape);
  fingerprints.set(shape, known);
  return known;
}

function describe({ accelerator, requests, nodeSelector, affinity, tolerations, strategy }: Shape): string {
  const amounts = [...requests].map(([name, amount]) => `${name}=${amount}`).sort();
  const selector = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`);
  const { vendor, resource, product, memoryMiB, migProfile, count } = accelerator ?? {};
  const device = [vendor, resource, product, memoryMiB, migProfile, count];
  return JSON.stringify([device, amounts, selector.sort(), affinity, tolerations, strategy]);
}
