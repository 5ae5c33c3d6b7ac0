import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crdFolder } from "../../../tools/crds/schema.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { eventually } from "../../harness/wait.ts";
import { hash, type Invalid, type JsonObject, lease, merged, network, offer, tenant } from "./examples.ts";
import { invalidLeaseChanges, invalidLeaseStatuses, invalidLeases } from "./invalid-leases.ts";
import { invalidNetworkChanges, invalidNetworkStatuses, invalidNetworks } from "./invalid-networks.ts";
import { invalidOfferChanges, invalidOfferStatuses, invalidOffers } from "./invalid-offers.ts";
import { dryRunServer, messageOf, type Server } from "./server.ts";
import { valid } from "./valid.ts";

let cluster: Cluster;
let server: Server;
beforeAll(async () => {
  cluster = await startCluster({ manifests: [crdFolder] });
  server = await dryRunServer(cluster);
  for (const object of [network, offer, lease]) {
    // A new kind is served a moment after its definition is accepted.
    await eventually(`${object.kind} stored`, () => cluster.kubectl(["apply", "-f", "-"], JSON.stringify(object)));
  }
});
afterAll(async () => {
  await server?.close();
  await cluster?.stop();
});

/** Creations use a name of their own, so that only the object can be at fault. */
const spare: readonly (readonly [JsonObject, readonly Invalid[]])[] = [
  [merged(network, { metadata: { name: "spare" } }), invalidNetworks],
  [merged(offer, { metadata: { name: "spare" } }), invalidOffers],
  [merged(lease, { metadata: { name: "market-9" }, spec: { leaseId: "9" } }), invalidLeases],
];

describe.each(spare.map(([base, rows]) => ({ kind: String(base["kind"]), base, rows })))(
  "a new $kind",
  ({ base, rows }) => {
    it("is accepted before it is spoilt", async () => {
      expect(await server.create(base)).toMatchObject({ status: 201 });
    });

    it.each(rows)("is refused with $what", async ({ patch, says }) => {
      const answer = await server.create(merged(base, patch));
      expect(messageOf(answer)).toContain(says);
      expect([400, 422]).toContain(answer.status);
    });
  },
);

describe.each([
  { kind: "ComputeNetwork", name: "market", changes: invalidNetworkChanges, statuses: invalidNetworkStatuses },
  { kind: "ComputeOffer", name: "h100", changes: invalidOfferChanges, statuses: invalidOfferStatuses },
  { kind: "ComputeLease", name: "market-7", changes: invalidLeaseChanges, statuses: invalidLeaseStatuses },
])("a stored $kind", ({ kind, name, changes, statuses }) => {
  it.each(changes)("refuses $what", async ({ patch, says }) => {
    const answer = await server.change(kind, name, patch);
    expect(messageOf(answer)).toContain(says);
    expect(answer.status).toBe(422);
  });

  it.each(statuses)("refuses a status with $what", async ({ patch, says }) => {
    const answer = await server.change(kind, name, patch, "status");
    expect(messageOf(answer)).toContain(says);
    expect(answer.status).toBe(422);
  });

  it("keeps its status apart from its spec", async () => {
    const answer = await server.change(kind, name, { status: { observedGeneration: 5 } });
    expect(answer.status).toBe(200);
    expect(answer.object).not.toHaveProperty("status.observedGeneration");
  });
});

describe("what is valid", () => {
  it.each(valid)("is accepted: $what", async ({ object, shows }) => {
    const answer = await server.create(object);
    expect(answer).toMatchObject({ status: 201, object: shows });
  });

  it.each([
    { what: "price", kind: "ComputeOffer", name: "h100", patch: { spec: { price: { perUnitHour: "3000000" } } } },
    {
      what: "capacity and pause",
      kind: "ComputeOffer",
      name: "h100",
      patch: { spec: { capacity: { maxUnits: 0 }, paused: true } },
    },
    { what: "placement", kind: "ComputeOffer", name: "h100", patch: { spec: { placement: { strategy: "Spread" } } } },
    { what: "terms", kind: "ComputeOffer", name: "h100", patch: { spec: { terms: { noticeSeconds: 7200 } } } },
    {
      what: "endpoints",
      kind: "ComputeNetwork",
      name: "market",
      patch: { spec: { market: { endpoints: [{ name: "b", url: "https://b.example/key" }] } } },
    },
    {
      what: "signer",
      kind: "ComputeNetwork",
      name: "market",
      patch: { spec: { signer: { rawKey: { secretRef: { name: "next" } } } } },
    },
    {
      what: "the manifest hash that appears",
      kind: "ComputeLease",
      name: "market-7",
      patch: { spec: { manifestHash: hash } },
    },
    {
      what: "the tenant after a transfer",
      kind: "ComputeLease",
      name: "market-7",
      patch: { spec: { tenant: tenant.toLowerCase() } },
    },
  ])("may change later: $what of a $kind", async ({ kind, name, patch }) => {
    expect(await server.change(kind, name, patch)).toMatchObject({ status: 200, object: patch });
  });
});
