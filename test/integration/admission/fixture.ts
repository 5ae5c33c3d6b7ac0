import type { IPod } from "kubernetes-models/v1/Pod";
import { afterAll, beforeAll } from "vitest";
import type { ComputeLease } from "../../../src/api/types.gen.ts";
import { createInformers } from "../../../src/controllers/informers.ts";
import { writeObjects } from "../../../src/controllers/lease/objects.ts";
import { computeLeases } from "../../../src/controllers/resources.ts";
import { KubeClient } from "../../../src/kube/client.ts";
import { systemClock } from "../../../src/kube/clock.ts";
import { loadClusterConfig } from "../../../src/kube/config.ts";
import { pods } from "../../../src/kube/core.ts";
import { acceptManifest } from "../../../src/workload/manifest/fit.ts";
import { buildLeaseObjects } from "../../../src/workload/objects/build.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { installPrivileges, operatorAccount } from "../../harness/privileges.ts";
import { eventually } from "../../harness/wait.ts";
import { operatorNamespace } from "../../harness/world-objects.ts";
import { computeLease } from "../../support/controllers/objects.ts";
import { fullManifest } from "../../support/workload/manifests.ts";
import { isolation, richOffer } from "../../support/workload/offers.ts";

/** A namespace admin; somebody whom the release allows what it allows nobody else; the administrator; who has the operator's token. */
export type Person = "landlord" | "helper" | "admin" | "operator";

/** A cluster with the chart's roles and policies in force, and a lease in it that the operator's own account has made. */
export class Ground {
  readonly cluster: Cluster;
  readonly lease: ComputeLease;
  /** The lease's namespace. */
  readonly namespace: string;
  readonly #operatorKubeconfigFile: string;
  readonly #admin: KubeClient;

  private constructor(cluster: Cluster, admin: KubeClient, lease: ComputeLease, operatorKubeconfigFile: string) {
    this.#admin = admin;
    this.cluster = cluster;
    this.lease = lease;
    this.namespace = `lease-${lease.metadata.name}`;
    this.#operatorKubeconfigFile = operatorKubeconfigFile;
  }

  static async open(): Promise<Ground> {
    const users = [{ name: "landlord" }, { name: "helper", groups: ["helpers"] }];
    const cluster = await startCluster({ controllers: true, users, manifests: ["crds"] });
    const { kubeconfigFile } = await installPrivileges(cluster, ["admissionPolicies.allowedGroups={helpers}"]);
    const operator = new KubeClient(await loadClusterConfig({ kubeconfig: kubeconfigFile }));
    try {
      const lease = await operator.create(computeLeases, computeLease(), { fieldManager: "berthage" });
      await writeLease(operator, lease);
      const admin = new KubeClient(await loadClusterConfig({ kubeconfig: cluster.kubeconfigFile }));
      const ground = new Ground(cluster, admin, lease, kubeconfigFile);
      await ground.#admitPeople();
      await ground.#awaitPolicies();
      return ground;
    } finally {
      await operator.close();
    }
  }

  /** kubectl as one of the people; objects go to its stdin, to be read with `-f -`. */
  async as(person: Person, args: readonly string[], ...objects: readonly object[]): Promise<string> {
    const file = person === "operator" ? this.#operatorKubeconfigFile : await this.cluster.kubeconfigFor(person);
    const input = objects.map((object) => JSON.stringify(object)).join("\n---\n");
    return this.cluster.kubectl([`--kubeconfig=${file}`, ...args], input);
  }

  /** A client of one of the people; the caller closes it. */
  async client(person: Person): Promise<KubeClient> {
    return new KubeClient(await loadClusterConfig({ kubeconfig: await this.cluster.kubeconfigFor(person) }));
  }

  /** A pod that the control plane has made of the operator's Deployment. */
  pod(): Promise<IPod> {
    return eventually("the Deployment has a pod", async () => {
      const { items } = await this.#admin.list(pods, { namespace: this.namespace });
      return items.find(({ metadata }) => metadata?.ownerReferences?.[0]?.kind === "ReplicaSet");
    });
  }

  async close(): Promise<void> {
    await this.#admin.close();
    await this.cluster.stop();
  }

  /** The landlord is admin of the lease's namespace, the helper of the whole cluster. */
  async #admitPeople(): Promise<void> {
    const { kubectl } = this.cluster;
    await kubectl([
      "create",
      "rolebinding",
      "landlord",
      "--clusterrole=admin",
      "--user=landlord",
      "-n",
      this.namespace,
    ]);
    await kubectl(["create", "clusterrolebinding", "helper", "--clusterrole=cluster-admin", "--user=helper"]);
  }

  /** The API server takes new policies in within a second or so. */
  async #awaitPolicies(): Promise<void> {
    const harm = ["delete", "networkpolicy", "default-deny", "-n", this.namespace, "--dry-run=server"];
    await eventually("the policies are in force", () =>
      this.as("landlord", harm).then(
        () => undefined,
        (error: unknown) => String(error).includes("ValidatingAdmissionPolicy") || undefined,
      ),
    );
  }
}

/** Everything of a lease with a full manifest, written as the operator writes it. */
async function writeLease(client: KubeClient, { metadata, spec }: ComputeLease): Promise<void> {
  const offer = richOffer();
  const accepted = acceptManifest(fullManifest, { offer, units: spec.units });
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.problems));
  const serviceAccount = { name: operatorAccount, namespace: operatorNamespace };
  const objects = buildLeaseObjects({
    lease: { network: "market", leaseId: spec.leaseId, offer: "h100", tenant: spec.tenant, units: spec.units },
    leaseUid: metadata.uid ?? "",
    offer,
    manifest: accepted.manifest,
    node: "node-a",
    suspended: false,
    isolation: { ...isolation, operator: { clusterRole: "berthage-lease", serviceAccount } },
  });
  const informers = createInformers(client, operatorNamespace, {}); // never run: nothing is there yet
  const { signal } = new AbortController();
  await writeObjects({ client, informers, clock: systemClock }, objects, [], signal);
}

/** The ground of one test file. */
export function useGround(): { readonly ground: Ground } {
  let ground: Ground | undefined;
  beforeAll(async () => {
    ground = await Ground.open();
  });
  afterAll(async () => {
    await ground?.close();
  });
  return {
    get ground() {
      if (ground === undefined) throw new Error("the ground is not open yet: use it inside tests");
      return ground;
    },
  };
}
