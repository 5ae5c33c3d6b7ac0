import type { IClusterRole } from "kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole";
import type { IRoleBinding } from "kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allInformers, createInformers, type Informers } from "../../../src/controllers/informers.ts";
import { writeObjects } from "../../../src/controllers/lease/objects.ts";
import { computeLeases } from "../../../src/controllers/resources.ts";
import { awaitAccess } from "../../../src/kube/access.ts";
import { KubeClient } from "../../../src/kube/client.ts";
import { systemClock } from "../../../src/kube/clock.ts";
import { loadClusterConfig } from "../../../src/kube/config.ts";
import { namespaces, networkPolicies, resourceQuotas, roleBindings, secrets } from "../../../src/kube/core.ts";
import { Forbidden } from "../../../src/kube/errors.ts";
import { type KubeObject, resource } from "../../../src/kube/resource.ts";
import { buildLeaseObjects, type LeaseObjects } from "../../../src/workload/objects/build.ts";
import { auditedRequests, refusedRequests } from "../../harness/audit.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { installPrivileges, operatorAccount, operatorUser } from "../../harness/privileges.ts";
import { eventually } from "../../harness/wait.ts";
import { operatorNamespace } from "../../harness/world-objects.ts";
import { computeLease } from "../../support/controllers/objects.ts";
import { isolation, richOffer } from "../../support/workload/offers.ts";

let cluster: Cluster;
let operator: KubeClient;
let admin: KubeClient;
let informers: Informers;
const stop = new AbortController();
let running: Promise<unknown>;

beforeAll(async () => {
  cluster = await startCluster({ auditLog: [operatorUser], manifests: ["crds"] });
  const { kubeconfigFile } = await installPrivileges(cluster);
  operator = new KubeClient(await loadClusterConfig({ kubeconfig: kubeconfigFile }));
  admin = new KubeClient(await loadClusterConfig({ kubeconfig: cluster.kubeconfigFile }));
  informers = createInformers(operator, operatorNamespace, {});
  running = Promise.all(allInformers(informers).map((one) => one.run(stop.signal)));
  await Promise.all(allInformers(informers).map((one) => one.synced()));
});
afterAll(async () => {
  stop.abort();
  await running;
  await Promise.all([operator.close(), admin.close()]);
  await cluster.stop();
});

const clusterRoles = resource<IClusterRole>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  plural: "clusterroles",
  kind: "ClusterRole",
  namespaced: false,
});
const by = { fieldManager: "berthage" };
const write = (objects: LeaseObjects): Promise<void> =>
  writeObjects({ client: operator, informers, clock: systemClock }, objects, [], stop.signal);

/** A lease without a manifest, whose ComputeLease stands. */
async function leaseObjects(id: string): Promise<LeaseObjects> {
  const { metadata, spec } = await operator.create(computeLeases, computeLease(id), by);
  const serviceAccount = { name: operatorAccount, namespace: operatorNamespace };
  return buildLeaseObjects({
    lease: { network: "market", leaseId: id, offer: "h100", tenant: spec.tenant, units: 1 },
    leaseUid: metadata.uid ?? "",
    offer: richOffer(),
    node: "node-a",
    suspended: false,
    isolation: { ...isolation, operator: { clusterRole: "berthage-lease", serviceAccount } },
  });
}

async function reviews(): Promise<number> {
  const requests = await auditedRequests(cluster);
  return requests.filter(({ resource }) => resource === "selfsubjectaccessreviews").length;
}

describe("an operator with the rights of a release", () => {
  it("fences many new namespaces at once, and is never refused", async () => {
    const ids = Array.from({ length: 24 }, (_, index) => String(index + 1));
    const all = await Promise.all(ids.map(leaseObjects));
    await Promise.all(all.map(write));
    for (const id of ids) {
      const found = await admin.list(networkPolicies, { namespace: `lease-market-${id}` });
      expect(found.items).toHaveLength(4);
    }
    expect(await refusedRequests(cluster, operatorUser)).toEqual([]);
    expect(await reviews()).toBeGreaterThanOrEqual(ids.length);
  });

  it("asks about its rights no more where the cache knows its binding", async () => {
    const objects = await leaseObjects("50");
    await write(objects);
    await eventually("the cache knows the binding", () =>
      informers.owned.find(({ resource }) => resource === roleBindings)?.store.get("lease-market-50/operator"),
    );
    const before = await reviews();
    await admin.delete(resourceQuotas, { namespace: "lease-market-50", name: "lease" });
    await eventually("the cache misses the quota", () =>
      informers.owned.find(({ resource }) => resource === resourceQuotas)?.store.get("lease-market-50/lease") ===
      undefined
        ? true
        : undefined,
    );
    await write(objects);
    expect(await reviews()).toBe(before);
    expect((await admin.list(resourceQuotas, { namespace: "lease-market-50" })).items).toHaveLength(1);
  });

  it.each<[string, string, (ref: { namespace: string; name: string }, found: IRoleBinding) => Promise<unknown>]>([
    ["deleted", "51", (ref) => admin.delete(roleBindings, ref)],
    [
      "given to somebody else",
      "52",
      (ref) => admin.mergePatch(roleBindings, ref, { subjects: [] }, { fieldManager: "x" }),
    ],
  ])("binds its role anew where that was %s, before it writes on", async (_, id, spoil) => {
    const namespace = `lease-market-${id}`;
    const objects = await leaseObjects(id);
    await write(objects);
    const ref = { namespace, name: "operator" };
    const found = await admin.get(roleBindings, ref);
    await spoil(ref, found);
    const isNoticed = (): true | undefined => {
      const cached = informers.owned
        .find(({ resource }) => resource === roleBindings)
        ?.store.get(`${namespace}/operator`);
      return cached?.metadata?.resourceVersion === found.metadata?.resourceVersion ? undefined : true;
    };
    await eventually("the cache has seen it", isNoticed);
    await admin.delete(resourceQuotas, { namespace, name: "lease" });
    await write(objects);
    expect((await admin.get(roleBindings, ref)).subjects).toEqual([
      { kind: "ServiceAccount", name: operatorAccount, namespace: operatorNamespace },
    ]);
    expect((await admin.list(resourceQuotas, { namespace })).items).toHaveLength(1);
    expect(await refusedRequests(cluster, operatorUser)).toEqual([]);
  });

  it.each<[string, string, (objects: LeaseObjects) => Promise<unknown>]>([
    [
      "update computeleases/finalizers",
      "60",
      ({ namespace }) => operator.create(namespaces, namespace, { ...by, dryRun: true }),
    ],
    [
      "bind clusterroles",
      "61",
      async (objects) => {
        await admin.apply(namespaces, objects.namespace, by);
        const binding = objects.isolation.find(({ kind }) => kind === "RoleBinding");
        return operator.create<KubeObject>(roleBindings, binding ?? {}, { ...by, dryRun: true });
      },
    ],
  ])("needs the right to %s, which shows in no request of its own", async (right, id, use) => {
    const objects = await leaseObjects(id);
    await use(objects);
    const [, plural = ""] = right.split(" ");
    const ref = { name: "berthage-operator" };
    const { rules = [] } = await admin.get(clusterRoles, ref);
    const fewer = rules.filter(({ resources = [] }) => !resources.includes(plural));
    expect(fewer).toHaveLength(rules.length - 1);
    await admin.mergePatch(clusterRoles, ref, { rules: fewer }, by);
    try {
      await eventually("it is refused", () =>
        use(objects).then(
          () => undefined,
          (error: unknown) => error instanceof Forbidden || undefined,
        ),
      );
    } finally {
      await admin.mergePatch(clusterRoles, ref, { rules }, by);
    }
  });

  it("says what it lacks, and where to look, where nothing grants it", async () => {
    const wish = { verb: "create", resource: secrets, namespace: "default" };
    const options = { clock: systemClock, random: Math.random, timeoutSeconds: 0 };
    expect(await operator.isAllowed(wish)).toBe(false);
    await expect(awaitAccess(operator, wish, options)).rejects.toThrow(
      /may not create secrets in namespace default.*look at the RoleBindings there/,
    );
    expect(await admin.isAllowed(wish)).toBe(true);
  });
});
