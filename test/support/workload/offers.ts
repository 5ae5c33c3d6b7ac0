import type { ComputeOfferSpec } from "../../../src/api/types.gen.ts";
import { defaultDns, type IsolationSettings } from "../../../src/workload/objects/context.ts";

export const h100 = "NVIDIA-H100-80GB-HBM3";

/** One H100 with 8 cores, 64 GiB memory and 100 GiB scratch disk a unit. */
export function gpuOffer(changes: Partial<ComputeOfferSpec> = {}): ComputeOfferSpec {
  return {
    networkRef: { name: "market" },
    unit: {
      accelerator: { resource: "nvidia.com/gpu", product: h100, memoryMiB: 81_559, count: 1 },
      cpu: "8",
      memory: "64Gi",
      ephemeralStorage: "100Gi",
    },
    placement: { tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }] },
    capacity: { maxUnits: 16 },
    price: { token: `0x${"22".repeat(20)}`, perUnitHour: "2500000" },
    terms: { minSeconds: 600, heartbeatWindowSeconds: 7200, noticeSeconds: 86_400, unfundedGraceSeconds: 3600 },
    ...changes,
  };
}

/** Everything that an offer may sell besides devices. */
export function richOffer(changes: Partial<ComputeOfferSpec> = {}): ComputeOfferSpec {
  return gpuOffer({
    storage: { classes: [{ name: "fast", storageClassName: "local-nvme" }] },
    ingress: { domain: "gpu.example", className: "nginx" },
    ...changes,
  });
}

export function cpuOffer(changes: Partial<ComputeOfferSpec> = {}): ComputeOfferSpec {
  const { accelerator: _, ...unit } = gpuOffer().unit;
  return gpuOffer({ unit, placement: {}, ...changes });
}

export const isolation: IsolationSettings = {
  clusterCidrs: ["10.244.0.0/16", "203.0.113.0/24", "2001:db8:1::/48"],
  apiServerAddresses: ["198.51.100.7", "2001:db8::7"],
  dns: defaultDns,
  ingressNamespace: "ingress-nginx",
};
