import { afterAll, beforeAll, expect, it } from "vitest";
import { labels } from "../../src/api/names.ts";
import { allInformers, createInformers } from "../../src/controllers/informers.ts";
import { KubeClient } from "../../src/kube/client.ts";
import { loadClusterConfig } from "../../src/kube/config.ts";
import { type AuditedRequest, auditedRequests } from "../harness/audit.ts";
import { startCluster } from "../harness/cluster.ts";
import { leaseGone, leaseName, leaseWith, namespaceOf, rent } from "../harness/leases.ts";
import { installPrivileges, operatorUser, renderRoles } from "../harness/privileges.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, offerObject, operatorNamespace, UNIT_SECOND } from "../harness/world-objects.ts";
import { inWords, rightsOf } from "../support/rbac/rights.ts";

const DEPOSIT = 36_000n * UNIT_SECOND;
const waiting = { timeoutSeconds: 60 };

let world: World;
beforeAll(async () => {
  world = await startWorld({ nodes: [h100Node("h100-a")], flags: ["--leader-election=true"] });
});
afterAll(() => world.stop());

/**
 * One lease with everything that a lease can have, spoilt in every way that the operator mends, and ended. Then the API
 * server's own record is held against the chart's roles.
 */
it("every right of the operator is used, and none is missing", async () => {
  await world.apply(
    { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "fast" }, ...noProvisioner },
    offerObject("h100", world.market, {
      storage: { classes: [{ name: "fast", storageClassName: "fast" }] },
      ingress: { domain: "gpu.example" },
    }),
  );
  const tenant = await world.tenant();
  const lease = await rent(world, tenant, "h100", { units: 2, deposit: DEPOSIT });
  await leaseWith(world, lease, "CapacityReserved", "True");
  await tenant.sendManifest(lease, everything("first"));
  await leaseWith(world, lease, "Provisioned", "False", "Unschedulable"); // all is written; nobody provisions the volume
  await tenant.sendManifest(lease, everything("second"));
  await secretHolds(lease, "second");
  await forgetWhatWasApplied(lease);
  await addSurplus(lease);
  await pauseTwice(lease);
  await tenant.close(lease);
  await leaseGone(world, lease);

  const requests = [...(await auditedRequests(world.cluster)), ...(await requestsWithoutStreaming())];
  const granted = rightsOf(await renderRoles()).map(inWords);
  const used = new Map<string, number>();
  for (const words of requests.map(usedRight)) used.set(words, (used.get(words) ?? 0) + 1);
  console.log(tableOf(granted, used));

  expect(requests.filter(({ decision }) => decision !== "allow")).toEqual([]);
  expect([...used.keys()].filter((words) => !granted.includes(words)).toSorted()).toEqual(everybodysRights);
  expect(granted.filter((words) => !used.has(words)).toSorted()).toEqual(askedBesides);
});

/** What the API server lets every user ask. */
const everybodysRights = ["ClusterRole system:basic-user: create selfsubjectaccessreviews.authorization.k8s.io"];

/** Rights that the API server asks about while it answers another request: they leave no request of their own. */
const askedBesides = [
  "ClusterRole berthage-operator: bind clusterroles.rbac.authorization.k8s.io berthage-lease", // RoleBindings
  "ClusterRole berthage-operator: update computeleases/finalizers.berthage.dev", // owner of a namespace
];

const noProvisioner = { provisioner: "kubernetes.io/no-provisioner", volumeBindingMode: "WaitForFirstConsumer" };

function everything(secret: string): string {
  const resources = "resources: { cpu: 1, memory: 1Gi, ephemeralStorage: 1Gi, accelerators: 1 }";
  return `
version: 1
services:
  - name: web
    image: registry.example/app:1
    ports: [{ name: http, port: 8080, expose: true }]
    secretEnv: { PASSWORD: ${secret} }
    volumes: [{ name: data, mount: /data, size: 1Gi, storage: fast }]
    ${resources}
jobs:
  - name: train
    image: registry.example/train:1
    completions: 1
    ${resources}
`;
}

async function secretHolds(lease: string, value: string): Promise<void> {
  await eventually(
    `the Secret holds ${value}`,
    async () => {
      const secret = await world.get("secret", "web-env", namespaceOf(lease));
      return secret?.data?.["PASSWORD"] === Buffer.from(value).toString("base64") ? true : undefined;
    },
    waiting,
  );
}

const kinds = "rolebinding,resourcequota,limitrange,networkpolicy,service,persistentvolumeclaim,deployment,job,ingress";
const annotation = "applied.berthage.dev/berthage";

/** Takes the mark of what was asked for from every object: each is then looked at, and written anew. */
async function forgetWhatWasApplied(lease: string): Promise<void> {
  const { kubectl } = world.cluster;
  const namespace = namespaceOf(lease);
  const own = [kinds, "-n", namespace, "-l", `${labels.managedBy}=berthage`];
  await kubectl(["annotate", ...own, `${annotation}-`]);
  await kubectl(["annotate", "namespace", namespace, `${annotation}-`]);
  await eventually(
    "every object is marked again",
    async () => {
      const text = await kubectl(["get", `namespace/${namespace}`, "-o", "json"]);
      const { items }: { items: Marked[] } = JSON.parse(await kubectl(["get", ...own, "-o", "json"]));
      const all: readonly Marked[] = [JSON.parse(text), ...items];
      return all.every(({ metadata }) => metadata.annotations?.[annotation] !== undefined) ? true : undefined;
    },
    waiting,
  );
}

interface Marked {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

/** One object of each kind that carries the lease's labels and that nothing asks for. */
async function addSurplus(lease: string): Promise<void> {
  const namespace = namespaceOf(lease);
  const found = await world.get("namespace", namespace);
  const metadata = { name: "extra", namespace, labels: leaseLabelsOf(found?.metadata?.labels ?? {}) };
  await world.apply(...surplus.map((object) => ({ ...object, metadata })));
  await eventually(
    "what nothing asks for is gone",
    async () => {
      const left = await world.cluster.kubectl(["get", kinds, "-n", namespace, "-o", "name"]);
      return left.includes("/extra") ? undefined : true;
    },
    waiting,
  );
}

function leaseLabelsOf(all: Readonly<Record<string, string>>): object {
  const isOurs = (key: string): boolean => key.startsWith("berthage.dev/") || key === labels.managedBy;
  return Object.fromEntries(Object.entries(all).filter(([key]) => isOurs(key)));
}

const rbac = "rbac.authorization.k8s.io";
const selector = { matchLabels: { app: "extra" } };
const template = {
  metadata: { labels: { app: "extra" } },
  spec: { containers: [{ name: "main", image: "app:1" }] },
};
const once = { ...template, spec: { ...template.spec, restartPolicy: "Never" } };
const claim = {
  storageClassName: "fast",
  accessModes: ["ReadWriteOnce"],
  resources: { requests: { storage: "1Mi" } },
};
const surplus: readonly object[] = [
  { apiVersion: `${rbac}/v1`, kind: "RoleBinding", roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "view" } },
  { apiVersion: "v1", kind: "ResourceQuota", spec: {} },
  { apiVersion: "v1", kind: "LimitRange", spec: { limits: [] } },
  { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", spec: { podSelector: {} } },
  { apiVersion: "v1", kind: "Service", spec: { ports: [{ port: 80 }] } },
  { apiVersion: "v1", kind: "PersistentVolumeClaim", spec: claim },
  { apiVersion: "apps/v1", kind: "Deployment", spec: { replicas: 0, selector, template } },
  { apiVersion: "batch/v1", kind: "Job", spec: { suspend: true, template: once } },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    spec: { defaultBackend: { service: { name: "web", port: { number: 8080 } } } },
  },
];

/** What happens again is one event with a count, which is patched. */
async function pauseTwice(lease: string): Promise<void> {
  const paused = (value: string | null): Promise<void> =>
    world.patch("clease", leaseName(lease), { metadata: { annotations: { "berthage.dev/paused": value } } });
  for (let time = 0; time < 2; time += 1) {
    await paused("true");
    await leaseWith(world, lease, "Suspended", "True", "PausedByAdmin");
    await paused(null);
    await leaseWith(world, lease, "Suspended", "False");
  }
}

/** What the operator asks of an API server that can't stream lists, as those before Kubernetes 1.34. */
async function requestsWithoutStreaming(): Promise<readonly AuditedRequest[]> {
  const options = { auditLog: [operatorUser], featureGates: ["WatchList=false"], manifests: ["crds"] };
  const cluster = await startCluster(options);
  const stop = new AbortController();
  try {
    const { kubeconfigFile } = await installPrivileges(cluster);
    const client = new KubeClient(await loadClusterConfig({ kubeconfig: kubeconfigFile }));
    const informers = allInformers(createInformers(client, operatorNamespace, {}));
    const running = Promise.all(informers.map((informer) => informer.run(stop.signal)));
    await Promise.all(informers.map((informer) => informer.synced()));
    stop.abort();
    await running;
    await client.close();
    return await auditedRequests(cluster);
  } finally {
    await cluster.stop();
  }
}

/** The right by which a request was allowed, in the authorizer's own words: `… of ClusterRole "berthage-lease" to …`. */
function usedRight({ reason, verb, group, resource, uri }: AuditedRequest): string {
  const [, kind = "", name = ""] = /of (ClusterRole|Role) "([^"]+)"/.exec(reason) ?? [];
  const place = /allowed by RoleBinding "[^"/]+\/([^"]+)"/.exec(reason)?.[1];
  const role = kind === "Role" ? `Role ${place}/${name}` : `${kind} ${name}`;
  return inWords({ role, verb, group, resource: resource === "" ? uri : resource });
}

function tableOf(granted: readonly string[], used: ReadonlyMap<string, number>): string {
  const rows = granted.map((words) => `${String(used.get(words) ?? "–").padStart(6)}  ${words}`);
  return ["requests  right", ...rows].join("\n");
}
