import { randomBytes } from "node:crypto";
import { keccak256 } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labels, managedBy } from "../../../src/api/names.ts";
import { deleteExpired } from "../../../src/gateway/manifest-expiry.ts";
import { defaultIntakeLimits } from "../../../src/gateway/manifest-intake.ts";
import { ManifestStore, manifestName } from "../../../src/gateway/manifest-store.ts";
import { KubeClient } from "../../../src/kube/client.ts";
import { loadClusterConfig } from "../../../src/kube/config.ts";
import { configMaps } from "../../../src/kube/core.ts";
import { Informer } from "../../../src/kube/informer.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { eventually } from "../../harness/wait.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const namespace = "default";
const tenant = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
let cluster: Cluster;
let client: KubeClient;

beforeAll(async () => {
  cluster = await startCluster({ controllers: false });
  client = new KubeClient(await loadClusterConfig({ kubeconfig: cluster.kubeconfigFile }));
});

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

function upload(size = 4096): { hash: string; tenant: string; network: string; bytes: Buffer } {
  const bytes = randomBytes(size);
  return { hash: keccak256(bytes), tenant, network: "market", bytes };
}

describe("the manifest store", () => {
  it("gives back the bytes that it was given, up to the largest envelope", async () => {
    const store = new ManifestStore(client, namespace);
    const one = upload(96 * 1024);
    expect(await store.has(one.hash)).toBe(false);
    expect(await store.get(one.hash)).toBe(undefined);
    expect(await store.put(one)).toBe("stored");
    expect(await store.has(one.hash)).toBe(true);
    expect(Buffer.from((await store.get(one.hash)) ?? []).equals(one.bytes)).toBe(true);
  });

  it("writes an immutable ConfigMap with the labels that others select by", async () => {
    const store = new ManifestStore(client, namespace);
    const one = upload();
    await store.put({ ...one, tenant: tenant.toUpperCase().replace("0X", "0x") });
    const object = await client.get(configMaps, { namespace, name: manifestName(one.hash) });
    expect(object).toMatchObject({
      immutable: true,
      metadata: { labels: { [labels.managedBy]: managedBy, [labels.tenant]: tenant, [labels.network]: "market" } },
      binaryData: { manifest: one.bytes.toString("base64") },
    });
  });

  it("keeps the first upload of a hash, whoever comes second", async () => {
    const store = new ManifestStore(client, namespace);
    const one = upload();
    await store.put(one);
    expect(await store.put({ ...one, tenant: `0x${"bb".repeat(20)}` })).toBe("present");
    expect((await store.list()).get(one.hash)).toMatchObject({ tenant, network: "market" });
  });

  it("deletes, twice too, but not an object that took its place", async () => {
    const store = new ManifestStore(client, namespace);
    const one = upload();
    await store.put(one);
    await expect(store.delete(one.hash, "another-uid")).rejects.toThrow(/configmaps/);
    expect(await store.has(one.hash)).toBe(true);
    await store.delete(one.hash, (await store.list()).get(one.hash)?.uid);
    await store.delete(one.hash);
    expect(await store.has(one.hash)).toBe(false);
  });

  it("lists manifests only, page by page, and from a cache the same", async () => {
    const metadata = { namespace, name: "something-else", labels: { [labels.managedBy]: managedBy } };
    const foreign = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "b" } } as const;
    await client.create(configMaps, foreign, { fieldManager: "test" });
    const live = new ManifestStore(client, namespace);
    const uploads = Array.from({ length: 60 }, () => upload(32));
    await Promise.all(uploads.map((one) => live.put(one)));
    const listed = await live.list();
    for (const one of uploads) expect(listed.get(one.hash)?.createdAt).toBeGreaterThan(0);
    expect([...listed.keys()].every((hash) => /^0x[0-9a-f]{64}$/.test(hash))).toBe(true);

    const stop = new AbortController();
    const informer = new Informer(client, configMaps, { namespace, labelSelector: `${labels.managedBy}=${managedBy}` });
    const running = informer.run(stop.signal);
    await informer.synced();
    const cached = new ManifestStore(client, namespace, informer.store);
    expect(new Set((await cached.list()).keys())).toEqual(new Set(listed.keys()));
    const late = upload();
    await cached.put(late);
    expect((await cached.list()).has(late.hash)).toBe(true); // before the watch can have told
    await cached.delete(late.hash);
    await eventually("the cache forgets it", async () => ((await cached.list()).has(late.hash) ? undefined : true));
    stop.abort();
    await running;
  });

  it("forgets what came and went between two looks, which nobody told it of", async () => {
    const stop = new AbortController();
    const informer = new Informer(client, configMaps, { namespace, labelSelector: `${labels.managedBy}=${managedBy}` });
    const running = informer.run(stop.signal);
    await informer.synced();
    const store = new ManifestStore(client, namespace, informer.store);
    const one = upload();
    const isCached = (): boolean => informer.store.get(`${namespace}/${manifestName(one.hash)}`) !== undefined;
    await store.put(one);
    await eventually("the cache has it", () => isCached() || undefined);
    await client.delete(configMaps, { namespace, name: manifestName(one.hash) }); // as at its lease's end
    await eventually("the cache has it no more", () => !isCached() || undefined);
    expect((await store.list()).has(one.hash)).toBe(false);
    stop.abort();
    await running;
  });

  it("loses what nobody claimed in time, and keeps what a lease names", async () => {
    const store = new ManifestStore(client, namespace);
    const [idle, claimed] = [upload(), upload()];
    await store.put(idle);
    await store.put(claimed);
    const lease = {
      metadata: { name: "market-1" },
      spec: {
        networkRef: { name: "market" },
        leaseId: "1",
        offerRef: { name: "h100" },
        offerId: "1",
        tenant,
        units: 1,
        price: { token: "0x", perHour: "1" },
        manifestHash: claimed.hash,
      },
    };
    const logger = { info() {}, warn() {}, error() {} };
    const parts = { store, backend: { leases: () => [lease] }, limits: defaultIntakeLimits, logger };
    expect(await deleteExpired({ ...parts, clock: new ManualClock(Date.now()) })).toEqual([]);
    const deleted = await deleteExpired({ ...parts, clock: new ManualClock(Date.now() + 3_700_000) });
    expect(deleted).toContain(idle.hash);
    expect(deleted).not.toContain(claimed.hash);
    expect(await store.has(idle.hash)).toBe(false);
    expect(await store.has(claimed.hash)).toBe(true);
  });

  it("refuses a hash that is none before it asks anyone", async () => {
    const store = new ManifestStore(client, namespace);
    await expect(store.get("0x12")).rejects.toThrow("is not a hash");
    await expect(store.get(`0x${"../".repeat(22).slice(0, 64)}`)).rejects.toThrow("is not a hash");
  });
});
