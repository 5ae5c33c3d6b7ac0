import { randomBytes } from "node:crypto";
import { keccak256 } from "ethers";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { GatewayBackend } from "../../../src/gateway/backend.ts";
import type { StoredManifest, Upload } from "../../../src/gateway/manifest-store.ts";
import { createOperationsApi } from "../../../src/gateway/operations-api.ts";
import { type ServeOptions, type Serving, serve } from "../../../src/gateway/serve.ts";
import { createTenantApi, type TenantApiOptions } from "../../../src/gateway/tenant-api.ts";
import { eventually } from "../../harness/wait.ts";
import { createTenant, headersFor, market, providerId } from "../../support/tenant.ts";
import { affordable, type Crowd, openDescriptors, startCrowd } from "./crowd.ts";

const CONNECTIONS = affordable(10_000);
const DEFAULT_LIMIT = 1000;
/** To open so many takes a few seconds, and more on a busy machine. */
const patience = { timeoutSeconds: 90 };
const logger = { info() {}, warn() {}, error() {} };
const backend: GatewayBackend = {
  network: (name) =>
    name === "market" ? { chainId: 31_337n, market: market.market, providerId, manifestKey: "0x" } : undefined,
  lease: () => undefined,
  leases: () => [],
};
const kept = new Map<string, StoredManifest>();
const manifests: TenantApiOptions["manifests"] = {
  list: () => Promise.resolve(kept),
  put({ bytes: _, ...upload }: Upload) {
    kept.set(upload.hash, { ...upload, createdAt: 0, uid: "" });
    return Promise.resolve("stored");
  },
};
const tenant = createTenant();

let operations: Serving;
let gateway: Serving | undefined;
let crowd: Crowd | undefined;
beforeEach(async () => {
  const metrics = () => Promise.resolve({ contentType: "text/plain", body: "" });
  const app = createOperationsApi({ alive: [], ready: [], metrics, logger });
  operations = await serve(app, { host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  await crowd?.leave();
  await gateway?.close(0);
  await operations.close(0);
  kept.clear();
});

async function startGateway(limits: Partial<ServeOptions>): Promise<Serving> {
  const app = createTenantApi({ backend, manifests, logger });
  gateway = await serve(app, { host: "127.0.0.1", port: 0, ...limits });
  return gateway;
}

/** The operator passes for alive, and an honest tenant uploads a manifest over a connection of their own. */
async function expectService({ url }: Serving): Promise<void> {
  expect((await fetch(`${operations.url}/healthz`, { headers: { connection: "close" } })).status).toBe(200);
  const body = randomBytes(64);
  const path = `/v1/networks/market/manifests/${keccak256(body)}`;
  const headers = { ...headersFor(tenant, await tenant.grant(), { method: "PUT", path, body }), connection: "close" };
  expect((await fetch(url + path, { method: "PUT", headers, body })).status).toBe(201);
}

it(`${CONNECTIONS} connections, silent or with endless headers, stand open and keep neither tenant nor probe out`, async () => {
  const before = await openDescriptors();
  const at = await startGateway({
    maxConnections: 2 * CONNECTIONS,
    headersTimeoutSeconds: 600,
    requestTimeoutSeconds: 600,
  });
  const standing = startCrowd(at.port, CONNECTIONS);
  crowd = standing;
  const allStand = async (): Promise<true | undefined> =>
    (await openDescriptors()) >= before + CONNECTIONS ? true : undefined;
  await eventually("all stand", allStand, patience);
  for (let request = 0; request < 3; request += 1) await expectService(at);
  expect(standing.ended()).toBe(0);
  await standing.leave();
  await eventually("their descriptors are back", async () =>
    (await openDescriptors()) < before + 50 ? true : undefined,
  );
  await expectService(at);
});

it(`${CONNECTIONS} connections are cut to the limit that a gateway has, and its time, while tenant and probe are served`, async () => {
  const before = await openDescriptors();
  const at = await startGateway({ headersTimeoutSeconds: 5 });
  const rushing = startCrowd(at.port, CONNECTIONS);
  crowd = rushing;
  await eventually("they rush in", () => (rushing.opened() > CONNECTIONS / 5 ? true : undefined));
  await expectService(at);
  await eventually("all have been here", () => (rushing.opened() >= CONNECTIONS ? true : undefined), patience);
  expect(await openDescriptors()).toBeLessThan(before + DEFAULT_LIMIT + 50);
  await expectService(at);
  await eventually("all are ended", () => (rushing.ended() >= CONNECTIONS ? true : undefined), patience);
  expect(await openDescriptors()).toBeLessThan(before + 50);
  await expectService(at);
});
