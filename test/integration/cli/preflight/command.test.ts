import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serve } from "../../../../src/gateway/serve.ts";
import { createTenantApi } from "../../../../src/gateway/tenant-api.ts";
import { systemClock } from "../../../../src/kube/clock.ts";
import { type Cluster, startCluster } from "../../../harness/cluster.ts";
import { gpuNode } from "../../../harness/nodes.ts";
import { freePorts } from "../../../harness/ports.ts";
import { operatorAccount, operatorUser, renderPolicies, renderRoles } from "../../../harness/privileges.ts";
import { offerObject } from "../../../harness/world-objects.ts";
import { computeNetwork } from "../../../support/controllers/objects.ts";
import { type Arena, type Outcome, startArena } from "../fixture.ts";
import { berthageHere } from "./in-process.ts";

const namespace = "berthage-system";
let arena: Arena;
let cluster: Cluster;

beforeAll(async () => {
  [arena, cluster] = await Promise.all([
    startArena(),
    startCluster({ kwok: true, manifests: ["crds"], users: [{ name: "visitor" }] }),
  ]);
  await apply(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    gpuNode("gpu-1", { product: "NVIDIA-H100-80GB-HBM3", count: 8, memoryMiB: 81_559 }),
  );
  await cluster.kubectl(["wait", "node/gpu-1", "--for=condition=Ready", "--timeout=30s"]);
  await cluster.kubectl(["taint", "node", "gpu-1", "node.kubernetes.io/not-ready-"]); // nobody else does here
});

afterAll(async () => {
  await cluster?.stop();
  await arena?.stop();
});

async function apply(...items: readonly object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await cluster.kubectl(["apply", "--server-side", "--force-conflicts", "-f", "-"], list);
}

interface Finding {
  readonly check: string;
  readonly subject?: string;
  readonly result: string;
  readonly detail: string;
  readonly fix?: string;
}

/** Runs it without any of the variables that a person may have set: a ComputeNetwork says it all. */
function preflight(...args: string[]): Promise<Outcome> {
  const file = ["--kubeconfig", cluster.kubeconfigFile];
  return berthageHere(["provider", "preflight", "--no-probe", ...file, "-o", "json", ...args]);
}

async function findings(outcome: Promise<Outcome>): Promise<Finding[]> {
  const { stdout } = await outcome;
  return JSON.parse(stdout);
}

async function finding(check: string, ...args: string[]): Promise<Finding | undefined> {
  return (await findings(preflight(...args))).find((one) => one.check === check);
}

const secret = (name: string, key: string): object => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace },
  stringData: { key },
});

type NetworkSpec = ReturnType<typeof computeNetwork>["spec"];

/** The arena's market as a ComputeNetwork, with the keys of its provider. */
async function network(
  name: string,
  changes: Partial<NetworkSpec> = {},
  endpoints?: object[],
  address = arena.market,
): Promise<void> {
  const key = (await readFile(arena.owner.keyFile, "utf8")).trim();
  const market = {
    chainId: 31_337,
    address,
    endpoints: endpoints ?? [{ name: "local", url: arena.chain.url }],
  };
  const resource = computeNetwork(name, { payout: arena.owner.address, ...changes });
  const spec = { ...resource.spec, market };
  await apply(secret("operator-key", key), secret("manifest-key", arena.manifestKey.privateKey), { ...resource, spec });
}

describe("preflight of a ComputeNetwork", () => {
  test("needs no other flag, and passes where everything is there", async () => {
    await network("market");
    await apply(offerObject("h100", { token: arena.token }));
    const { code, stdout, stderr } = await preflight("--network", "market");
    const found: Finding[] = JSON.parse(stdout);
    expect(found.filter(({ result }) => result === "fail")).toEqual([]);
    expect([code, stderr]).toEqual([0, "checking …\n"]);
    expect(found.map(({ check, subject, result }) => [check, subject, result])).toEqual([
      ["API server", undefined, "ok"],
      ["Operator", undefined, "warn"],
      ["Resource definitions", undefined, "ok"],
      ["Admission policies", undefined, "warn"],
      ["Permissions", undefined, "ok"],
      ["Pod Security", undefined, "ok"],
      ["Clock", undefined, "ok"],
      ["Kubelets", undefined, "ok"],
      ["Container runtimes", undefined, "ok"],
      ["GPU nodes", undefined, "ok"],
      ["Default StorageClass", undefined, "ok"],
      ["Offer", "h100", "ok"],
      ["Isolation", undefined, "skipped"],
      ["Endpoint", "market/local", "ok"],
      ["Signer", "market", "ok"],
      ["Market", "market", "ok"],
      ["Registration", "market", "ok"],
      ["Operator balance", "market", "ok"],
      ["Gateway", "market", "skipped"],
    ]);
    const details = Object.fromEntries(found.map(({ check, detail }) => [check, detail]));
    expect(details).toMatchObject({
      "GPU nodes": "8 × NVIDIA-H100-80GB-HBM3 on 1 node",
      Signer: `the raw key (for development) opens as ${arena.owner.address}`,
      Registration: `${arena.owner.address} serves provider ${arena.providerId}`,
      "Operator balance": expect.stringMatching(/of the native coin, .* at today's fees$/),
    });
  });

  test("prints a table for people, and YAML", async () => {
    const args = ["provider", "preflight", "--no-probe", "--kubeconfig", cluster.kubeconfigFile];
    const table = await berthageHere(args);
    expect(table.stdout).toMatch(/^CHECK +SUBJECT +RESULT +DETAIL +FIX$/m);
    expect(table.stdout).toMatch(/^Registration +market +ok +0x/m);
    expect((await berthageHere([...args, "-o", "yaml"])).stdout).toContain("- check: API server\n  result: ok\n");
  });

  test("looks at every endpoint by itself", async () => {
    const [port = 0] = await freePorts(1);
    const away = { name: "away", url: `http://127.0.0.1:${port}` };
    await network("several", {}, [{ name: "local", url: arena.chain.url }, away]);
    const found = (await findings(preflight("--network", "several"))).filter(({ check }) => check === "Endpoint");
    expect(found).toMatchObject([
      { subject: "several/local", result: "ok" },
      { subject: "several/away", result: "warn", detail: expect.stringContaining("ECONNREFUSED") },
    ]);
    await network("several", {}, [away]);
    const alone = await findings(preflight("--network", "several"));
    expect(alone.find(({ check }) => check === "Endpoint")).toMatchObject({ result: "fail" });
    expect(alone.find(({ check }) => check === "Market")).toMatchObject({ result: "skipped" });
  });

  test("finds a Secret that is missing, and one that opens to somebody else", async () => {
    await network("lost", { signer: { rawKey: { secretRef: { name: "nowhere" } } } });
    const missing = await findings(preflight("--network", "lost"));
    expect(missing.find(({ check }) => check === "Signer")).toMatchObject({
      result: "fail",
      detail: expect.stringContaining(`secrets ${namespace}/nowhere`),
      fix: expect.stringContaining("keygen --secret"),
    });
    const stranger = Wallet.createRandom();
    await apply(secret("stranger", stranger.privateKey));
    await network("lost", { signer: { rawKey: { secretRef: { name: "stranger" } } } });
    const outcome = await preflight("--network", "lost");
    const other: Finding[] = JSON.parse(outcome.stdout);
    const of = (check: string): Finding | undefined => other.find((one) => one.check === check);
    expect(of("Registration")).toMatchObject({ result: "fail", detail: `${stranger.address} serves no provider` });
    expect(of("Operator balance")).toMatchObject({ result: "fail" });
    expect(outcome.code).toBe(1);
    expect(outcome.stdout + outcome.stderr).not.toContain(stranger.privateKey.slice(2));
  });

  test("finds a payout that is not the one on the chain, and a market that is none", async () => {
    await network("wrong", { payout: arena.stranger.address });
    expect(await finding("Registration", "--network", "wrong")).toMatchObject({
      result: "fail",
      detail: expect.stringContaining(`go to ${arena.owner.address} and not to ${arena.stranger.address}`),
    });
    await network("astray", {}, undefined, arena.token);
    expect(await finding("Market", "--network", "astray")).toMatchObject({
      result: "fail",
      fix: expect.stringContaining("spec.market.address"),
    });
  });

  test("names the networks there are when there is none of the name", async () => {
    const { code, stdout } = await preflight("--network", "moon");
    expect(code).toBe(1);
    expect(stdout).toContain("there is no ComputeNetwork moon");
    expect(stdout).toContain("market");
  });

  test("tries the gateway as tenants do", async () => {
    const tell = { chainId: 31_337n, market: arena.market, providerId: "1", manifestKey: arena.manifestKey.publicKey };
    const app = createTenantApi({
      backend: {
        network: (name) => (name === "market" ? tell : undefined),
        lease: () => undefined,
        leases: () => [],
      },
      manifests: { list: async () => new Map(), put: () => Promise.reject(new Error("nobody uploads here")) },
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      now: () => systemClock.now(),
    });
    const server = await serve(app, { host: "127.0.0.1", port: 0 });
    const url = server.url;
    expect(await finding("Gateway", "--network", "market", "--gateway", url)).toMatchObject({
      result: "warn",
      detail: `${url} answers, without TLS`,
    });
    await server.close(1);
    expect(await finding("Gateway", "--network", "market", "--gateway", url)).toMatchObject({
      result: "fail",
      detail: expect.stringContaining("ECONNREFUSED"),
    });
    // The API server's certificate is nobody's but its own.
    expect(await finding("Gateway", "--network", "market", "--gateway", cluster.url)).toMatchObject({
      result: "fail",
      detail: expect.stringContaining("its certificate is not believed: SELF_SIGNED_CERT"),
    });
  });
});

describe("preflight of an installation", () => {
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "berthage", namespace, labels: { "app.kubernetes.io/part-of": "berthage" } },
    spec: {
      selector: { matchLabels: { app: "berthage" } },
      template: {
        metadata: { labels: { app: "berthage" } },
        spec: { serviceAccountName: operatorAccount, containers: [{ name: "operator", image: "berthage:1.2.3" }] },
      },
    },
  };
  test("asks what its ServiceAccount may do, whatever we may", async () => {
    await apply(deployment);
    expect(await finding("Operator")).toMatchObject({
      result: "warn",
      detail: "0 of 1 replicas of berthage:1.2.3 are ready",
    });
    expect(await finding("Permissions")).toMatchObject({
      result: "fail",
      detail: expect.stringContaining(`${operatorUser} may not list computenetworks`),
    });
    await cluster.kubectl(["apply", "--server-side", "-f", "-"], await renderRoles());
    expect(await finding("Permissions")).toMatchObject({
      result: "ok",
      detail: expect.stringMatching(/:berthage may do all \d+ kinds of calls$/),
    });
    // Who may see the release but not ask about others is told of himself.
    const view = ["create", "clusterrolebinding", "visitor", "--clusterrole=view", "--user=visitor"];
    await cluster.kubectl(view);
    const visitor = await cluster.kubeconfigFor("visitor");
    expect(await finding("Permissions", "--kubeconfig", visitor)).toMatchObject({
      result: "fail",
      detail: expect.stringMatching(/^this user may not /),
    });
    await cluster.kubectl(["delete", "clusterrolebinding", "visitor"]);
    await cluster.kubectl(["delete", "deployment", "berthage", "-n", namespace]);
  });

  test("wants the chart's admission policies, and every one of them bound", async () => {
    expect(await finding("Admission policies")).toMatchObject({
      result: "warn",
      fix: expect.stringContaining("chart"),
    });
    await cluster.kubectl(["apply", "--server-side", "-f", "-"], await renderPolicies());
    expect(await finding("Admission policies")).toMatchObject({
      result: "ok",
      detail: expect.stringMatching(/^\d+ are bound and deny$/),
    });
    const binding = "validatingadmissionpolicybinding";
    const [name = ""] = (await cluster.kubectl(["get", binding, "-o", "name"])).trim().split("\n");
    const policy = await cluster.kubectl(["get", name, "-o", "jsonpath={.spec.policyName}"]);
    await cluster.kubectl(["delete", name]);
    expect(await finding("Admission policies")).toMatchObject({
      result: "warn",
      detail: `not bound, or bound without Deny: ${policy}`,
    });
  });
});

describe("preflight before there is a ComputeNetwork", () => {
  const asOwner = (kubeconfig: string, ...more: string[]): Promise<Outcome> => {
    const args = ["provider", "preflight", "--kubeconfig", kubeconfig, "-o", "json", "--key-file", arena.owner.keyFile];
    const chain = more.includes("--rpc") ? [] : ["--rpc", arena.chain.url];
    const market = more.includes("--market") ? [] : ["--market", arena.market];
    return berthageHere([...args, ...chain, ...market, ...more]);
  };

  test("takes endpoint, market and key from flags or environment", async () => {
    const env = { BERTHAGE_KEY_FILE: arena.owner.keyFile };
    const args = ["provider", "preflight", "--kubeconfig", cluster.kubeconfigFile, "-o", "json", "--no-probe"];
    const { code, stdout } = await arena.cli(args, env);
    const found: Finding[] = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(found.filter(({ check }) => ["Endpoint", "Market", "Registration"].includes(check))).toMatchObject([
      { subject: arena.chain.url, result: "ok" },
      { result: "ok", detail: arena.market },
      { result: "ok", detail: `${arena.owner.address} serves provider ${arena.providerId}` },
    ]);
  });

  test("has a fix for each thing that a visitor may not see, and exit code 1", async () => {
    const visitor = await cluster.kubeconfigFor("visitor");
    const operator = Wallet.createRandom().address;
    const outcome = await asOwner(visitor, "--operator", operator, "--market", arena.token);
    expect(outcome.code).toBe(1);
    const found: Finding[] = JSON.parse(outcome.stdout);
    expect(found.filter(({ result, fix }) => result !== "ok" && fix === undefined)).toEqual([]);
    expect(Object.fromEntries(found.map(({ check, result }) => [check, result]))).toMatchObject({
      "API server": "ok",
      "Resource definitions": "fail",
      Permissions: "fail",
      "Pod Security": "skipped",
      Clock: "ok",
      "GPU nodes": "fail",
      Isolation: "fail",
      Endpoint: "ok",
      Market: "fail",
      "Operator balance": "fail",
    });
  });

  test("skips the rest of a cluster or chain that is away", async () => {
    const [port = 0] = await freePorts(1);
    const file = join(arena.dir, "away.kubeconfig");
    const config = await readFile(cluster.kubeconfigFile, "utf8");
    await writeFile(file, config.replaceAll(cluster.url, `https://127.0.0.1:${port}`));
    const found = await findings(asOwner(file, "--rpc", `http://127.0.0.1:${port}`));
    expect(Object.fromEntries(found.map(({ check, result }) => [check, result]))).toEqual({
      "API server": "fail",
      "Resource definitions": "skipped",
      Permissions: "skipped",
      "GPU nodes": "skipped",
      Isolation: "skipped",
      Endpoint: "fail",
      Signer: "skipped",
      Market: "skipped",
      Gateway: "skipped",
    });
  });
});
