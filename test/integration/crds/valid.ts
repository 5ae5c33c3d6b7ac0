import { address, hash, type JsonObject, lease, merged, network, offer } from "./examples.ts";

/** One object that the API server must accept, and a part of what it makes of it. */
export interface Valid {
  readonly what: string;
  readonly object: JsonObject;
  readonly shows: JsonObject;
}

const networkWith = (spec: JsonObject): JsonObject => merged(network, { metadata: { name: "spare" }, spec });
const offerWith = (spec: JsonObject): JsonObject => merged(offer, { metadata: { name: "spare" }, spec });

export const valid: readonly Valid[] = [
  {
    what: "a network with defaults",
    object: networkWith({}),
    shows: {
      spec: {
        market: { confirmations: 1, pollSeconds: 2, endpoints: [{ name: "local", roles: ["Read", "Send"] }] },
        signer: { rawKey: { secretRef: { name: "operator", key: "key" } } },
        manifestKey: { secretRef: { name: "manifest", key: "key" } },
        settlement: { maxIntervalSeconds: 604800 },
      },
    },
  },
  {
    what: "a keystore's default keys",
    object: networkWith({
      signer: { rawKey: null, keystore: { secretRef: { name: "a" }, passwordSecretRef: { name: "b" } } },
    }),
    shows: {
      spec: { signer: { keystore: { secretRef: { key: "keystore.json" }, passwordSecretRef: { key: "password" } } } },
    },
  },
  {
    what: "a remote signer, a budget and finality by depth",
    object: networkWith({
      market: { confirmations: 3, finalityBlocks: 64 },
      signer: { rawKey: null, remote: { url: "http://signer.keys.svc:9000", address } },
      payout: address,
      budget: { maxFeePerGasWei: "100000000000", maxSpendPerDayWei: "1", minBalanceWei: "0" },
    }),
    shows: { spec: { payout: address, market: { finalityBlocks: 64 } } },
  },
  {
    what: "a name of 40 characters",
    object: merged(network, { metadata: { name: "a".repeat(40) } }),
    shows: { metadata: { name: "a".repeat(40) } },
  },
  {
    what: "an endpoint by IPv6 with an @ in its path",
    object: networkWith({ market: { endpoints: [{ name: "a", url: "https://[::1]:8545/v2/k@y?x=1@2" }] } }),
    shows: { spec: { market: { endpoints: [{ name: "a" }] } } },
  },
  {
    what: "an offer with defaults",
    object: offerWith({ placement: null, isolation: null, capacity: { reserveUnits: null } }),
    shows: {
      spec: {
        unit: { accelerator: { vendor: "nvidia" } },
        placement: { strategy: "Pack" },
        isolation: { tier: "Container" },
        capacity: { reserveUnits: 0 },
        terms: { provisioningTimeoutSeconds: 900, retentionSeconds: 0 },
      },
    },
  },
  {
    what: "an offer of CPU alone, in integers and millicores",
    object: offerWith({ unit: { accelerator: null, cpu: "1m", memory: 1048576, ephemeralStorage: "1e9" } }),
    shows: { spec: { unit: { cpu: "1m", memory: 1048576 } } },
  },
  {
    what: "the largest unit and the longest terms",
    object: offerWith({
      unit: { cpu: 1024, memory: "64Ti", ephemeralStorage: "1Pi", accelerator: { count: 16 } },
      terms: { minSeconds: 16777215, noticeSeconds: 16777215 },
      capacity: { maxUnits: 65535 },
    }),
    shows: { spec: { unit: { cpu: 1024 } } },
  },
  {
    what: "the highest price, for few units",
    object: offerWith({ price: { perUnitHour: "9".repeat(26) }, capacity: { maxUnits: 700 } }),
    shows: { spec: { price: { perUnitHour: "9".repeat(26) } } },
  },
  {
    what: "a MIG slice by its own resource",
    object: offerWith({ unit: { accelerator: { resource: "nvidia.com/mig-1g.10gb", migProfile: "1g.10gb" } } }),
    shows: { spec: { unit: { accelerator: { migProfile: "1g.10gb" } } } },
  },
  {
    what: "a MIG slice where every GPU is cut alike",
    object: offerWith({
      unit: { accelerator: { product: "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb", migProfile: "1g.10gb" } },
    }),
    shows: { spec: { unit: { accelerator: { resource: "nvidia.com/gpu" } } } },
  },
  {
    what: "GPUs of AMD",
    object: offerWith({ unit: { accelerator: { vendor: "amd", resource: "amd.com/gpu", product: "MI300X" } } }),
    shows: { spec: { unit: { accelerator: { vendor: "amd" } } } },
  },
  {
    what: "accelerators of Intel",
    object: offerWith({ unit: { accelerator: { vendor: "intel", resource: "habana.ai/gaudi", product: "Gaudi3" } } }),
    shows: { spec: { unit: { accelerator: { vendor: "intel" } } } },
  },
  {
    what: "every operator of node affinity, and tolerations",
    object: offerWith({
      placement: {
        nodeAffinity: {
          required: [
            {
              matchExpressions: [
                { key: "zone", operator: "In", values: ["a", "b"] },
                { key: "spot", operator: "DoesNotExist" },
                { key: "example.com/cuda", operator: "Gt", values: ["12"] },
              ],
            },
          ],
        },
        tolerations: [{ operator: "Exists" }, { key: "sku", value: "gpu", effect: "NoExecute", tolerationSeconds: 60 }],
      },
    }),
    shows: { spec: { placement: { tolerations: [{ operator: "Exists" }, { key: "sku", operator: "Equal" }] } } },
  },
  {
    what: "a sandbox, storage, ingress and scheduling",
    object: offerWith({
      isolation: { tier: "GVisor", runtimeClassName: "runsc-nvidia", userNamespaces: true },
      storage: { classes: [{ name: "fast", storageClassName: "nvme" }] },
      ingress: { domain: "tenants.example.com", className: "nginx" },
      scheduling: { schedulerName: "kai-scheduler", priorityClassName: "tenants" },
    }),
    shows: { spec: { isolation: { userNamespaces: true }, ingress: { domain: "tenants.example.com" } } },
  },
  {
    what: "a lease that has its manifest from the start",
    object: merged(lease, { metadata: { name: "market-9" }, spec: { leaseId: "9", manifestHash: hash } }),
    shows: { spec: { manifestHash: hash } },
  },
  {
    what: "the longest name of a lease",
    object: merged(lease, {
      metadata: { name: `${"n".repeat(40)}-${"9".repeat(15)}` },
      spec: { networkRef: { name: "n".repeat(40) }, leaseId: "9".repeat(15), units: 65535 },
    }),
    shows: { spec: { units: 65535 } },
  },
];
