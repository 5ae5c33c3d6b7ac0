import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parseIsolationReport } from "../../../../src/api/isolation-report.ts";
import { KubeClient } from "../../../../src/kube/client.ts";
import { loadClusterConfig } from "../../../../src/kube/config.ts";
import { configMaps, namespaces, pods } from "../../../../src/kube/core.ts";
import { type Cluster, startCluster } from "../../../harness/cluster.ts";
import { gpuNode } from "../../../harness/nodes.ts";
import { eventually } from "../../../harness/wait.ts";
import { type Outcome, program } from "../fixture.ts";
import { berthageHere } from "./in-process.ts";
import { type Network, playNode, podAddresses } from "./played-node.ts";

const namespace = "berthage-system";
let cluster: Cluster;
let client: KubeClient;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  cluster = await startCluster({ controllers: true, kwok: true, manifests: ["crds"] });
  client = new KubeClient(await loadClusterConfig({ kubeconfig: cluster.kubeconfigFile }));
  const items = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    gpuNode("gpu-a", { product: "NVIDIA-H100-80GB-HBM3", count: 8, memoryMiB: 81_559 }),
  ];
  await cluster.kubectl(["create", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  await cluster.kubectl(["wait", "node/gpu-a", "--for=condition=Ready", "--timeout=30s"]);
});

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

const flags = (): string[] => [
  "--kubeconfig",
  cluster.kubeconfigFile,
  "--probe-image",
  "app:1",
  "--probe-node",
  "gpu-a",
];

function preflight(...more: string[]): Promise<Outcome> {
  return berthageHere(["provider", "preflight", ...flags(), "-o", "json", ...more]);
}

interface Finding {
  readonly check: string;
  readonly result: string;
  readonly detail: string;
  readonly fix?: string;
}

async function isolationOn(network: Network, ...more: string[]): Promise<Finding | undefined> {
  ends.push(playNode(client, network));
  const found: Finding[] = JSON.parse((await preflight(...more)).stdout);
  return found.find(({ check }) => check === "Isolation");
}

async function report(): Promise<ReturnType<typeof parseIsolationReport>> {
  return parseIsolationReport((await client.get(configMaps, { name: "isolation-probe", namespace })).data);
}

const probes = async (): Promise<string[]> =>
  (await client.list(namespaces, { labelSelector: "berthage.dev/probe=isolation" })).items
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    .flatMap(({ metadata }) => metadata?.name ?? []);

const enforcing: Network = (from) => from === "client-open";
const flat: Network = () => true;
const broken: Network = () => false;

describe("the isolation probe", () => {
  test("finds a cluster that enforces policies, notes it for the operator, and cleans up", async () => {
    const tried = new Map<string, number>();
    const counting: Network = (from, host) => {
      tried.set(from, (tried.get(from) ?? 0) + 1);
      return enforcing(from, host);
    };
    expect(await isolationOn(counting)).toMatchObject({
      result: "ok",
      detail: expect.stringMatching(
        /^On node gpu-a a pod no longer reached 10\.244\.0\.5, fd00:10:244::5, fe80::a:5, the metadata/,
      ),
    });
    expect(Object.fromEntries(tried)).toEqual({ "client-open": 4, "client-egress": 4, "client-ingress": 3 });
    expect(await report()).toMatchObject({ isEnforced: true, message: expect.stringContaining("gpu-a") });
    const { metadata } = await client.get(configMaps, { name: "isolation-probe", namespace });
    expect(metadata?.labels).toEqual({ "app.kubernetes.io/managed-by": "berthage" });
    expect(await probes()).toEqual([]);
  });

  test("finds one that does not, which is a failure", async () => {
    const found = await isolationOn(flat);
    expect(found).toMatchObject({ result: "fail", fix: expect.stringContaining("Install".toLowerCase()) });
    expect(found?.detail).toContain(`${podAddresses[0]} against a policy that forbids egress`);
    expect(found?.detail).toContain(`${podAddresses[0]} against a policy that forbids ingress`);
    expect(await report()).toMatchObject({ isEnforced: false });
    expect(await probes()).toEqual([]);
  });

  test("finds one that closes the front door only", async () => {
    const around: Network = (from, host) => enforcing(from, host) || host.startsWith("fe80:");
    const found = await isolationOn(around);
    expect(found).toMatchObject({ result: "fail", detail: expect.stringContaining("reached fe80::a:5 against") });
    expect(found?.detail).not.toContain(podAddresses[0]);
  });

  test("leaves the last report alone when pods do not even reach each other without a policy", async () => {
    const before = await report();
    expect(await isolationOn(broken)).toMatchObject({ result: "warn", detail: expect.stringContaining("not known: ") });
    expect(await report()).toEqual(before);
  });

  test("says why its pods do not run", async () => {
    const running = preflight();
    const name = await probeNamespace();
    const ref = await eventually("the server is there", () => client.get(pods, { namespace: name, name: "server" }));
    const waiting = { reason: "ImagePullBackOff", message: "Back-off pulling image app:1" };
    const containerStatuses = [
      { name: "server", image: "app:1", imageID: "", ready: false, restartCount: 0, state: { waiting } },
    ];
    const by = { fieldManager: "kubelet", subresource: "status" } as const;
    await client.mergePatch(
      pods,
      { namespace: name, name: ref.metadata?.name ?? "" },
      { status: { containerStatuses } },
      by,
    );
    const found: Finding[] = JSON.parse((await running).stdout);
    expect(found.find(({ check }) => check === "Isolation")).toMatchObject({
      result: "warn",
      detail: expect.stringContaining("cannot run: container server: Back-off pulling image app:1"),
    });
    expect(await probes()).toEqual([]);
  });

  test("tells that there is nowhere to note the result yet", async () => {
    expect(await isolationOn(enforcing, "--namespace", "elsewhere")).toMatchObject({
      result: "ok",
      detail: expect.stringContaining("Not noted: there is no namespace elsewhere yet."),
    });
  });

  test("removes what it made when it is interrupted, and nothing of another probe", async () => {
    const other = {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "other", labels: { "berthage.dev/probe": "isolation" } },
    };
    await cluster.kubectl(["create", "-f", "-"], JSON.stringify(other));
    const env = { PATH: process.env["PATH"] ?? "", HOME: tmpdir() };
    const child = spawn(program, ["provider", "preflight", ...flags()], { env, stdio: "ignore" });
    const exit = once(child, "exit");
    const name = await probeNamespace();
    await eventually("it is at work", () => client.get(pods, { namespace: name, name: "server" }));
    child.kill("SIGINT");
    expect(await exit).toEqual([1, null]);
    expect(await probes()).toEqual(["other"]);
    await client.delete(namespaces, { name: "other" });
  });
});

/** The namespace of the probe that runs now. */
async function probeNamespace(): Promise<string> {
  return await eventually("a probe runs", async () =>
    (await probes()).find((name) => name.startsWith("berthage-probe-")),
  );
}
