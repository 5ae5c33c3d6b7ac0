import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ComputeLease } from "../../../src/api/types.gen.ts";
import type { GatewayBackend } from "../../../src/gateway/backend.ts";
import { ManifestStore } from "../../../src/gateway/manifest-store.ts";
import { type Serving, serve } from "../../../src/gateway/serve.ts";
import { createTenantApi } from "../../../src/gateway/tenant-api.ts";
import { KubeClient } from "../../../src/kube/client.ts";
import { loadClusterConfig } from "../../../src/kube/config.ts";
import { openManifest } from "../../../src/sealing/manifest.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { freePorts } from "../../harness/ports.ts";
import { type Arena, jsonOf, startArena } from "./fixture.ts";

let arena: Arena;
let cluster: Cluster;
let kube: KubeClient;
let store: ManifestStore;
let gateway: Serving;
let offerId: string;
const leases = new Map<string, ComputeLease>();

beforeAll(async () => {
  [arena, cluster] = await Promise.all([startArena(), startCluster()]);
  kube = new KubeClient(await loadClusterConfig({ kubeconfig: cluster.kubeconfigFile }));
  store = new ManifestStore(kube, "default");
  gateway = await serveGateway();
  await arena.mint(arena.tenant.address, 1_000_000_000n);
  offerId = await arena.publish();
});

afterEach(() => {
  leases.clear();
});

afterAll(async () => {
  await gateway?.close(1);
  await kube?.close();
  await cluster?.stop();
  await arena?.stop();
});

async function serveGateway(providerId = arena.providerId): Promise<Serving> {
  const network = {
    chainId: BigInt(arena.chain.chainId),
    market: arena.market,
    providerId,
    manifestKey: arena.manifestKey.publicKey,
  };
  const backend: GatewayBackend = {
    network: (name) => (name === "market" ? network : undefined),
    lease: (_, id) => leases.get(id),
    leases: () => [...leases.values()],
  };
  const silent = { info() {}, warn() {}, error() {} };
  const api = createTenantApi({ backend, manifests: store, logger: silent });
  return await serve(api, { host: "127.0.0.1", port: 0 });
}

/** The lease as the operator would show it. */
function running(id: string, tenant: string): ComputeLease {
  return {
    metadata: { name: `market-${id}` },
    spec: {
      networkRef: { name: "market" },
      leaseId: id,
      offerRef: { name: "h100" },
      offerId,
      tenant,
      units: 1,
      price: { token: arena.token, perHour: "2500000" },
    },
    status: {
      conditions: [
        {
          type: "Ready",
          status: "False",
          reason: "ImagePullFailed",
          message: "no such image\u001b[2J",
          lastTransitionTime: "2030-01-01T00:00:00Z",
        },
      ],
      services: [{ name: "web", desired: 1, ready: 0, message: "ErrImagePull" }],
      endpoints: [{ service: "web", port: 8080, protocol: "TCP", address: "web.lease", url: "https://web.example" }],
    },
  };
}

function rentArguments(...more: readonly string[]): string[] {
  return ["rent", offerId, "--units", "1", "--hours", "1", "--manifest", arena.manifestFile, ...more];
}

/** The plain text of a stored manifest, as the operator reads it. */
async function openStored(hash: string): Promise<string> {
  const envelope = await store.get(hash);
  if (envelope === undefined) throw new Error(`${hash} is not stored`);
  return await openManifest(envelope, arena.manifestKey.privateKey, {
    chainId: arena.chain.chainId,
    market: arena.market,
    providerId: arena.providerId,
    tenant: arena.tenant.address,
  });
}

test("rent with a gateway leaves the sealed manifest there, whose hash is on the chain", async () => {
  const opened = jsonOf(await arena.cli(rentArguments("--gateway", gateway.url, "-o", "json")));
  expect(opened["sealedFile"]).toBeUndefined();
  const text = await openStored(String(opened["manifestHash"]));
  expect(text).toBe(await readFile(arena.manifestFile, "utf8"));
  const status = jsonOf(await arena.cli(["status", String(opened["leaseId"]), "-o", "json"]));
  expect(status["manifestHash"]).toBe(opened["manifestHash"]);
});

test("rent without one keeps the sealed manifest in a file, which manifest send brings without a transaction", async () => {
  const opened = jsonOf(await arena.cli(rentArguments("-o", "json")));
  const [leaseId, file] = [String(opened["leaseId"]), String(opened["sealedFile"])];
  const nonce = await arena.chain.rpc("eth_getTransactionCount", [arena.tenant.address, "latest"]);
  const sent = await arena.cli(["manifest", "send", leaseId, file], { BERTHAGE_GATEWAY: gateway.url });
  expect(sent).toMatchObject({ code: 0, stdout: `${opened["manifestHash"]}\n` });
  expect(await arena.chain.rpc("eth_getTransactionCount", [arena.tenant.address, "latest"])).toBe(nonce);
  expect(await openStored(String(opened["manifestHash"]))).toContain("correct-horse");
});

test("sending another manifest uploads it and names it on the chain", async () => {
  const leaseId = String(jsonOf(await arena.cli(rentArguments("-o", "json")))["leaseId"]);
  const changed = join(arena.dir, "changed.yaml");
  await writeFile(changed, "version: 1\nservices: [{ name: web, image: registry.example/app:2 }]\n");
  const sent = await arena.cli(["manifest", "send", leaseId, changed, "--gateway", gateway.url]);
  expect(sent.code).toBe(0);
  expect(await openStored(sent.stdout.trim())).toContain("app:2");
  const status = jsonOf(await arena.cli(["status", leaseId, "-o", "json"]));
  expect(status["manifestHash"]).toBe(sent.stdout.trim());
});

test("status with a gateway shows conditions, services and endpoints, and no control characters", async () => {
  const leaseId = String(jsonOf(await arena.cli(rentArguments("-o", "json")))["leaseId"]);
  leases.set(leaseId, running(leaseId, arena.tenant.address));
  const asJson = jsonOf(await arena.cli(["status", leaseId, "--gateway", gateway.url, "-o", "json"]));
  expect(asJson["workload"]).toEqual({
    conditions: [{ type: "Ready", status: "False", reason: "ImagePullFailed", message: "no such image [2J" }],
    services: [{ name: "web", desired: 1, ready: 0, message: "ErrImagePull" }],
    endpoints: [{ service: "web", port: 8080, protocol: "TCP", address: "web.lease", url: "https://web.example" }],
  });
  const table = await arena.cli(["status", leaseId, "--gateway", gateway.url]);
  expect(table.stdout).toContain("Ready      False   ImagePullFailed  no such image [2J\n");
  expect(table.stdout).toContain("web      0/1    ErrImagePull\n");
  expect(table.stdout).toContain("web       8080/TCP  https://web.example\n");
});

test("the gateway's refusals are told in its words", async () => {
  const leaseId = String(jsonOf(await arena.cli(rentArguments("-o", "json")))["leaseId"]);
  const { code, stderr } = await arena.cli(["status", leaseId, "--gateway", gateway.url]);
  expect(code).toBe(1);
  expect(stderr).toBe(
    [
      `error: the gateway refuses: lease ${leaseId} is not known here (HTTP 404)`,
      "  next: A lease shows a few blocks after it was opened, with the provider of its offer.",
      "",
    ].join("\n"),
  );
});

test("another tenant's lease is not asked about: the key is wrong", async () => {
  const leaseId = String(jsonOf(await arena.cli(rentArguments("-o", "json")))["leaseId"]);
  const env = { BERTHAGE_KEY_FILE: arena.stranger.keyFile, BERTHAGE_GATEWAY: gateway.url };
  const { code, stderr } = await arena.cli(["status", leaseId], env);
  expect([code, stderr]).toEqual([1, expect.stringContaining(`lease ${leaseId} belongs to ${arena.tenant.address}`)]);
});

test("a gateway that is down, of another network or another provider costs no money", async () => {
  const before = await arena.balance(arena.tenant.address);
  const [port = 0] = await freePorts(1);
  const down = await arena.cli(rentArguments("--gateway", `http://127.0.0.1:${port}`));
  expect(down).toMatchObject({ code: 1, stdout: "" });
  expect(down.stderr).toContain(`error: the gateway http://127.0.0.1:${port} cannot be reached: ECONNREFUSED\n`);
  const network = await arena.cli(rentArguments("--gateway", gateway.url, "--network", "other"));
  expect(network.stderr).toContain("this provider is on no such network (HTTP 404)");
  const foreign = await serveGateway("99");
  const provider = await arena.cli(rentArguments("--gateway", foreign.url));
  await foreign.close(1);
  expect(provider.stderr).toContain(`serves provider 99 of market ${arena.market.toLowerCase()}`);
  expect(provider.stderr).toContain(`not provider ${arena.providerId} of ${arena.market}`);
  const elsewhere = await arena.cli(rentArguments("--gateway", arena.chain.url));
  expect(elsewhere.stderr).toContain("and no gateway's words");
  expect(await arena.balance(arena.tenant.address)).toBe(before);
});
