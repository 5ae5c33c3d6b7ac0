import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { get as httpsGet } from "node:https";
import { join } from "node:path";
import { keccak256 } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComputeLease } from "../../../src/api/types.gen.ts";
import type { GatewayBackend } from "../../../src/gateway/backend.ts";
import type { SignedGrant } from "../../../src/gateway/grant.ts";
import { ManifestStore } from "../../../src/gateway/manifest-store.ts";
import { type Serving, serve } from "../../../src/gateway/serve.ts";
import { createTenantApi, type TenantApiOptions } from "../../../src/gateway/tenant-api.ts";
import { KubeClient } from "../../../src/kube/client.ts";
import { loadClusterConfig } from "../../../src/kube/config.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { createTenant, headersFor, market, providerId, type Tenant } from "../../support/tenant.ts";
import { exchange, parseAnswer } from "./raw.ts";

let cluster: Cluster;
let client: KubeClient;
let store: ManifestStore;
let gateway: Serving;
const logged: object[] = [];
const logger = {
  info: (message: string, fields: object = {}) => void logged.push({ message, ...fields }),
  warn: (message: string, fields: object = {}) => void logged.push({ message, ...fields }),
  error: (message: string, fields: object = {}) => void logged.push({ failed: message, ...fields }),
};
const alice = createTenant();
const mallory = createTenant();
const contract = `0x${"c0".repeat(20)}`;
const leaseManifest = randomBytes(500);

function lease(id: string, tenant: string, manifestHash?: string): ComputeLease {
  return {
    metadata: { name: `market-${id}` },
    spec: {
      networkRef: { name: "market" },
      leaseId: id,
      offerRef: { name: "h100" },
      offerId: "3",
      tenant,
      units: 2,
      price: { token: market.market, perHour: "5000000" },
      ...(manifestHash === undefined ? {} : { manifestHash }),
    },
    status: {
      namespace: `lease-market-${id}`,
      allocation: { node: "gpu-1", units: 2, timeSeconds: 1 },
      conditions: [
        { type: "Ready", status: "True", reason: "Running", message: "", lastTransitionTime: "2030-01-01T00:00:00Z" },
      ],
      services: [{ name: "web", desired: 1, ready: 1 }],
      endpoints: [{ service: "web", port: 8080, protocol: "TCP", address: "web.example" }],
      money: { fundedSeconds: 7200, billedSeconds: 60, deposit: "10000000", withdrawn: "0", earned: "83333" },
    },
  };
}

const leases = [lease("7", alice.address, keccak256(leaseManifest)), lease("8", mallory.address)];
const backend: GatewayBackend = {
  network: (name) =>
    name === "unread"
      ? "connecting"
      : ["market", "starting"].includes(name)
        ? { chainId: 31_337n, market: market.market, providerId, manifestKey: `0x${"0a".repeat(32)}` }
        : undefined,
  lease: (network, id) => leases.find((one) => network === "market" && one.spec.leaseId === id),
  leases: (network) => (network === "market" ? leases : undefined),
  isValidSignature: (_network, who, _hash, signature) => Promise.resolve(who === contract && signature.length === 202),
};

async function start(options: Partial<TenantApiOptions> = {}, limits: object = {}): Promise<Serving> {
  const app = createTenantApi({ backend, manifests: store, logger, ...options });
  return serve(app, { host: "127.0.0.1", port: 0, ...limits });
}

beforeAll(async () => {
  cluster = await startCluster({ controllers: false });
  client = new KubeClient(await loadClusterConfig({ kubeconfig: cluster.kubeconfigFile }));
  store = new ManifestStore(client, "default");
  gateway = await start({ rateLimits: { perAddress: 100_000, perTenant: 100_000 } });
});

afterAll(async () => {
  await gateway?.close(1);
  await client?.close();
  await cluster?.stop();
  expect(logged.filter((line) => "failed" in line)).toEqual([]);
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function get(path: string, tenant = alice, grant?: SignedGrant, at = gateway): Promise<Answer> {
  const headers = headersFor(tenant, grant ?? (await tenant.grant()), { method: "GET", path });
  return answerOf(await fetch(at.url + path, { headers }));
}

const manifestPath = (hash: string, network = "market"): string => `/v1/networks/${network}/manifests/${hash}`;

async function put(body: Uint8Array, tenant: Tenant = alice, grant?: SignedGrant, at = gateway): Promise<Answer> {
  const path = manifestPath(keccak256(body));
  const headers = headersFor(tenant, grant ?? (await tenant.grant()), { method: "PUT", path, body });
  return answerOf(await fetch(at.url + path, { method: "PUT", headers, body: Buffer.from(body) }));
}

const refusal = (status: number, code: string): object => ({
  status,
  body: { error: { code, message: expect.stringMatching(/\S/), hint: expect.stringMatching(/\S/) } },
});

describe("a network", () => {
  it("tells anyone what to sign and seal with", async () => {
    const answer = await answerOf(await fetch(`${gateway.url}/v1/networks/market`));
    expect(answer).toMatchObject({
      status: 200,
      body: {
        network: "market",
        chainId: "31337",
        market: market.market,
        providerId,
        manifestKey: `0x${"0a".repeat(32)}`,
        protocol: { gateway: "1", grant: "1", request: "1" },
        timeSeconds: expect.any(Number),
      },
    });
    expect(answer.headers.get("x-powered-by")).toBe(null);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it.each(["other", "a%2Fb", "a".repeat(300), "Market"])("%s is none of ours", async (name) => {
    expect(await answerOf(await fetch(`${gateway.url}/v1/networks/${name}`))).toMatchObject(
      refusal(404, "NoSuchNetwork"),
    );
  });

  it("is asked for later while it is being connected", async () => {
    const answer = await answerOf(await fetch(`${gateway.url}/v1/networks/unread`));
    expect(answer).toMatchObject(refusal(503, "NotReady"));
    expect(answer.headers.get("retry-after")).toBe("5");
  });
});

describe("a sealed manifest", () => {
  it("is stored, twice too, and the tenant told what comes next", async () => {
    const body = randomBytes(96 * 1024);
    const hash = keccak256(body);
    expect(await put(body)).toMatchObject({
      status: 201,
      body: { hash, bytes: body.length, next: expect.stringContaining("No lease names") },
    });
    expect(await put(body)).toMatchObject({ status: 200, body: { hash } });
    expect(await put(body, mallory)).toMatchObject({ status: 200 });
    expect(Buffer.from((await store.get(hash)) ?? []).equals(body)).toBe(true);
    expect((await store.list()).get(hash)?.tenant).toBe(alice.address);
  });

  it("that a lease waits for is said to be used now", async () => {
    const grant = await alice.grant({ lease: "7" });
    expect(await put(leaseManifest, alice, grant)).toMatchObject({
      status: 201,
      body: { next: expect.stringContaining("Lease 7 names") },
    });
  });

  it("is taken of a tenant that is a contract", async () => {
    const signature = `0x${"ab".repeat(100)}`;
    const grant = { ...(await alice.grant({ tenant: contract })), signature };
    expect(await put(randomBytes(64), alice, grant)).toMatchObject({ status: 201 });
    expect(await put(randomBytes(64), alice, { ...grant, signature: `${signature}ab` })).toMatchObject(
      refusal(401, "BadGrantSignature"),
    );
  });

  it.each([
    ["for another tenant's lease", { lease: "8" }, 403, "NotYourLease"],
    ["for a lease that nobody knows", { lease: "9" }, 403, "NotYourLease"],
    ["without its scope", { scopes: ["status"] }, 403, "ScopeMissing"],
    ["that is over", { notBefore: 1, expires: 2 }, 401, "GrantExpired"],
    ["for another chain", { chainId: "1" }, 401, "WrongMarket"],
  ])("is refused with a grant %s", async (_, changes, status, code) => {
    const body = randomBytes(64);
    expect(await put(body, alice, await alice.grant(changes))).toMatchObject(refusal(status, code));
    expect(await store.has(keccak256(body))).toBe(false);
  });

  it("is refused when the wrong wallet signed", async () => {
    const grant = await mallory.grant({ tenant: alice.address });
    const answer = await put(randomBytes(64), mallory, grant);
    expect(answer).toMatchObject(refusal(401, "BadGrantSignature"));
    expect(answer.headers.get("www-authenticate")).toBe("Berthage");
  });

  it("is refused when the request is sent again", async () => {
    const body = randomBytes(64);
    const path = manifestPath(keccak256(body));
    const headers = headersFor(alice, await alice.grant(), { method: "PUT", path, body });
    const send = (): Promise<Response> => fetch(gateway.url + path, { method: "PUT", headers, body });
    expect((await send()).status).toBe(201);
    expect(await answerOf(await send())).toMatchObject(refusal(401, "Replayed"));
  });

  it("is refused when it is not what was hashed or signed", async () => {
    const [body, otherBody] = [randomBytes(64), randomBytes(64)];
    const path = manifestPath(keccak256(otherBody));
    const grant = await alice.grant();
    const send = async (signedBody: Uint8Array, sent: Uint8Array): Promise<Answer> => {
      const headers = headersFor(alice, grant, { method: "PUT", path, body: signedBody });
      return answerOf(await fetch(gateway.url + path, { method: "PUT", headers, body: Buffer.from(sent) }));
    };
    expect(await send(body, body)).toMatchObject(refusal(422, "HashMismatch"));
    expect(await send(otherBody, body)).toMatchObject(refusal(400, "DigestMismatch"));
    expect(await send(new Uint8Array(), new Uint8Array())).toMatchObject(refusal(422, "HashMismatch"));
    expect(await store.has(keccak256(otherBody))).toBe(false);
  });

  it("is refused when it is too large, announced or not", async () => {
    const body = randomBytes(96 * 1024 + 1);
    expect(await put(body)).toMatchObject(refusal(413, "BodyTooLarge"));
    const path = manifestPath(keccak256(body));
    const headers = headersFor(alice, await alice.grant(), { method: "PUT", path, body });
    const stream = new Blob([body]).stream();
    const response = await fetch(gateway.url + path, { method: "PUT", headers, body: stream, duplex: "half" });
    expect(await answerOf(response)).toMatchObject(refusal(413, "BodyTooLarge"));
  });

  it("is refused when it is compressed", async () => {
    const body = randomBytes(64);
    const path = manifestPath(keccak256(body));
    const headers = headersFor(alice, await alice.grant(), { method: "PUT", path, body });
    const response = await fetch(gateway.url + path, {
      method: "PUT",
      headers: { ...headers, "content-encoding": "gzip" },
      body,
    });
    expect(await answerOf(response)).toMatchObject(refusal(415, "EncodingNotSupported"));
  });

  it.each(["0x12", "latest", `0x${"AB".repeat(32)}`, `${"ab".repeat(32)}`])("has no hash %s", async (hash) => {
    const response = await fetch(gateway.url + manifestPath(hash), { method: "PUT", body: "x" });
    expect(await answerOf(response)).toMatchObject(refusal(400, "BadHash"));
  });

  it("waits until the leases of the network are known (law 4)", async () => {
    const body = randomBytes(64);
    const path = manifestPath(keccak256(body), "starting");
    const headers = headersFor(alice, await alice.grant(), { method: "PUT", path, body });
    const response = await fetch(gateway.url + path, { method: "PUT", headers, body });
    expect(await answerOf(response)).toMatchObject(refusal(503, "NotReady"));
  });

  it("of a stranger does not fill the store, even when many come at once", async () => {
    const stranger = createTenant();
    const answers = await Promise.all(Array.from({ length: 20 }, () => put(randomBytes(64), stranger)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(8);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expect(answer).toMatchObject(refusal(429, "TooManyManifests"));
  });
});

describe("a lease", () => {
  it("is shown to its tenant, without the provider's own matters", async () => {
    const { status, body } = await get("/v1/networks/market/leases/7");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      network: "market",
      id: "7",
      units: 2,
      manifest: { wanted: keccak256(leaseManifest) },
      conditions: [{ type: "Ready", status: "True", reason: "Running" }],
      services: [{ name: "web", ready: 1 }],
      endpoints: [{ address: "web.example", port: 8080 }],
      billedSeconds: 60,
      fundedSeconds: 7200,
      money: { pricePerHour: "5000000", deposit: "10000000", earned: "83333", withdrawn: "0" },
    });
    expect(JSON.stringify(body)).not.toMatch(/gpu-1|lease-market-7/);
  });

  it.each([
    ["7", mallory, {}, 403, "NotYourLease"],
    ["7", alice, { lease: "8" }, 403, "OtherLease"],
    ["7", alice, { scopes: ["send-manifest"] }, 403, "ScopeMissing"],
    ["9", alice, {}, 404, "NoSuchLease"],
    ["007", alice, {}, 400, "BadLeaseId"],
    ["7x", alice, {}, 400, "BadLeaseId"],
  ])("%s is not shown to others (%#)", async (id, tenant, changes, status, code) => {
    const grant = await tenant.grant(changes);
    expect(await get(`/v1/networks/market/leases/${id}`, tenant, grant)).toMatchObject(refusal(status, code));
  });

  it("is shown to a grant for just that lease", async () => {
    const grant = await alice.grant({ lease: "7" });
    expect(await get("/v1/networks/market/leases/7", alice, grant)).toMatchObject({ status: 200 });
  });
});

describe("bad requests", () => {
  const path = "/v1/networks/market/leases/7";

  it("without or with malformed credentials are a 401, and the gateway lives on", async () => {
    const junk = ["", "Berthage", "Berthage e30", "Bearer x", `Berthage ${"A".repeat(8000)}`, "Berthage \u00ff\u00fe"];
    for (const authorization of junk) {
      const headers = { ...headersFor(alice, await alice.grant(), { method: "GET", path }), authorization };
      expect(await answerOf(await fetch(gateway.url + path, { headers }))).toMatchObject({ status: 401 });
    }
    expect(await get(path)).toMatchObject({ status: 200 });
  });

  it("to other paths and methods are a 404 in JSON", async () => {
    for (const [method, where] of [
      ["GET", "/"],
      ["DELETE", path],
      ["POST", "/v1/networks/market"],
      ["GET", "/v1/networks/market/manifests/../../../metrics"],
    ])
      expect(await answerOf(await fetch(`${gateway.url}${where}`, { method: method ?? "" }))).toMatchObject(
        refusal(404, "NoSuchPath"),
      );
  });

  it("that are hardly HTTP get a 4xx in JSON or a closed door, never a stack", async () => {
    const cases: readonly (readonly [string, number])[] = [
      ["GET /v1/networks/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400],
      ["nonsense\r\n\r\n", 400],
      [`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
      ["GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400],
      ["PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400],
    ];
    for (const [request, status] of cases) {
      const answer = await exchange(gateway.port, [request]);
      expect(parseAnswer(answer)).toMatchObject({ status, body: { error: { code: expect.any(String) } } });
      expect(answer).not.toMatch(/node:|\.ts:|at /);
    }
    expect(await get(path)).toMatchObject({ status: 200 });
  });

  it("leave no credential in the log", async () => {
    const grant = await alice.grant();
    await get(path, alice, grant);
    const text = JSON.stringify(logged);
    expect(text).toContain(path);
    expect(text).not.toContain(grant.signature.slice(2));
    expect(text).not.toMatch(/Berthage [A-Za-z0-9_-]{20}/);
  });
});

describe("limits", () => {
  it("on time end a body that does not come", async () => {
    const slow = await start({}, { requestTimeoutSeconds: 1 });
    try {
      const body = randomBytes(64);
      const where = manifestPath(keccak256(body));
      const headers = headersFor(alice, await alice.grant(), { method: "PUT", path: where, body });
      const lines = Object.entries({ host: "a", "content-length": "64", ...headers }).map(([k, v]) => `${k}: ${v}`);
      const answer = await exchange(slow.port, [
        `PUT ${where} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`,
        body.subarray(0, 8),
      ]);
      expect(parseAnswer(answer)).toMatchObject(refusal(408, "Timeout"));
      expect(await store.has(keccak256(body))).toBe(false);
    } finally {
      await slow.close(1);
    }
  });

  it("on requests count by address before anything is verified", async () => {
    const strict = await start({ rateLimits: { perAddress: 3, perTenant: 100 } });
    try {
      const ask = async (): Promise<Answer> => answerOf(await fetch(`${strict.url}/v1/networks/market`));
      for (let count = 0; count < 3; count += 1) expect((await ask()).status).toBe(200);
      const answer = await ask();
      expect(answer).toMatchObject(refusal(429, "RateLimited"));
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      const forged = await fetch(`${strict.url}/v1/networks/market`, { headers: { "x-forwarded-for": "192.0.2.1" } });
      expect(forged.status).toBe(429);
    } finally {
      await strict.close(1);
    }
  });

  it("on requests count by the address that a trusted proxy names", async () => {
    const rateLimits = { perAddress: 1, perTenant: 100 };
    const proxied = await start({ rateLimits, trustedProxies: ["127.0.0.0/8"] });
    try {
      const ask = async (from: string): Promise<number> =>
        (await fetch(`${proxied.url}/v1/networks/market`, { headers: { "x-forwarded-for": from } })).status;
      expect([await ask("192.0.2.1"), await ask("192.0.2.2"), await ask("192.0.2.1")]).toEqual([200, 200, 429]);
      expect([await ask("2001:db8::1"), await ask("2001:db8:0:1::2")]).toEqual([200, 429]);
    } finally {
      await proxied.close(1);
    }
  });

  it("on requests count by tenant, whichever session or address", async () => {
    const now = Date.now();
    const strict = await start({ rateLimits: { perAddress: 100, perTenant: 2 }, now: () => now });
    try {
      const path = "/v1/networks/market/leases/7";
      for (const status of [200, 200, 429]) expect((await get(path, alice, undefined, strict)).status).toBe(status);
      expect((await get("/v1/networks/market/leases/8", mallory, undefined, strict)).status).toBe(200);
    } finally {
      await strict.close(1);
    }
  });
});

describe("closing", () => {
  it("lets a request finish and takes no more", async () => {
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const manifests: TenantApiOptions["manifests"] = {
      list: () => store.list(),
      async put(upload) {
        reached.resolve();
        await gate.promise;
        return store.put(upload);
      },
    };
    const closing = await start({ manifests });
    const body = randomBytes(64);
    const stranger = createTenant();
    const answer = put(body, stranger, undefined, closing);
    await reached.promise;
    const closed = closing.close(60);
    await expect(fetch(`${closing.url}/v1/networks/market`)).rejects.toThrow();
    gate.resolve();
    expect((await answer).status).toBe(201);
    await closed;
  });

  it("ends what does not finish within the grace", async () => {
    const reached = Promise.withResolvers<void>();
    const never = Promise.withResolvers<"stored">();
    const manifests: TenantApiOptions["manifests"] = {
      list: () => store.list(),
      put() {
        reached.resolve();
        return never.promise;
      },
    };
    const closing = await start({ manifests });
    const answer = put(randomBytes(64), createTenant(), undefined, closing);
    await reached.promise;
    await Promise.all([closing.close(0), expect(answer).rejects.toThrow()]);
    never.resolve("stored");
  });
});

describe("TLS", () => {
  it("is spoken with a certificate, and with the one that renews it", async () => {
    const pem = async (name: string): Promise<string> => readFile(join(cluster.dir, "certs", name), "utf8");
    const certificate = { cert: await pem("apiserver.crt"), key: await pem("apiserver.key") };
    const secure = await start({}, { tls: certificate });
    const ask = (): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const url = `${secure.url}/v1/networks/market`;
        httpsGet(url, { ca: certificate.cert, agent: false }, (response) => {
          response.resume().once("end", () => resolve(response.statusCode));
        }).once("error", reject);
      });
    try {
      expect(secure.url).toMatch(/^https:/);
      expect(await ask()).toBe(200);
      secure.renewCertificate(certificate);
      expect(await ask()).toBe(200);
      expect(() => secure.renewCertificate({ cert: "none", key: "none" })).toThrow();
      expect(await ask()).toBe(200);
      expect(
        parseAnswer(await exchange(gateway.port, ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])),
      ).toMatchObject({
        status: 404,
      });
      expect(() => gateway.renewCertificate(certificate)).toThrow("without TLS");
    } finally {
      await secure.close(1);
    }
  });
});
