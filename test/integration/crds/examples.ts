/** JSON as a person would write it into a manifest, right or wrong. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** One thing that the API server must refuse: the change that spoils a valid object, and what the answer must say. */
export interface Invalid {
  readonly what: string;
  readonly patch: JsonObject;
  readonly says: string;
}

export const address = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
export const tenant = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
export const zeroAddress = `0x${"0".repeat(40)}`;
export const hash = `0x${"ab".repeat(32)}`;

export const network = {
  apiVersion: "berthage.dev/v1alpha1",
  kind: "ComputeNetwork",
  metadata: { name: "market" },
  spec: {
    driver: "Market",
    market: { chainId: 31337, address, endpoints: [{ name: "local", url: "http://127.0.0.1:8545" }] },
    signer: { rawKey: { secretRef: { name: "operator" } } },
    manifestKey: { secretRef: { name: "manifest" } },
  },
} satisfies JsonObject;

export const offer = {
  apiVersion: "berthage.dev/v1alpha1",
  kind: "ComputeOffer",
  metadata: { name: "h100" },
  spec: {
    networkRef: { name: "market" },
    unit: {
      accelerator: { resource: "nvidia.com/gpu", product: "NVIDIA-H100-80GB-HBM3", memoryMiB: 81559, count: 1 },
      cpu: "8",
      memory: "64Gi",
      ephemeralStorage: "100Gi",
    },
    placement: {
      nodeSelector: { pool: "rentable" },
      tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
    },
    capacity: { maxUnits: 16, reserveUnits: 1 },
    price: { token: address, perUnitHour: "2500000" },
    terms: { minSeconds: 600, heartbeatWindowSeconds: 7200, noticeSeconds: 86400, unfundedGraceSeconds: 3600 },
    isolation: { tier: "Container", runtimeClassName: "nvidia" },
  },
} satisfies JsonObject;

export const lease = {
  apiVersion: "berthage.dev/v1alpha1",
  kind: "ComputeLease",
  metadata: { name: "market-7" },
  spec: {
    networkRef: { name: "market" },
    leaseId: "7",
    offerRef: { name: "h100" },
    offerId: "1",
    tenant,
    units: 2,
    price: { token: address, perHour: "5000000" },
  },
} satisfies JsonObject;

/** Applies a JSON merge patch (RFC 7396): objects merge, null removes, the rest replaces. */
export function merged(target: JsonObject, patch: JsonObject): JsonObject {
  const result = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = isObject(value) ? merged(objectOr(result[key]), value) : value;
  }
  return result;
}

function objectOr(value: Json | undefined): JsonObject {
  return value !== undefined && isObject(value) ? value : {};
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
