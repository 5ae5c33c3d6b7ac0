import { afterAll, afterEach, beforeAll } from "vitest";
import { labels, managedBy } from "../../../src/api/names.ts";
import type { ComputeLease, ComputeOffer, ComputeOfferSpec } from "../../../src/api/types.gen.ts";
import { explainTo } from "../../../src/controllers/explain.ts";
import { allInformers, createInformers, type Informers } from "../../../src/controllers/informers.ts";
import { type FedInventory, feedInventory } from "../../../src/controllers/inventory/feed.ts";
import { Manifests, manifestObjectName } from "../../../src/controllers/lease/manifests.ts";
import { LeaseReconciler } from "../../../src/controllers/lease/reconcile.ts";
import type { Ledger, Ledgers } from "../../../src/controllers/network/ledger.ts";
import { computeLeases, computeOffers } from "../../../src/controllers/resources.ts";
import { KubeClient } from "../../../src/kube/client.ts";
import { systemClock } from "../../../src/kube/clock.ts";
import { loadClusterConfig } from "../../../src/kube/config.ts";
import * as core from "../../../src/kube/core.ts";
import { NotFound } from "../../../src/kube/errors.ts";
import type { EventInput } from "../../../src/kube/events.ts";
import { type KubeObject, keyOf, type Ref, type Resource } from "../../../src/kube/resource.ts";
import type { Store } from "../../../src/kube/store.ts";
import type { LedgerLease } from "../../../src/networks/driver.ts";
import { manifestHash } from "../../../src/sealing/manifest.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { gpuNode } from "../../harness/nodes.ts";
import { eventually } from "../../harness/wait.ts";
import { HandLedger, ledgerLease } from "../../support/controllers/ledger.ts";
import { computeLease, computeOffer } from "../../support/controllers/objects.ts";
import { gpuOffer, h100, isolation } from "../../support/workload/offers.ts";
import { RecordingClient } from "./recording-client.ts";

export const operatorNamespace = "berthage-system";
const by = { fieldManager: "test" };

/** One operator process, as far as leases go: its client and everything that it keeps in memory. */
export interface Process {
  readonly client: RecordingClient;
  readonly supply: FedInventory;
  readonly leases: LeaseReconciler;
  readonly events: EventInput[];
}

/** A small unit, so that many leases fit on one node. */
export const smallUnit: Partial<ComputeOfferSpec> = {
  unit: { ...gpuOffer().unit, cpu: "1", memory: "1Gi", ephemeralStorage: "1Gi" },
};

/** A real control plane without scheduler, real informers, and ledgers that the test feeds. */
export class Lab {
  readonly cluster: Cluster;
  readonly client: KubeClient;
  readonly informers: Informers;
  readonly ledger = new HandLedger("market");
  readonly ledgers: Ledgers = { get: (name): Ledger | undefined => (name === "market" ? this.ledger : undefined) };
  readonly #entries = new Map<string, LedgerLease>();
  readonly #informing = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #clients: RecordingClient[] = [];
  #leases = 0;

  private constructor(cluster: Cluster, client: KubeClient) {
    this.cluster = cluster;
    this.client = client;
    this.informers = createInformers(client, operatorNamespace, {});
    this.#running = Promise.all(allInformers(this.informers).map((one) => one.run(this.#informing.signal)));
  }

  static async open(): Promise<Lab> {
    const cluster = await startCluster({ controllers: true, kwok: true, manifests: ["crds"] });
    const client = new KubeClient(await loadClusterConfig({ kubeconfig: cluster.kubeconfigFile }));
    const lab = new Lab(cluster, client);
    const items = [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: operatorNamespace } },
      gpuNode("gpu-a", { product: h100, count: 64, memoryMiB: 81_559 }),
    ];
    await cluster.kubectl(["create", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    await client.create(computeOffers, computeOffer("h100", { ...smallUnit, capacity: { maxUnits: 64 } }), by);
    await Promise.all(allInformers(lab.informers).map((one) => one.synced()));
    const supply = feedInventory(lab.informers);
    await eventually("the node can be sold", () => {
      const offer = lab.informers.offers.store.get("h100");
      const isRoom = offer !== undefined && supply.inventory.capacity(supply.shape(offer)).freeUnits > 0;
      return isRoom ? true : undefined; // Ready, and rid of the taints of a new node
    });
    return lab;
  }

  async close(): Promise<void> {
    this.#informing.abort();
    await this.#running;
    await Promise.all([this.client.close(), ...this.#clients.map((one) => one.close())]);
    await this.cluster.stop();
  }

  /** A process that starts now: it remembers nothing. */
  async start(informers: Informers = this.informers): Promise<Process> {
    const client = new RecordingClient(await loadClusterConfig({ kubeconfig: this.cluster.kubeconfigFile }));
    this.#clients.push(client);
    const events: EventInput[] = [];
    const supply = feedInventory(informers);
    const leases = new LeaseReconciler({
      client,
      informers,
      supply,
      ledgers: this.ledgers,
      manifests: new Manifests(client, informers.manifests.store, operatorNamespace),
      isolation,
      explain: explainTo({
        events: { event: (_object, input) => void events.push(input) },
        metrics: { changed: () => undefined },
      }),
      clock: systemClock,
    });
    return { client, supply, leases, events };
  }

  /** The caches as they are now; from here on they see nothing more. */
  async frozenInformers(): Promise<Informers> {
    const stop = new AbortController();
    const informers = createInformers(this.client, operatorNamespace, {});
    const running = Promise.all(allInformers(informers).map((one) => one.run(stop.signal)));
    await Promise.all(allInformers(informers).map((one) => one.synced()));
    stop.abort();
    await running;
    return informers;
  }

  /** The ledger shows this lease from now on; what is not said stays. */
  show(id: string, changes: Partial<LedgerLease> = {}): void {
    this.#entries.set(id, { ...(this.#entries.get(id) ?? ledgerLease({ id, units: 1 })), ...changes });
    this.#publish();
  }

  hide(id: string): void {
    this.#entries.delete(id);
    this.#publish();
  }

  #publish(): void {
    this.ledger.show([...this.#entries.values()], [], (this.ledger.head?.point.number ?? 0n) + 1n);
  }

  /** Uploads a manifest as a tenant does; the hash to put on the ledger. */
  async upload(text: string): Promise<string> {
    const bytes = Buffer.from(text);
    const hash = manifestHash(bytes);
    const name = manifestObjectName(hash);
    const metadata = { name, namespace: operatorNamespace, labels: { [labels.managedBy]: managedBy } };
    const binaryData = { manifest: bytes.toString("base64") };
    await this.client.apply(core.configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata, binaryData }, by);
    await eventually("the upload is seen", () =>
      this.informers.manifests.store.get(`${operatorNamespace}/${name}`) === undefined ? undefined : true,
    );
    return hash;
  }

  /** A lease that the ledger shows and whose ComputeLease stands, as intake leaves it. */
  async lease(entry: Partial<LedgerLease> = {}): Promise<string> {
    this.#leases += 1;
    const id = String(this.#leases);
    this.show(id, entry);
    const { spec, ...rest } = computeLease(id);
    await this.client.create(computeLeases, { ...rest, spec: { ...spec, units: 1 } }, by);
    await this.caughtUp();
    return id;
  }

  /** One pass over one lease on caches that have seen everything. */
  async pass({ leases }: Process, id: string): Promise<void> {
    await this.caughtUp();
    await leases.reconcile(`market-${id}`, new AbortController().signal);
  }

  /** Passes until one has nothing to write. */
  async converge(process: Process, id: string): Promise<void> {
    await eventually(`lease ${id} converges`, async () => {
      await this.caughtUp();
      const before = process.client.writes.length;
      await this.pass(process, id);
      return process.client.writes.length === before ? true : undefined;
    });
  }

  /** Waits until the caches hold what the API server holds. */
  async caughtUp(): Promise<void> {
    const { informers } = this;
    const managed = `${labels.managedBy}=${managedBy}`;
    const pairs: readonly (readonly [Resource<KubeObject>, Store<KubeObject>, string | undefined])[] = [
      [computeLeases, informers.leases.store, undefined],
      [computeOffers, informers.offers.store, undefined],
      [core.namespaces, informers.namespaces.store, managed],
      ...informers.owned.map(({ resource, store }) => [resource, store, managed] as const),
    ];
    await eventually("the caches are up to date", async () => {
      const behind = await Promise.all(
        pairs.map(async ([resource, store, labelSelector]) => {
          const selection = labelSelector === undefined ? {} : { labelSelector };
          const { items } = await this.client.list(resource, selection);
          const isSame = (item: KubeObject): boolean =>
            store.get(keyOf(item))?.metadata?.resourceVersion === item.metadata?.resourceVersion;
          return items.length !== store.size || !items.every(isSame);
        }),
      );
      return behind.includes(true) ? undefined : true;
    });
  }

  async get<T extends KubeObject>(resource: Resource<T>, ref: Ref): Promise<T | undefined> {
    try {
      return await this.client.get(resource, ref);
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  async leaseObject(id: string): Promise<ComputeLease> {
    return this.client.get(computeLeases, { name: `market-${id}` });
  }

  async offerObject(name: string, changes: Partial<ComputeOfferSpec>): Promise<ComputeOffer> {
    const made = await this.client.create(computeOffers, computeOffer(name, changes), by);
    await this.caughtUp();
    return made;
  }

  async reasonOf(id: string, type: string): Promise<string | undefined> {
    const { status } = await this.leaseObject(id);
    return status?.conditions?.find((condition) => condition.type === type)?.reason;
  }
}

/** The lab of one test file. */
export function useLab(): { readonly lab: Lab; cleanup(action: () => Promise<void> | void): void } {
  let lab: Lab | undefined;
  const cleanups: (() => Promise<void> | void)[] = [];
  beforeAll(async () => {
    lab = await Lab.open();
  });
  afterEach(async () => {
    if (lab !== undefined) lab.ledger.isSynced = true;
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  afterAll(async () => {
    await lab?.close();
  });
  return {
    get lab() {
      if (lab === undefined) throw new Error("the lab is not open yet: use it inside tests");
      return lab;
    },
    cleanup: (action) => void cleanups.push(action),
  };
}
