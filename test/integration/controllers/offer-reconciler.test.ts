import { describe, expect, test } from "vitest";
import { isolationReportData, isolationReportName } from "../../../src/api/isolation-report.ts";
import { finalizers, labels, managedBy } from "../../../src/api/names.ts";
import type { ComputeOffer, ComputeOfferSpec } from "../../../src/api/types.gen.ts";
import { explainTo } from "../../../src/controllers/explain.ts";
import { feedInventory } from "../../../src/controllers/inventory/feed.ts";
import { OfferReconciler } from "../../../src/controllers/offer/reconcile.ts";
import { specHash, termsOf } from "../../../src/controllers/offer/spec-hash.ts";
import { forSale, type Supply } from "../../../src/controllers/offer/supply.ts";
import { computeNetworks, computeOffers } from "../../../src/controllers/resources.ts";
import { configMaps, nodes } from "../../../src/kube/core.ts";
import type { EventInput } from "../../../src/kube/events.ts";
import { applyStatus } from "../../../src/kube/status.ts";
import type { Intent, LedgerOffer } from "../../../src/networks/driver.ts";
import { eventually } from "../../harness/wait.ts";
import { ledgerLease, ledgerOffer } from "../../support/controllers/ledger.ts";
import { computeNetwork } from "../../support/controllers/objects.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { gpuOffer } from "../../support/workload/offers.ts";
import { operatorNamespace, smallUnit, useLab } from "./lab.ts";
import type { RecordingClient } from "./recording-client.ts";

const by = { fieldManager: "test" };
const context = useLab();
let made = 0;
let block = 100n;

interface Sale {
  readonly name: string;
  readonly client: RecordingClient;
  readonly clock: ManualClock;
  readonly events: EventInput[];
  pass(): Promise<void>;
  read(): Promise<ComputeOffer>;
  /** The listing under the offer's terms of now, with changes. */
  listing(changes?: Partial<LedgerOffer>): LedgerOffer;
  list(...listings: readonly LedgerOffer[]): void;
  wishes(): readonly Intent[];
  edit(spec: object): Promise<void>;
}

/** One ComputeOffer of the lab's 64 GPUs; the lab's own offer is paused, so that it takes no share. */
async function sale(changes: Partial<ComputeOfferSpec> = {}): Promise<Sale> {
  const { lab } = context;
  made += 1;
  const name = `sale-${made}`;
  await lab.client.mergePatch(computeOffers, { name: "h100" }, { spec: { paused: true } }, by);
  await setRegistered("True");
  await lab.offerObject(name, { ...smallUnit, capacity: { maxUnits: 8 }, ...changes });
  const { client } = await lab.start();
  const clock = new ManualClock();
  const events: EventInput[] = [];
  const offers = new OfferReconciler({
    client,
    informers: lab.informers,
    supply: feedInventory(lab.informers),
    ledgers: lab.ledgers,
    namespace: operatorNamespace,
    explain: explainTo({
      events: { event: (_object, input) => void events.push(input) },
      metrics: { changed: () => undefined },
    }),
    clock,
    growthDelaySeconds: 10,
  });
  const cached = (): ComputeOffer => {
    const offer = lab.informers.offers.store.get(name);
    if (offer === undefined) throw new Error(`the cache has no offer ${name}`);
    return offer;
  };
  const list = (...listings: readonly LedgerOffer[]): void => {
    block += 1n;
    lab.ledger.show([], listings, block);
  };
  list();
  context.cleanup(async () => {
    await lab.client.mergePatch(computeOffers, { name }, { metadata: { finalizers: null } }, by).catch(() => undefined);
    await lab.client.delete(computeOffers, { name });
  });
  return {
    name,
    client,
    clock,
    events,
    async pass() {
      await lab.caughtUp();
      await offers.reconcile(name, new AbortController().signal);
      await lab.caughtUp();
    },
    read: () => lab.client.get(computeOffers, { name }),
    listing: (more) => ledgerOffer({ id: "5", terms: termsOf(cached()), capacityUnits: 8, ...more }),
    list,
    wishes: () => [...lab.ledger.wishes].flatMap(([key, intent]) => (key.startsWith(`offer/${name}/`) ? [intent] : [])),
    async edit(spec) {
      await lab.client.mergePatch(computeOffers, { name }, { spec }, by);
      await lab.caughtUp();
    },
  };
}

/** Writes what a probe found, as preflight does. */
async function report(isEnforced: boolean): Promise<void> {
  const { lab } = context;
  const name = isolationReportName;
  const metadata = { name, namespace: operatorNamespace, labels: { [labels.managedBy]: managedBy } };
  const data = isolationReportData({ isEnforced, message: "10.0.0.1 was reached.", timeSeconds: 1_893_456_000 });
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata, data } as const;
  const written = await lab.client.apply(configMaps, object, by);
  context.cleanup(async () => {
    await lab.client.delete(configMaps, { name, namespace: operatorNamespace });
    await seen(undefined);
  });
  const seen = (version: string | undefined): Promise<unknown> =>
    eventually("the report is seen", () => {
      const held = lab.informers.manifests.store.get(`${operatorNamespace}/${name}`)?.metadata?.resourceVersion;
      return held === version ? true : undefined;
    });
  await seen(written.metadata?.resourceVersion);
}

/** `Status/Reason` by type. */
async function conditionsOf(one: Sale): Promise<Record<string, string>> {
  const { status } = await one.read();
  return Object.fromEntries((status?.conditions ?? []).map((c) => [c.type, `${c.status}/${c.reason}`]));
}

/** The network's own controller says whether the provider on it is this one. */
async function setRegistered(status: "True" | "False"): Promise<void> {
  const { lab } = context;
  const existing = await lab.get(computeNetworks, { name: "market" });
  const network = existing ?? (await lab.client.create(computeNetworks, computeNetwork(), by));
  const registered = { type: "Registered", status, reason: "Test", message: "x" };
  const conditions = [{ ...registered, lastTransitionTime: "2030-01-01T00:00:00Z" }];
  const written = await applyStatus(lab.client, computeNetworks, network, { conditions }, by);
  await eventually("the network is seen", () =>
    lab.informers.networks.store.get("market")?.metadata.resourceVersion === written.metadata.resourceVersion
      ? true
      : undefined,
  );
}

const reasonOf = ({ status }: ComputeOffer, type: string): string | undefined =>
  status?.conditions?.find((condition) => condition.type === type)?.reason;

describe("an offer", () => {
  test("has its finalizer before anything is wished, is listed, and then quiet", async () => {
    const one = await sale();
    await one.pass();
    expect(one.client.writes[0]).toMatchObject({ body: { metadata: { finalizers: [finalizers.offer] } } });
    expect(one.wishes()).toMatchObject([{ kind: "PublishOffer", capacityUnits: 8 }]);
    expect(reasonOf(await one.read(), "Published")).toBe("Publishing");

    one.list(one.listing());
    await one.pass();
    expect(one.wishes()).toEqual([]);
    const offer = await one.read();
    expect(reasonOf(offer, "Ready")).toBe("Ready");
    expect(offer.status).toMatchObject({
      offerId: "5",
      capacity: { totalUnits: 8, leasedUnits: 0, freeUnits: 8 },
      published: { capacityUnits: 8, isOpen: true },
    });
    one.client.writes.length = 0;
    one.list(one.listing());
    await one.pass();
    expect(one.client.writes).toEqual([]);
  });

  test("grows on the network only after a while, and shrinks at once", async () => {
    const one = await sale();
    one.list(one.listing({ capacityUnits: 6 }));
    await one.pass();
    expect(one.wishes()).toEqual([]);
    await one.clock.advance(10_000);
    await one.pass();
    expect(one.wishes()).toEqual([{ kind: "SetCapacity", offerId: "5", capacityUnits: 8, isOpen: true }]);
    await one.edit({ capacity: { maxUnits: 3 } });
    one.list(one.listing({ capacityUnits: 8 }));
    await one.pass();
    expect(one.wishes()).toEqual([{ kind: "SetCapacity", offerId: "5", capacityUnits: 3, isOpen: true }]);
  });

  test("is closed while paused, and its live leases stay", async () => {
    const one = await sale();
    one.list(one.listing({ leasedUnits: 2 }));
    await one.edit({ paused: true });
    await one.pass();
    expect(one.wishes()).toEqual([{ kind: "SetCapacity", offerId: "5", capacityUnits: 2, isOpen: false }]);
    one.list(one.listing({ leasedUnits: 2, capacityUnits: 2, isOpen: false }));
    await one.pass();
    expect(reasonOf(await one.read(), "Published")).toBe("Paused");
  });

  test("at another price is another listing", async () => {
    const one = await sale();
    const before = one.listing({ leasedUnits: 3 });
    await one.edit({ price: { token: gpuOffer().price.token, perUnitHour: "9" } });
    one.list(before);
    await one.pass();
    expect(one.wishes()).toEqual([
      { kind: "SetCapacity", offerId: "5", capacityUnits: 3, isOpen: false },
      { kind: "PublishOffer", terms: { ...before.terms, pricePerUnitHour: 9n }, capacityUnits: 5 },
    ]);
  });

  test("keeps what was known and wishes nothing new while the network is away", async () => {
    const one = await sale();
    one.list(one.listing());
    await one.pass();
    context.lab.ledger.isSynced = false;
    await one.edit({ capacity: { maxUnits: 3 } });
    await one.pass();
    expect(one.wishes()).toEqual([]);
    const offer = await one.read();
    expect(offer.status).toMatchObject({ offerId: "5", published: { capacityUnits: 8 } });
    expect(reasonOf(offer, "Published")).toBe("NetworkNotReady");
  });

  test("is not sold by a provider that is not the one the network's resource means", async () => {
    const one = await sale();
    await setRegistered("False");
    await one.pass();
    expect(one.wishes()).toEqual([]);
    expect(reasonOf(await one.read(), "Published")).toBe("NetworkNotReady");
    await setRegistered("True");
    await one.pass();
    expect(one.wishes()).toMatchObject([{ kind: "PublishOffer" }]);
  });

  test("that names what is not there is not sold, and says what to make", async () => {
    const one = await sale({ isolation: { tier: "Container", runtimeClassName: "kata" } });
    await one.pass();
    const offer = await one.read();
    expect(reasonOf(offer, "Validated")).toBe("RuntimeClassNotFound");
    expect(reasonOf(offer, "Ready")).toBe("NotValid");
    expect(one.wishes()).toEqual([]);
  });

  test("is closed for new leases once a probe found no isolation, and opens again when one did", async () => {
    const one = await sale();
    one.list(one.listing({ leasedUnits: 2 }));
    await one.pass();
    expect(await conditionsOf(one)).toMatchObject({ Isolated: "Unknown/NotProbed", Ready: "True/Ready" });

    await report(false);
    await one.pass();
    expect(one.wishes()).toEqual([{ kind: "SetCapacity", offerId: "5", capacityUnits: 2, isOpen: false }]);
    expect(await conditionsOf(one)).toMatchObject({
      Isolated: "False/PolicyNotEnforced",
      Published: "False/NotIsolated",
      Ready: "False/NotIsolated",
    });
    expect(one.events).toContainEqual(
      expect.objectContaining({ reason: "PolicyNotEnforced", note: expect.stringContaining("10.0.0.1 was reached.") }),
    );

    await report(true);
    await one.pass();
    expect(await conditionsOf(one)).toMatchObject({ Isolated: "True/PolicyEnforced", Ready: "True/Ready" });
    expect(one.wishes()).toEqual([]);
  });

  test("is sold without isolation only where its annotation says so", async () => {
    const one = await sale();
    await report(false);
    const metadata = { annotations: { "berthage.dev/sell-unisolated": "true" } };
    await context.lab.client.mergePatch(computeOffers, { name: one.name }, { metadata }, by);
    await one.pass();
    expect(one.wishes()).toMatchObject([{ kind: "PublishOffer" }]);
    expect(await conditionsOf(one)).toMatchObject({ Isolated: "False/Waived", Published: "False/Publishing" });
  });

  test("of GPUs that the nodes share is not sold, and says so", async () => {
    const { lab } = context;
    const label = (strategy: string | null) =>
      lab.client.mergePatch(
        nodes,
        { name: "gpu-a" },
        { metadata: { labels: { "nvidia.com/gpu.sharing-strategy": strategy } } },
        by,
      );
    const one = await sale();
    const { metadata } = await label("time-slicing");
    context.cleanup(async () => void (await label("none")));
    await eventually("the node's labels are seen", () =>
      lab.informers.nodes.store.get("gpu-a")?.metadata?.labels?.["nvidia.com/gpu.sharing-strategy"] ===
      metadata?.labels?.["nvidia.com/gpu.sharing-strategy"]
        ? true
        : undefined,
    );
    await one.pass();
    expect(await conditionsOf(one)).toMatchObject({
      Validated: "False/ResourceNotExclusive",
      Published: "False/NotValid",
      Ready: "False/NotValid",
    });
    expect(one.wishes()).toEqual([]);
  });

  test("that is deleted stays until it is closed and nobody lives on its terms", async () => {
    const { lab } = context;
    const one = await sale();
    one.list(one.listing({ leasedUnits: 1 }));
    await one.pass();
    await lab.client.delete(computeOffers, { name: one.name });
    await one.pass();
    expect(one.wishes()).toEqual([{ kind: "SetCapacity", offerId: "5", capacityUnits: 1, isOpen: false }]);
    one.list(one.listing({ leasedUnits: 1, capacityUnits: 1, isOpen: false }));
    await one.pass();
    expect(reasonOf(await one.read(), "Published")).toBe("Retiring");
    one.list(one.listing({ leasedUnits: 0, capacityUnits: 1, isOpen: false }));
    await eventually("the offer is gone", async () => {
      await one.pass(); // the last status makes the finalizer's removal a conflict, as any other writer would
      return (await lab.get(computeOffers, { name: one.name })) === undefined ? true : undefined;
    });
  });
});

describe("what is for sale", () => {
  /** By a process that starts now; `leased` as the network's listings say. */
  const saleOf = (name: string, leased = 0): Supply => {
    const { lab } = context;
    const offer = lab.informers.offers.store.get(name);
    if (offer === undefined) throw new Error(`the cache has no offer ${name}`);
    return forSale(lab.informers, feedInventory(lab.informers), lab.ledgers, offer, leased);
  };

  test("is the free room, within the cap", async () => {
    const capped = await sale();
    expect(saleOf(capped.name)).toMatchObject({ nodes: 1, placeableUnits: 64, freeUnits: 8 });
    expect(saleOf(capped.name, 8).freeUnits).toBe(0);
    await capped.edit({ capacity: { maxUnits: 100 } });
    expect(saleOf(capped.name).freeUnits).toBe(64);
  });

  test("leaves the reserve", async () => {
    const one = await sale({ capacity: { maxUnits: 100, reserveUnits: 4 } });
    expect(saleOf(one.name).freeUnits).toBe(60);
  });

  test("leaves room for what is sold and not placed yet", async () => {
    const { lab } = context;
    const one = await sale({ capacity: { maxUnits: 100 } });
    const offer = await one.read();
    const listing = one.listing({ leasedUnits: 10 });
    expect(listing.terms.specHash).toBe(specHash(offer));
    block += 1n;
    lab.ledger.show([ledgerLease({ id: "900", offerId: "5", units: 10 })], [listing], block);
    expect(saleOf(one.name, 10).freeUnits).toBe(54);
    lab.ledger.show([ledgerLease({ id: "900", offerId: "5", units: 10, state: "Closed" })], [listing], block + 1n);
    expect(saleOf(one.name).freeUnits).toBe(64);
  });

  test("of two offers over the same node is no more than the node", async () => {
    const [a, b] = [await sale({ capacity: { maxUnits: 100 } }), await sale({ capacity: { maxUnits: 100 } })];
    const both = saleOf(a.name).freeUnits + saleOf(b.name).freeUnits;
    expect(both).toBeLessThanOrEqual(64);
    expect(both).toBeGreaterThan(0);
    await b.edit({ paused: true });
    expect(saleOf(a.name).freeUnits).toBe(64);
  });

  test("grows only into room that no other offer lists any more, and is not taken back for that", async () => {
    const [a, b] = [await sale({ capacity: { maxUnits: 100 } }), await sale({ capacity: { maxUnits: 100 } })];
    const { lab } = context;
    const show = (...listings: readonly LedgerOffer[]): void => {
      block += 1n;
      lab.ledger.show([], listings, block);
    };
    show(a.listing({ id: "1", capacityUnits: 64 }));
    expect(saleOf(b.name).freeUnits).toBe(0);
    expect(saleOf(a.name).freeUnits).toBe(32);
    show(a.listing({ id: "1", capacityUnits: 44 }));
    expect(saleOf(b.name).freeUnits).toBe(20);
    show(a.listing({ id: "1", capacityUnits: 64 }), b.listing({ id: "2", capacityUnits: 64 }));
    expect([saleOf(a.name).freeUnits, saleOf(b.name).freeUnits]).toEqual([32, 32]);
    show(a.listing({ id: "1", capacityUnits: 640 }), b.listing({ id: "2", capacityUnits: 20 }));
    expect(saleOf(b.name).freeUnits).toBe(20);
    show(a.listing({ id: "1", capacityUnits: 64, isOpen: false }));
    expect(saleOf(b.name).freeUnits).toBe(32);
  });
});
