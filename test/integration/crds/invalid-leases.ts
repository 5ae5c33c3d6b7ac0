import { hash, type Invalid, type JsonObject } from "./examples.ts";

const spec = (patch: JsonObject): JsonObject => ({ spec: patch });
const status = (patch: JsonObject): JsonObject => ({ status: patch });

/** Leases that cannot be created. */
export const invalidLeases: readonly Invalid[] = [
  {
    what: "a name of another lease",
    patch: { metadata: { name: "market-8" } },
    says: "a ComputeLease is named <network>-<lease id>",
  },
  { what: "lease id 0", patch: spec({ leaseId: "0" }), says: "spec.leaseId in body should match '^[1-9][0-9]{0,14}$'" },
  {
    what: "a lease id as a number",
    patch: spec({ leaseId: 7 }),
    says: 'spec.leaseId in body must be of type string: "integer"',
  },
  {
    what: "a lease id of 16 digits",
    patch: spec({ leaseId: "1".repeat(16) }),
    says: "spec.leaseId: Too long: may not be more than 15 bytes",
  },
  { what: "an offer id in hex", patch: spec({ offerId: "0x1" }), says: "spec.offerId in body should match" },
  { what: "no offer", patch: spec({ offerRef: null }), says: "spec.offerRef: Required value" },
  {
    what: "a tenant by name",
    patch: spec({ tenant: "alice" }),
    says: "spec.tenant in body should match '^0x[0-9a-fA-F]{40}$'",
  },
  { what: "no units", patch: spec({ units: 0 }), says: "spec.units in body should be greater than or equal to 1" },
  {
    what: "more units than 16 bits",
    patch: spec({ units: 65536 }),
    says: "spec.units in body should be less than or equal to 65535",
  },
  {
    what: "a price below zero",
    patch: spec({ price: { perHour: "-1" } }),
    says: "spec.price.perHour in body should match",
  },
  {
    what: "a short manifest hash",
    patch: spec({ manifestHash: "0xab" }),
    says: "spec.manifestHash in body should match '^0x[0-9a-f]{64}$'",
  },
  {
    what: "a manifest hash in capitals",
    patch: spec({ manifestHash: hash.toUpperCase().replace("0X", "0x") }),
    says: "spec.manifestHash in body should match",
  },
  {
    what: "a manifest hash of zero",
    patch: spec({ manifestHash: `0x${"0".repeat(64)}` }),
    says: "omit manifestHash until the tenant names one",
  },
];

/** Changes of the stored lease that are refused. */
export const invalidLeaseChanges: readonly Invalid[] = [
  {
    what: "another network",
    patch: spec({ networkRef: { name: "other" } }),
    says: "a lease never changes its network; leave networkRef as it is",
  },
  { what: "another id", patch: spec({ leaseId: "8" }), says: "a lease never changes its id; leave leaseId as it is" },
  {
    what: "another offer",
    patch: spec({ offerRef: { name: "a100" } }),
    says: "a lease never changes its offer; leave offerRef as it is",
  },
  {
    what: "another offer id",
    patch: spec({ offerId: "2" }),
    says: "a lease never changes its offer; leave offerId as it is",
  },
  { what: "more units", patch: spec({ units: 3 }), says: "a lease never changes its size; leave units as it is" },
  {
    what: "a higher price",
    patch: spec({ price: { perHour: "5000001" } }),
    says: "a lease never changes its price; leave price as it is",
  },
];

/** Statuses that only a bug can write. */
export const invalidLeaseStatuses: readonly Invalid[] = [
  {
    what: "units on no node",
    patch: status({ allocation: { node: "", units: 1, timeSeconds: 1 } }),
    says: "allocation.node in body should be at least 1 chars long",
  },
  {
    what: "one service twice",
    patch: status({
      services: [
        { name: "web", desired: 1, ready: 0 },
        { name: "web", desired: 1, ready: 1 },
      ],
    }),
    says: "status.services[1]: Duplicate value",
  },
  {
    what: "an endpoint by a protocol that Services lack",
    patch: status({ endpoints: [{ service: "web", port: 80, protocol: "HTTP", address: "web" }] }),
    says: 'supported values: "TCP", "UDP"',
  },
  {
    what: "an end that is neither head nor final",
    patch: status({ close: { reason: "TenantClosed", tier: "Maybe", atSeconds: 1 } }),
    says: 'supported values: "Head", "Final"',
  },
  {
    what: "time served below zero",
    patch: status({ metering: { heartbeatSeconds: 1, servedSeconds: -1, accruing: true, sinceSeconds: 1 } }),
    says: "metering.servedSeconds in body should be greater than or equal to 0",
  },
  {
    what: "money as a number",
    patch: status({ money: { fundedSeconds: 1, billedSeconds: 0, deposit: 1, withdrawn: "0", earned: "0" } }),
    says: 'money.deposit in body must be of type string: "integer"',
  },
];
