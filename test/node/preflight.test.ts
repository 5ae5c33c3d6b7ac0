import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseIsolationReport } from "../../src/api/isolation-report.ts";
import { KubeClient } from "../../src/kube/client.ts";
import { loadClusterConfig } from "../../src/kube/config.ts";
import { configMaps, namespaces } from "../../src/kube/core.ts";
import { version } from "../../src/version.ts";
import { type RealCluster, startRealCluster } from "../harness/node/real-cluster.ts";
import { eventually } from "../harness/wait.ts";
import { berthageHere } from "../integration/cli/preflight/in-process.ts";
import { operatorArchives, testArchives } from "./images.ts";
import { enforcePolicies, type Families } from "./policies.ts";

const namespace = "berthage-system";
let real: RealCluster;
let client: KubeClient;
beforeAll(async () => {
  const gpus = { product: "NVIDIA-L4", count: 1, memoryMiB: 23_034 };
  real = await startRealCluster({ name: "gpu-1", gpus }, { manifests: ["crds"] });
  await real.node.importImages(...testArchives, ...operatorArchives.slice(0, 1));
  await real.cluster.kubectl(["create", "namespace", namespace]);
  client = new KubeClient(await loadClusterConfig({ kubeconfig: real.cluster.kubeconfigFile }));
});
afterAll(async () => {
  await client?.close();
  await real?.stop();
});

interface Finding {
  readonly check: string;
  readonly result: string;
  readonly detail: string;
}

/** What the operator's own image finds out on a node whose network enforces policies for these families, or for none. */
async function isolation(families?: Families): Promise<Finding | undefined> {
  const end = families === undefined ? async () => undefined : await enforcePolicies(client, families);
  const flags = ["--kubeconfig", real.cluster.kubeconfigFile, "--probe-image", `berthage:${version}`, "-o", "json"];
  try {
    const found: Finding[] = JSON.parse((await berthageHere(["provider", "preflight", ...flags])).stdout);
    return found.find(({ check }) => check === "Isolation");
  } finally {
    await end();
    // Its policies go with their namespace, some time later; the next probe must not meet them.
    const isGone = async (): Promise<true | undefined> => ((await probes()).length === 0 ? true : undefined);
    await eventually("the probe's namespace is gone", isGone, { timeoutSeconds: 60 });
  }
}

const probes = async (): Promise<readonly object[]> =>
  (await client.list(namespaces, { labelSelector: "berthage.dev/probe=isolation" })).items;

const report = async (): Promise<ReturnType<typeof parseIsolationReport>> =>
  parseIsolationReport((await client.get(configMaps, { name: "isolation-probe", namespace })).data);

describe("the isolation probe on a real node", () => {
  it("finds that a plain bridge enforces nothing", async () => {
    const found = await isolation();
    expect(found).toMatchObject({ result: "fail", detail: expect.stringContaining("On node gpu-1 a pod reached ") });
    expect(found?.detail).toContain("against a policy that forbids egress");
    expect(found?.detail).toContain("against a policy that forbids ingress");
    expect(await report()).toMatchObject({ isEnforced: false });
  });

  it("finds the way around policies that mind IPv4 alone: link-local addresses", async () => {
    const found = await isolation("IPv4");
    expect(found).toMatchObject({ result: "fail", detail: expect.stringMatching(/reached fe80::\S+ against/) });
    expect(found?.detail).not.toMatch(/\d+\.\d+\.\d+\.\d+/);
  });

  it("finds policies enforced where they are, notes it, and leaves nothing behind", async () => {
    const found = await isolation("IPv4 and IPv6");
    expect(found).toMatchObject({ result: "ok", detail: expect.stringMatching(/no longer reached .*fe80::/) });
    expect(await report()).toMatchObject({ isEnforced: true });
    expect(await probes()).toEqual([]);
  });
});
