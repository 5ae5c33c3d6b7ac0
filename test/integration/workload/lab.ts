import type { IPod } from "kubernetes-models/v1/Pod";
import { leaseObjectName } from "../../../src/api/names.ts";
import type { ComputeLease, ComputeOfferSpec } from "../../../src/api/types.gen.ts";
import { computeLeases } from "../../../src/controllers/resources.ts";
import { KubeClient } from "../../../src/kube/client.ts";
import { loadClusterConfig } from "../../../src/kube/config.ts";
import * as core from "../../../src/kube/core.ts";
import { type Ensured, ensure } from "../../../src/kube/ensure.ts";
import { Conflict, NotFound } from "../../../src/kube/errors.ts";
import { apiVersionOf, type KubeObject, type Resource, refTo } from "../../../src/kube/resource.ts";
import { acceptManifest, type FittedManifest } from "../../../src/workload/manifest/fit.ts";
import { buildLeaseObjects, type LeaseObjects } from "../../../src/workload/objects/build.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { gpuNode } from "../../harness/nodes.ts";
import { h100, isolation } from "../../support/workload/offers.ts";

const by = { fieldManager: "berthage" };
const kinds: readonly Resource<KubeObject>[] = [
  core.namespaces,
  core.resourceQuotas,
  core.limitRanges,
  core.networkPolicies,
  core.persistentVolumeClaims,
  core.secrets,
  core.services,
  core.deployments,
  core.jobs,
  core.ingresses,
];

/** A lease in the making. */
export interface LeaseCase {
  readonly offer: ComputeOfferSpec;
  readonly units: number;
  readonly manifest?: FittedManifest;
  readonly suspended?: boolean;
}

/** A lease in the cluster. */
export interface PlacedLease {
  readonly id: string;
  readonly uid: string;
  readonly namespace: string;
}

export function accept(text: string, offer: ComputeOfferSpec, units: number): FittedManifest {
  const result = acceptManifest(text, { offer, units });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.manifest;
}

/** A real control plane with controllers and scheduler, and a node with 8 H100 on which kwok lets pods run. */
export class Lab {
  readonly node = "gpu-a";
  readonly client: KubeClient;
  readonly cluster: Cluster;
  #leases = 0;

  private constructor(cluster: Cluster, client: KubeClient) {
    this.cluster = cluster;
    this.client = client;
  }

  static async open(): Promise<Lab> {
    const cluster = await startCluster({ controllers: true, scheduler: true, kwok: true, manifests: ["crds"] });
    const client = new KubeClient(await loadClusterConfig({ kubeconfig: cluster.kubeconfigFile }));
    const lab = new Lab(cluster, client);
    const node = gpuNode(lab.node, { product: h100, count: 8, memoryMiB: 81_559 });
    await cluster.kubectl(
      ["create", "-f", "-"],
      JSON.stringify({ apiVersion: "v1", kind: "List", items: [node, ...localStorage(lab.node)] }),
    );
    return lab;
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.cluster.stop();
  }

  /** Creates the ComputeLease that owns what follows: the garbage collector removes what has no owner. */
  async lease(offer: ComputeOfferSpec, units: number): Promise<PlacedLease> {
    this.#leases += 1;
    const id = String(this.#leases);
    const lease: ComputeLease = {
      apiVersion: "berthage.dev/v1alpha1",
      kind: "ComputeLease",
      metadata: { name: leaseObjectName("market", id) },
      spec: {
        networkRef: { name: "market" },
        leaseId: id,
        offerRef: { name: "h100" },
        offerId: "1",
        tenant: `0x${"ab".repeat(20)}`,
        units,
        price: { token: offer.price.token, perHour: "1" },
      },
    };
    const created = await this.client.create(computeLeases, lease, by);
    return { id, uid: created.metadata?.uid ?? "", namespace: `lease-market-${id}` };
  }

  /** The objects of a lease as the operator builds them. */
  objects(lease: PlacedLease, { offer, units, manifest, suspended = false }: LeaseCase): LeaseObjects {
    return buildLeaseObjects({
      lease: {
        network: "market",
        leaseId: lease.id,
        offer: "h100",
        tenant: `0x${"ab".repeat(20)}`,
        units,
        manifestHash: `0x${"5e".repeat(32)}`,
      },
      leaseUid: lease.uid,
      offer,
      ...(manifest && { manifest }),
      node: this.node,
      suspended,
      isolation,
    });
  }

  /** Writes objects in their order as the operator does, against what the API server has; tells what each write was. */
  async write({ namespace, isolation: fences, workload }: LeaseObjects): Promise<Ensured<KubeObject>["outcome"][]> {
    const outcomes: Ensured<KubeObject>["outcome"][] = [];
    for (const object of [namespace, ...fences, ...workload]) {
      outcomes.push(await this.#ensure(object));
    }
    return outcomes;
  }

  /** Once more when a controller wrote in between, as the operator's work queue does. */
  async #ensure(object: KubeObject): Promise<Ensured<KubeObject>["outcome"]> {
    try {
      return (await ensure<KubeObject>(this.client, kindOf(object), object, await this.observed(object), by)).outcome;
    } catch (error) {
      if (error instanceof Conflict) return this.#ensure(object);
      throw error;
    }
  }

  /** The API server's twin of an object. */
  async observed(object: KubeObject): Promise<KubeObject | undefined> {
    try {
      return await this.client.get(kindOf(object), refTo(object));
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  async list<T extends KubeObject>(resource: Resource<T>, namespace: string): Promise<T[]> {
    return (await this.client.list(resource, { namespace })).items;
  }

  pods(namespace: string): Promise<IPod[]> {
    return this.list(core.pods, namespace);
  }
}

export function kindOf(object: KubeObject): Resource<KubeObject> {
  const found = kinds.find((kind) => kind.kind === object.kind && apiVersionOf(kind) === object.apiVersion);
  if (!found) throw new Error(`no resource for ${object.apiVersion} ${object.kind}`);
  return found;
}

/** Local disks of the node, as an admin provides them: a class without provisioner and volumes made beforehand. */
function localStorage(node: string): object[] {
  const terms = [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] }];
  const volumes = [1, 2].map((i) => ({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `nvme-${i}` },
    spec: {
      capacity: { storage: "50Gi" },
      accessModes: ["ReadWriteOnce"],
      storageClassName: "local-nvme",
      local: { path: `/mnt/nvme-${i}` },
      nodeAffinity: { required: { nodeSelectorTerms: terms } },
    },
  }));
  const storageClass = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "local-nvme" },
    provisioner: "kubernetes.io/no-provisioner",
    volumeBindingMode: "WaitForFirstConsumer",
  };
  return [storageClass, ...volumes];
}
