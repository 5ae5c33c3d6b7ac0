import { address, type Invalid, type Json, type JsonObject, zeroAddress } from "./examples.ts";

const spec = (patch: JsonObject): JsonObject => ({ spec: patch });
const unit = (patch: JsonObject): JsonObject => spec({ unit: patch });
const accelerator = (patch: JsonObject): JsonObject => unit({ accelerator: patch });
const placement = (patch: JsonObject): JsonObject => spec({ placement: patch });
const toleration = (patch: JsonObject): JsonObject => placement({ tolerations: [patch] });
const requirement = (patch: JsonObject): JsonObject =>
  placement({ nodeAffinity: { required: [{ matchExpressions: [{ key: "zone", ...patch }] }] } });
const storageClass = (...classes: Json[]): JsonObject => spec({ storage: { classes } });

/** Offers that cannot be created. */
export const invalidOffers: readonly Invalid[] = [
  {
    what: "a name with a dot",
    patch: { metadata: { name: "h100.fast" } },
    says: "name the offer with at most 63 lowercase letters",
  },
  {
    what: "a network's name with a dot",
    patch: spec({ networkRef: { name: "a.b" } }),
    says: "spec.networkRef.name in body should match",
  },
  { what: "no unit", patch: spec({ unit: null }), says: "spec.unit: Required value" },
  {
    what: "no accelerators in an accelerator",
    patch: accelerator({ count: 0 }),
    says: "spec.unit.accelerator.count in body should be greater than or equal to 1",
  },
  {
    what: "17 accelerators",
    patch: accelerator({ count: 17 }),
    says: "spec.unit.accelerator.count in body should be less than or equal to 16",
  },
  {
    what: "an unknown vendor",
    patch: accelerator({ vendor: "matrox" }),
    says: 'supported values: "nvidia", "amd", "intel"',
  },
  {
    what: "a resource of another vendor",
    patch: accelerator({ resource: "amd.com/gpu" }),
    says: "set vendor to amd or intel for others",
  },
  {
    what: "AMD with NVIDIA's resource",
    patch: accelerator({ vendor: "amd" }),
    says: "vendor amd has resources amd.com/…",
  },
  {
    what: "Intel with NVIDIA's resource",
    patch: accelerator({ vendor: "intel" }),
    says: "vendor intel has resources gpu.intel.com/… and habana.ai/…",
  },
  {
    what: "a resource without domain",
    patch: accelerator({ resource: "gpu" }),
    says: "spec.unit.accelerator.resource in body should match",
  },
  {
    what: "shared GPUs by resource",
    patch: accelerator({ resource: "nvidia.com/gpu.shared" }),
    says: "use the exclusive resource and disable sharing on these nodes",
  },
  {
    what: "shared GPUs by product",
    patch: accelerator({ product: "NVIDIA-A100-SHARED" }),
    says: "use the product name without -SHARED",
  },
  {
    what: "a product with spaces",
    patch: accelerator({ product: "NVIDIA H100" }),
    says: "spec.unit.accelerator.product in body should match",
  },
  {
    what: "a malformed MIG profile",
    patch: accelerator({ migProfile: "1g-10gb" }),
    says: "spec.unit.accelerator.migProfile in body should match",
  },
  {
    what: "a MIG resource without profile",
    patch: accelerator({ resource: "nvidia.com/mig-1g.10gb" }),
    says: "set migProfile to what follows nvidia.com/mig- in resource",
  },
  {
    what: "a MIG resource of another profile",
    patch: accelerator({ resource: "nvidia.com/mig-1g.10gb", migProfile: "2g.20gb" }),
    says: "set migProfile to what follows nvidia.com/mig- in resource",
  },
  {
    what: "a MIG profile of another vendor",
    patch: accelerator({ vendor: "amd", resource: "amd.com/gpu", migProfile: "1g.10gb" }),
    says: "only vendor nvidia has MIG profiles; remove migProfile",
  },
  {
    what: "no memory in an accelerator",
    patch: accelerator({ memoryMiB: 0 }),
    says: "should be greater than or equal to 1",
  },
  { what: "CPU in words", patch: unit({ cpu: "eight" }), says: "write a quantity of cores, such as 8 or 500m" },
  { what: "no CPU", patch: unit({ cpu: 0 }), says: "give one unit between 1m and 1024 cores" },
  { what: "less CPU than nothing", patch: unit({ cpu: "-1" }), says: "give one unit between 1m and 1024 cores" },
  { what: "more CPU than a node has", patch: unit({ cpu: "1025" }), says: "give one unit between 1m and 1024 cores" },
  { what: "CPU as a list", patch: unit({ cpu: ["8"] }), says: "spec.unit.cpu in body must be of type integer,string" },
  { what: "memory in GB", patch: unit({ memory: "64GB" }), says: "write a quantity of bytes, such as 64Gi" },
  {
    what: "memory in thousandths of a byte",
    patch: unit({ memory: "512m" }),
    says: "give one unit between 1Mi and 64Ti of memory",
  },
  {
    what: "memory beyond any node",
    patch: unit({ memory: "65Ti" }),
    says: "give one unit between 1Mi and 64Ti of memory",
  },
  {
    what: "storage in words",
    patch: unit({ ephemeralStorage: "lots" }),
    says: "write a quantity of bytes, such as 100Gi",
  },
  {
    what: "no storage",
    patch: unit({ ephemeralStorage: "0" }),
    says: "give one unit between 1Mi and 1Pi of ephemeral storage",
  },
  {
    what: "a node selector that selects nothing valid",
    patch: placement({ nodeSelector: { "a b": "c" } }),
    says: "every key must be a label key, such as pool or example.com/pool",
  },
  {
    what: "a node selector's value with spaces",
    patch: placement({ nodeSelector: { pool: "a b" } }),
    says: "spec.placement.nodeSelector.pool in body should match",
  },
  {
    what: "17 selectors",
    patch: placement({ nodeSelector: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`k${n}`, "v"])) }),
    says: "spec.placement.nodeSelector: Too many: 18: must have at most 16 items",
  },
  { what: "In without values", patch: requirement({ operator: "In" }), says: "operators In and NotIn need values" },
  {
    what: "Exists with values",
    patch: requirement({ operator: "Exists", values: ["a"] }),
    says: "operators Exists and DoesNotExist take no values; remove them",
  },
  {
    what: "Gt with a word",
    patch: requirement({ operator: "Gt", values: ["many"] }),
    says: "operators Gt and Lt need exactly one integer in values",
  },
  {
    what: "an operator that does not exist",
    patch: requirement({ operator: "Like", values: ["a"] }),
    says: 'supported values: "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"',
  },
  {
    what: "a toleration of nothing",
    patch: toleration({ value: "a" }),
    says: "a toleration without key must have operator Exists; name the taint's key",
  },
  {
    what: "a toleration that exists with a value",
    patch: toleration({ key: "a", operator: "Exists", value: "b" }),
    says: "operator Exists takes no value; remove it or use operator Equal",
  },
  {
    what: "a toleration in seconds of what evicts nobody",
    patch: toleration({ key: "a", effect: "NoSchedule", tolerationSeconds: 5 }),
    says: "tolerationSeconds needs effect NoExecute",
  },
  {
    what: "a strategy that does not exist",
    patch: placement({ strategy: "Random" }),
    says: 'supported values: "Pack", "Spread"',
  },
  {
    what: "more units than a lease can count",
    patch: spec({ capacity: { maxUnits: 65536 } }),
    says: "spec.capacity.maxUnits in body should be less than or equal to 65535",
  },
  {
    what: "a price of nothing",
    patch: spec({ price: { perUnitHour: "0" } }),
    says: "spec.price.perUnitHour in body should match '^[1-9][0-9]{0,25}$'",
  },
  {
    what: "a price with a point",
    patch: spec({ price: { perUnitHour: "2.5" } }),
    says: "spec.price.perUnitHour in body should match",
  },
  {
    what: "a price beyond 88 bits",
    patch: spec({ price: { perUnitHour: "1".repeat(27) } }),
    says: "spec.price.perUnitHour: Too long: may not be more than 26 bytes",
  },
  {
    what: "a price that capacity multiplies beyond 96 bits",
    patch: spec({ price: { perUnitHour: "9".repeat(26) }, capacity: { maxUnits: 60000 } }),
    says: "price.perUnitHour × capacity.maxUnits must fit 96 bits; lower one of them",
  },
  {
    what: "the zero address as token",
    patch: spec({ price: { token: zeroAddress } }),
    says: "write the address of an ERC-20 contract",
  },
  { what: "a token by name", patch: spec({ price: { token: "USDC" } }), says: "spec.price.token in body should match" },
  {
    what: "a heartbeat window below a minute",
    patch: spec({ terms: { heartbeatWindowSeconds: 59 } }),
    says: "should be greater than or equal to 60",
  },
  {
    what: "a heartbeat window beyond a day",
    patch: spec({ terms: { heartbeatWindowSeconds: 86401 } }),
    says: "should be less than or equal to 86400",
  },
  {
    what: "notice below the minimum",
    patch: spec({ terms: { noticeSeconds: 599 } }),
    says: "noticeSeconds must not be less than minSeconds",
  },
  {
    what: "notice beyond 24 bits",
    patch: spec({ terms: { noticeSeconds: 16777216 } }),
    says: "should be less than or equal to 16777215",
  },
  {
    what: "terms without grace",
    patch: spec({ terms: { unfundedGraceSeconds: null } }),
    says: "spec.terms.unfundedGraceSeconds: Required value",
  },
  {
    what: "half a second",
    patch: spec({ terms: { minSeconds: 0.5 } }),
    says: "spec.terms.minSeconds in body must be of type int32",
  },
  {
    what: "gVisor without runtime class",
    patch: spec({ isolation: { tier: "GVisor", runtimeClassName: null } }),
    says: "tiers GVisor and VirtualMachine need the runtimeClassName",
  },
  {
    what: "a virtual machine without runtime class",
    patch: spec({ isolation: { tier: "VirtualMachine", runtimeClassName: null } }),
    says: "tiers GVisor and VirtualMachine need the runtimeClassName",
  },
  {
    what: "a sandbox that does not exist",
    patch: spec({ isolation: { tier: "None" } }),
    says: 'supported values: "Container", "GVisor", "VirtualMachine", "Node"',
  },
  {
    what: "two storage classes of one name",
    patch: storageClass({ name: "fast", storageClassName: "a" }, { name: "fast", storageClassName: "b" }),
    says: "spec.storage.classes[1]: Duplicate value",
  },
  {
    what: "a storage class named memory",
    patch: storageClass({ name: "memory", storageClassName: "a" }),
    says: "memory and ephemeral mean volumes without a storage class; choose another name",
  },
  {
    what: "an ingress domain without dot",
    patch: spec({ ingress: { domain: "localhost" } }),
    says: "spec.ingress.domain in body should match",
  },
  {
    what: "an ingress domain with a wildcard",
    patch: spec({ ingress: { domain: "*.example.com" } }),
    says: "spec.ingress.domain in body should match",
  },
  {
    what: "tenants above the cluster",
    patch: spec({ scheduling: { priorityClassName: "system-node-critical" } }),
    says: "tenants must not outrank the cluster's own parts",
  },
  {
    what: "paused in words",
    patch: spec({ paused: "yes" }),
    says: 'spec.paused in body must be of type boolean: "string"',
  },
];

/** Changes of the stored offer that are refused. */
export const invalidOfferChanges: readonly Invalid[] = [
  {
    what: "another network",
    patch: spec({ networkRef: { name: "other" } }),
    says: "an offer cannot move to another network; create another ComputeOffer",
  },
  {
    what: "another unit",
    patch: unit({ cpu: "16" }),
    says: "the unit cannot change under tenants who lease it; create another ComputeOffer",
  },
  {
    what: "a unit without accelerator",
    patch: unit({ accelerator: null }),
    says: "the unit cannot change under tenants who lease it",
  },
  {
    what: "another sandbox",
    patch: spec({ isolation: { tier: "GVisor" } }),
    says: "isolation cannot change under tenants who lease it; create another ComputeOffer",
  },
  {
    what: "isolation removed",
    patch: spec({ isolation: null }),
    says: "isolation cannot change under tenants who lease it",
  },
];

/** Statuses that only a bug can write. */
export const invalidOfferStatuses: readonly Invalid[] = [
  {
    what: "capacity below zero",
    patch: { status: { capacity: { totalUnits: 1, leasedUnits: 2, freeUnits: -1, largestLeaseUnits: 0 } } },
    says: "capacity.freeUnits in body should be greater than or equal to 0",
  },
  {
    what: "capacity in part",
    patch: { status: { capacity: { totalUnits: 1 } } },
    says: "status.capacity.leasedUnits: Required value",
  },
  {
    what: "a published price in hex",
    patch: { status: { published: { capacityUnits: 1, pricePerUnitHour: address, isOpen: true } } },
    says: "status.published.pricePerUnitHour: Too long",
  },
];
