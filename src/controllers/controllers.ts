import type { INode } from "kubernetes-models/v1/Node";
import { findCondition } from "../api/conditions.ts";
import { announcedMaintenance } from "../api/names.ts";
import type { ComputeLease } from "../api/types.gen.ts";
import type { KubeClient } from "../kube/client.ts";
import type { Clock } from "../kube/clock.ts";
import { Controller, type ControllerOptions } from "../kube/controller.ts";
import type { EventRecorder } from "../kube/events.ts";
import { type KubeObject, keyOf } from "../kube/resource.ts";
import { informerSource, type Source } from "../kube/source.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { IsolationSettings } from "../workload/objects/context.ts";
import { explainTo } from "./explain.ts";
import { byManifest, byNetwork, type Informers, leaseNameOf } from "./informers.ts";
import { type FedInventory, feedInventory } from "./inventory/feed.ts";
import { supplySource } from "./inventory/supply-source.ts";
import { collectGarbage } from "./lease/garbagecollection.ts";
import { reconcileHeartbeats } from "./lease/heartbeat.ts";
import { LeaseIntake } from "./lease/intake.ts";
import { Manifests } from "./lease/manifests.ts";
import { LeaseReconciler } from "./lease/reconcile.ts";
import { truthfulCloses } from "./lease/truthful-closes.ts";
import { Connections } from "./network/connections.ts";
import { leaseOfIntent } from "./network/intents.ts";
import { type LedgerChange, ledgerSource } from "./network/ledger-source.ts";
import { isolationSource } from "./offer/isolation.ts";
import { admitListings } from "./offer/listable.ts";
import { OfferReconciler } from "./offer/reconcile.ts";

export interface OperatorDependencies {
  readonly client: KubeClient;
  readonly informers: Informers;
  readonly events: EventRecorder;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly namespace: string;
  readonly isolation: IsolationSettings;
  readonly concurrency: number;
  fence(): Promise<boolean>;
  redact(secret: string): void;
}

export interface Operator {
  readonly connections: Connections;
  readonly supply: FedInventory;
  /** Reads the networks until the signal aborts: what a replica does that does not lead. */
  follow(signal: AbortSignal): Promise<void>;
  /** Writes to cluster and networks until the signal aborts and everything that ran has ended: what one replica does. */
  lead(signal: AbortSignal): Promise<void>;
}

const GROWTH_DELAY_SECONDS = 10;

/** Every controller with what it watches. Both informers, of the cluster and of the ledgers, feed the same queues. */
export function createOperator(deps: OperatorDependencies): Operator {
  const { client, informers, clock, namespace, isolation, logger, metrics } = deps;
  const explain = explainTo({ events: deps.events, metrics: metrics.conditions });
  const supply = feedInventory(informers);
  const connections: Connections = new Connections({
    ...deps,
    explain,
    admit: (network, wishes, writtenAt) => {
      const truthful = truthfulCloses(wishes, connections.get(network)?.head, writtenAt);
      return admitListings(informers, supply, connections, network, truthful, writtenAt);
    },
    chainMetrics: (network) => metrics.chain(network),
    networkMetrics: metrics.networks,
  });
  const manifests = new Manifests(client, informers.manifests.store, namespace);
  const controller = (options: ControllerOptions): Controller =>
    new Controller(options, { logger, metrics: metrics.kube, clock });

  const connection = controller({
    name: "network.connection",
    sources: [informerSource(informers.networks, (resource) => [keyOf(resource)])],
    reconcile: (name, signal) => connections.connect(name, signal),
  });

  const network = controller({
    name: "network.status",
    sources: [
      informerSource(informers.networks, (resource) => [keyOf(resource)]),
      ledgerSource(connections, ({ kind, network: name }) => (kind === "network" || kind === "written" ? [name] : [])),
    ],
    reconcile: (name, signal) => connections.report(name, signal),
  });

  const offers = new OfferReconciler({
    client,
    informers,
    supply,
    ledgers: connections,
    namespace,
    explain,
    clock,
    growthDelaySeconds: GROWTH_DELAY_SECONDS,
  });
  const everyOffer = (): readonly string[] => informers.offers.store.list().map(keyOf);
  const offer = controller({
    name: "offer.publication",
    sources: [
      informerSource(informers.offers, (object) => [keyOf(object)]),
      informerSource(informers.networks, everyOffer),
      isolationSource(informers, everyOffer),
      supplySource(supply, clock, everyOffer),
      ledgerSource(connections, everyOffer),
    ],
    concurrency: deps.concurrency,
    reconcile: (name, signal) => offers.reconcile(name, signal),
  });

  const intakes = new LeaseIntake({ client, informers, ledgers: connections, clock, logger });
  const intake = controller({
    name: "lease.intake",
    sources: [
      informerSource(informers.leases, (lease) => [intakeKey(lease)]),
      informerSource(informers.offers, (object) => activeKeys(connections, object.spec.networkRef.name)),
      ledgerSource(connections, (change) => intakeKeys(connections, change)),
    ],
    concurrency: deps.concurrency,
    maxBackoffSeconds: 60,
    reconcile: (key, signal) => intakes.reconcile(key, signal),
  });

  const leases = new LeaseReconciler({
    client,
    informers,
    supply,
    ledgers: connections,
    manifests,
    isolation,
    explain,
    clock,
  });
  const lease = controller({
    name: "lease.lifecycle",
    sources: [
      informerSource(informers.leases, (object) => [keyOf(object)]),
      ...[informers.pods, informers.namespaces, ...informers.owned].map((informer) =>
        informerSource<KubeObject>(informer, (object) => leaseNames(leaseNameOf(object))),
      ),
      manifestSource(informers),
      supplySource(supply, clock, () => unsettledLeases(informers)),
      ledgerSource(connections, (change) => leaseKeys(informers, change)),
    ],
    concurrency: deps.concurrency,
    maxBackoffSeconds: 60,
    reconcile: (name, signal) => leases.reconcile(name, signal),
  });

  const heartbeat = controller({
    name: "lease.metering",
    sources: [
      informerSource(informers.leases, (object) => [object.spec.networkRef.name]),
      ledgerSource(connections, (change) => [change.network]),
    ],
    reconcile: (name) => reconcileHeartbeats({ informers, ledgers: connections }, name),
  });

  const garbageDependencies = {
    leases: informers.leases.store,
    offers: informers.offers.store,
    recount: (): void => void supply.inventory.recompute(),
    ledgers: connections,
    intake,
    lifecycle: lease,
  };
  const garbage = controller({
    name: "lease.garbagecollection",
    sources: [informerSource(informers.networks, (resource) => [keyOf(resource)])],
    reconcile: (name) => collectGarbage(garbageDependencies, name),
  });

  return {
    connections,
    supply,
    async follow(signal) {
      await connection.run(signal);
      await connections.close();
    },
    async lead(signal) {
      const controllers = [network, offer, intake, lease, heartbeat, garbage].map((one) => one.run(signal));
      await Promise.all([connections.lead(signal), ...controllers]);
    },
  };
}

function intakeKey({ spec }: ComputeLease): string {
  return `${spec.networkRef.name}/${spec.leaseId}`;
}

function leaseNames(name: string | undefined): readonly string[] {
  return name === undefined ? [] : [name];
}

function activeKeys(connections: Connections, network: string): readonly string[] {
  const entries = [...(connections.get(network)?.head?.leases.values() ?? [])];
  return entries.filter(({ state }) => state === "Active").map(({ id }) => `${network}/${id}`);
}

function leaseKeys(informers: Informers, change: LedgerChange): readonly string[] {
  const { kind, network } = change;
  if (kind === "lease") return [`${network}-${change.id}`];
  if (kind === "network") return informers.leases.store.byIndex(byNetwork, network).map(keyOf);
  if (kind === "offer") return [];
  return change.intents.flatMap((intent) => leaseOfIntent(intent) ?? []).map((id) => `${network}-${id}`);
}

function intakeKeys(connections: Connections, change: LedgerChange): readonly string[] {
  if (change.kind === "lease") return [`${change.network}/${change.id}`];
  return change.kind === "network" ? activeKeys(connections, change.network) : [];
}

/** An upload concerns the leases that name its hash. */
function manifestSource(informers: Informers): Source {
  return informerSource(informers.manifests, (upload) => {
    const hash = `0x${keyOf(upload).split("/manifest-").at(-1)}`;
    return informers.leases.store.byIndex(byManifest, hash).map(keyOf);
  });
}

/** Leases that look for a place or must leave theirs: more room, or a change of the node, concerns them. */
function unsettledLeases({ nodes, leases }: Informers): readonly string[] {
  return leases.store
    .list()
    .filter((lease) => {
      const { allocation } = lease.status ?? {};
      const isSettled = findCondition(lease, "CapacityReserved")?.reason === "Reserved";
      return allocation === undefined || !isSettled || !isServing(nodes.store.get(allocation.node));
    })
    .map(keyOf);
}

function isServing(node: INode | undefined): boolean {
  if (node === undefined || node.spec?.unschedulable === true || announcedMaintenance(node) !== undefined) return false;
  return node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}
