import { stringify } from "yaml";
import type { ComputeOffer } from "../../src/api/types.gen.ts";
import { tenantImage } from "../harness/node/images.ts";

/** What `helm install` is told. The only node has GPUs, so the operator must be let onto it. */
export const chartValues = stringify({
  replicas: 2,
  tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
  operator: { logLevel: "debug" },
});

/** Single H100s of a node that has no more than a developer's machine. */
export function h100Offer(token: string): ComputeOffer {
  return {
    apiVersion: "berthage.dev/v1alpha1",
    kind: "ComputeOffer",
    metadata: { name: "h100" },
    spec: {
      networkRef: { name: "market" },
      unit: {
        accelerator: { resource: "nvidia.com/gpu", product: "NVIDIA-H100-80GB-HBM3", memoryMiB: 81_559, count: 1 },
        cpu: "50m",
        memory: "64Mi",
        ephemeralStorage: "64Mi",
      },
      placement: { tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }] },
      capacity: { maxUnits: 4 },
      price: { token, perUnitHour: "3600000" },
      terms: { minSeconds: 0, heartbeatWindowSeconds: 60, noticeSeconds: 60, unfundedGraceSeconds: 600 },
    },
  };
}

/** The tenant's service on all that is leased, with a probe that kubelet really sends. */
export const tenantManifest = stringify({
  version: 1,
  services: [
    {
      name: "web",
      image: tenantImage,
      args: ["serve", "--port=8080"],
      env: { MODEL: "tiny" },
      ports: [{ name: "http", port: 8080 }],
      probes: { readiness: { http: { path: "/", port: 8080 }, periodSeconds: 1 } },
    },
  ],
});
