import type { IIngress } from "kubernetes-models/networking.k8s.io/v1/Ingress";
import type { IPod } from "kubernetes-models/v1/Pod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComputeOffer } from "../../src/api/types.gen.ts";
import { KubeClient } from "../../src/kube/client.ts";
import { loadClusterConfig } from "../../src/kube/config.ts";
import { pods } from "../../src/kube/core.ts";
import { applyStatus } from "../../src/kube/status.ts";
import { leaseWith, listing, namespaceOf, offerWhere, rent } from "../harness/leases.ts";
import { gpuNode } from "../harness/nodes.ts";
import type { Tenant } from "../harness/tenant.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { foreignPod, h100, h100Node, inPool, offerObject, UNIT_SECOND, unitOf } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

// What other providers' operators are known to suffer from, one test a wound, titled by its letter and by what must not
// happen. Wounds that take faults to show, (a) to (d) and (n), are in faults.test.ts; test/faults/wounds.test.ts holds the list.
const DEPOSIT = 36_000n * UNIT_SECOND;
const a100 = "NVIDIA-A100";
const unknown = "NVIDIA-PG500-216";

let world: World;
let client: KubeClient;
let one: Tenant;
let two: Tenant;
beforeAll(async () => {
  world = await startWorld({
    nodes: [
      ...["names", "sick", "update", "exposed", "stuck", "failed"].map((pool) => h100Node(`${pool}-a`, { pool })),
      gpuNode("churn-a", { ...h100, count: 8, cpu: "8", labels: { pool: "churn" } }),
      gpuNode("small-a", { product: a100, memoryMiB: 40_960, count: 8, labels: { pool: "memory" } }),
      gpuNode("large-a", { product: a100, memoryMiB: 81_920, count: 2, labels: { pool: "memory" } }),
      gpuNode("tainted-a", { ...h100, count: 8, labels: { pool: "tainted" }, taints: [reserved] }),
      h100Node("full-a", { pool: "tainted" }),
      gpuNode("unknown-a", { product: unknown, memoryMiB: 32_768, count: 4, labels: { pool: "unknown" } }),
    ],
  });
  [one, two] = await Promise.all([world.tenant(), world.tenant()]);
  client = new KubeClient(await loadClusterConfig({ kubeconfig: world.cluster.kubeconfigFile }));
});
afterAll(async () => {
  await client.close();
  await world.stop();
});

const reserved = { key: "team", value: "research", effect: "NoSchedule" } as const;
const offerIn = (pool: string, changes: Parameters<typeof offerObject>[2] = {}): ComputeOffer =>
  offerObject(pool, world.market, { placement: inPool(pool), ...changes });

describe.concurrent("the inventory", () => {
  it("(e) counts workloads of one name in many namespaces of a node apart: tenants' `db` and StatefulSets `db`", async () => {
    await world.apply(...["team-one", "team-two"].flatMap((team) => database(team, "names-a")));
    await world.apply(offerIn("names"));
    await capacityOf("names", { total: 6, leased: 0, free: 6 });
    const manifest = web().replace("name: web", "name: db");
    const leases = await Promise.all([
      rent(world, one, "names", { units: 2, deposit: DEPOSIT, manifest }),
      rent(world, two, "names", { units: 3, deposit: DEPOSIT, manifest }),
    ]);
    for (const lease of leases) await leaseWith(world, lease, "Ready", "True");
    await capacityOf("names", { total: 6, leased: 5, free: 1 });
    await one.close(leases[0] ?? "");
    await capacityOf("names", { total: 6, leased: 3, free: 3 });
    await world.delete("statefulset", "db", "team-one");
    await capacityOf("names", { total: 7, leased: 3, free: 4 });
  });

  it("(f) does not drift when a thousand small pods come and go", async () => {
    const unit = { ...unitOf(h100), cpu: "7750m", memory: "8Gi" };
    await world.apply(offerIn("churn", { unit }));
    await capacityOf("churn", { total: 1, leased: 0, free: 1 });
    for (let wave = 0; wave < 10; wave += 1) {
      const names = Array.from({ length: 100 }, (_, i) => `churn-${wave}-${i}`);
      await Promise.all(names.map((name) => client.create(pods, small(name, "churn-a"), by)));
      await Promise.all(names.map((name) => client.delete(pods, { namespace: "default", name })));
    }
    await capacityOf("churn", { total: 1, leased: 0, free: 1 });
    await client.create(pods, small("churn-first", "churn-a"), by);
    await client.create(pods, small("churn-second", "churn-a"), by); // 8 − 2 × 0.25 < 7.75
    await capacityOf("churn", { total: 0, leased: 0, free: 0 });
    await client.delete(pods, { namespace: "default", name: "churn-second" });
    await capacityOf("churn", { total: 1, leased: 0, free: 1 });
  });

  it("(g) never turns negative when leased GPUs fall sick, and sells them again when they are well", async () => {
    await world.apply(offerIn("sick"));
    const lease = await rent(world, one, "sick", { units: 4, deposit: DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
    const healthy = (count: number): Promise<void> =>
      world.patch(
        "node",
        "sick-a",
        { status: { allocatable: { "nvidia.com/gpu": String(count) } } },
        "--subresource=status",
      );
    await healthy(2);
    const { status } = await offerWhere(
      world,
      "sick",
      "has nothing left to sell",
      (o) => o.status?.capacity?.freeUnits === 0,
    );
    expect(status?.capacity?.leasedUnits).toBe(4);
    expect(status?.capacity?.totalUnits).toBeGreaterThanOrEqual(0);
    await listing(world, "sick", { capacityUnits: 4, isOpen: true }); // what is leased stays leased
    await leaseWith(world, lease, "Ready", "True");
    await healthy(8);
    await capacityOf("sick", { total: 8, leased: 4, free: 4 });
  });

  it("(o) counts a thousand failed pods for nothing", async () => {
    await world.apply(offerIn("failed"));
    await capacityOf("failed", { total: 8, leased: 0, free: 8 });
    for (let wave = 0; wave < 10; wave += 1) await failedPods(`failed-${wave}`, 100, "failed-a");
    await capacityOf("failed", { total: 8, leased: 0, free: 8 });
    await listing(world, "failed", { capacityUnits: 8, isOpen: true });
    const lease = await rent(world, one, "failed", { units: 8, deposit: 8n * DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
  });
});

describe.concurrent("an offer", () => {
  it("(h) of the larger card is never served by the smaller one of the same name", async () => {
    await world.apply(offerIn("memory", { unit: unitOf({ product: a100, memoryMiB: 81_920 }) }));
    await listing(world, "memory", { capacityUnits: 2, isOpen: true });
    const lease = await rent(world, one, "memory", { units: 2, deposit: DEPOSIT, manifest: web() });
    const ready = await leaseWith(world, lease, "Ready", "True");
    expect(ready.status?.allocation?.node).toBe("large-a");
    const [pod] = await world.list("pod", namespaceOf(lease));
    expect(pod?.spec?.nodeName).toBe("large-a");
  });

  it("(i) whose only free node is tainted is not put up for sale while the others are full", async () => {
    await world.apply(foreignPod("fills-full-a", "full-a", 8), offerIn("tainted"));
    const { status } = await offerWhere(world, "tainted", "says that it has no capacity", (offer) =>
      Boolean(offer.status?.conditions?.some((c) => c.type === "CapacityAvailable" && c.status === "False")),
    );
    expect(status?.capacity).toMatchObject({ totalUnits: 0, freeUnits: 0 });
    const listed = (await world.market.offers()).find(({ id }) => id === status?.offerId);
    expect(listed?.capacityUnits ?? 0).toBe(0);
  });

  it("(p) of a card that no list knows is sold under the name that the node gives it", async () => {
    await world.apply(offerIn("unknown", { unit: unitOf({ product: unknown, memoryMiB: 32_768 }) }));
    await listing(world, "unknown", { capacityUnits: 4, isOpen: true });
    const lease = await rent(world, one, "unknown", { units: 4, deposit: DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
  });
});

describe.concurrent("a lease", () => {
  it("(j) that fills its node is updated without a second pod to wait for", async () => {
    await world.apply(offerIn("update"));
    const lease = await rent(world, one, "update", {
      units: 8,
      deposit: 8n * DEPOSIT,
      manifest: web("registry.example/app:1"),
    });
    await leaseWith(world, lease, "Ready", "True");
    await one.sendManifest(lease, web("registry.example/app:2"));
    await eventually("the new image runs, and nothing else", async () => {
      const found = await world.list("pod", namespaceOf(lease));
      const images = found.map(({ spec }) => spec?.containers?.[0]?.image);
      return images.length === 1 && images[0] === "registry.example/app:2" ? true : undefined;
    });
    await leaseWith(world, lease, "Ready", "True");
  });

  it("(l) gets its whole unit: nothing is overcommitted", async () => {
    const unit = unitOf(h100);
    await world.apply(offerIn("exposed", { unit, ingress: { domain: "gpu.example", className: "nginx" } }));
    const lease = await rent(world, one, "exposed", { units: 2, deposit: DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
    const [pod] = await world.list("pod", namespaceOf(lease));
    const resources = pod?.spec?.containers?.[0]?.resources;
    expect(resources?.requests).toEqual(resources?.limits);
    expect(resources?.requests).toMatchObject({ cpu: "16", memory: "128Gi", "nvidia.com/gpu": "2" });
  });

  it("(k) that gives up its host name leaves those of others alone", async () => {
    const exposed = `${web().trimEnd().replace("port: 8080 }", "port: 8080, expose: true }")}\n`;
    await offerWhere(world, "exposed", "is there", () => true);
    const changing = await rent(world, one, "exposed", { units: 1, deposit: DEPOSIT, manifest: exposed });
    const staying = await rent(world, two, "exposed", { units: 1, deposit: DEPOSIT, manifest: exposed });
    const ingressOf = async (lease: string): Promise<IIngress | undefined> =>
      (await world.list("ingress", namespaceOf(lease)))[0];
    const before = await eventually("both have host names", async () => {
      const found = await Promise.all([ingressOf(changing), ingressOf(staying)]);
      return found.every(Boolean) ? found[1] : undefined;
    });
    await one.sendManifest(changing, web());
    await eventually("the one is gone", async () => ((await ingressOf(changing)) === undefined ? true : undefined));
    expect((await ingressOf(staying))?.metadata).toMatchObject({ uid: before?.metadata?.uid, generation: 1 });
    await leaseWith(world, staying, "Ready", "True");
  });

  it("(q) whose namespace is stuck in deletion says so, and goes on when it is free", async () => {
    await world.apply(offerIn("stuck"));
    const lease = await rent(world, one, "stuck", { deposit: DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
    const namespace = namespaceOf(lease);
    const { metadata } = (await world.get("namespace", namespace)) ?? {};
    await world.patch("deployment", "web", { metadata: { finalizers: ["example.org/hold"] } }, "-n", namespace);
    await world.delete("namespace", namespace);
    await leaseWith(world, lease, "Provisioned", "False", "NamespaceTerminating");
    await world.patch("deployment", "web", { metadata: { finalizers: null } }, "-n", namespace);
    await eventually(
      "the namespace is made anew",
      async () => {
        const found = await world.get("namespace", namespace);
        return found !== undefined && found.metadata?.uid !== metadata?.uid ? true : undefined;
      },
      { timeoutSeconds: 90 },
    );
    await leaseWith(world, lease, "Ready", "True");
    expect(await world.get("deployment", "web", namespace)).toBeDefined();
  });
});

describe("(m) an Authorization header that is malformed", () => {
  it.each([
    ["a bare scheme", "Bearer"],
    ["another bare scheme", "Berthage"],
    ["no token", "Berthage "],
    ["a token of three letters", "Berthage a.b.c"],
    ["a token of seven thousand letters", `Berthage ${"A".repeat(7000)}`],
    ["a password", "Basic dXNlcjpwYXNz"],
    ["a token without a signature", "Berthage eyJhbGciOiJub25lIn0.."],
    ["bytes that are no text", "\u00ff\u00fe"],
  ])("as %s is refused with 401, and the gateway goes on", async (_, authorization) => {
    const url = `${world.operator.gatewayUrl}/v1/networks/market/leases/1`;
    const answer = await fetch(url, { headers: { authorization } });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { hint: expect.stringMatching(/./) } });
    expect((await fetch(`${world.operator.operationsUrl}/healthz`)).status).toBe(200);
  });
});

const by = { fieldManager: "test" };

async function capacityOf(offer: string, expected: { total: number; leased: number; free: number }): Promise<void> {
  await offerWhere(world, offer, `has ${JSON.stringify(expected)}`, ({ status }) => {
    const { totalUnits, leasedUnits, freeUnits } = status?.capacity ?? {};
    return totalUnits === expected.total && leasedUnits === expected.leased && freeUnits === expected.free;
  });
}

/** A StatefulSet `db` of somebody else in a namespace of its own, with one pod that takes a GPU of the node. */
function database(namespace: string, nodeName: string): object[] {
  const labels = { app: "db" };
  const resources = { limits: { "nvidia.com/gpu": "1" } };
  const spec = {
    nodeSelector: { "kubernetes.io/hostname": nodeName },
    tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
    containers: [{ name: "db", image: "db:1", resources }],
  };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "db", namespace },
      spec: { serviceName: "db", selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
  ];
}

/** A pod of somebody else that goes as soon as it is deleted. */
function small(name: string, nodeName: string): IPod {
  const resources = { requests: { cpu: "250m" } };
  return foreign(name, { nodeName, containers: [{ name: "main", image: "app:1", resources }] });
}

/** Pods that asked for every GPU of their node and have failed. */
async function failedPods(prefix: string, count: number, nodeName: string): Promise<void> {
  const resources = { limits: { "nvidia.com/gpu": "8" } };
  const containers = [{ name: "main", image: "app:1", resources }];
  const made = Array.from({ length: count }, (_, i) =>
    foreign(`${prefix}-${i}`, { nodeName, restartPolicy: "Never", containers }),
  );
  await Promise.all(made.map((pod) => client.create(pods, pod, by)));
  // Once they run: kwok would make a pod that has failed before that run after all.
  const fieldSelector = `spec.nodeName=${nodeName},status.phase=Running`;
  await eventually(`${prefix} runs`, async () => {
    const { items } = await client.list(pods, { namespace: "default", fieldSelector });
    return items.length === count ? true : undefined;
  });
  await Promise.all(made.map((pod) => applyStatus(client, pods, pod, { phase: "Failed" }, by)));
}

function foreign(name: string, spec: NonNullable<IPod["spec"]>): IPod {
  const metadata = { name, namespace: "default" };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { ...spec, terminationGracePeriodSeconds: 0 } };
}
