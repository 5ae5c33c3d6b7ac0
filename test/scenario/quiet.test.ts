import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labels } from "../../src/api/names.ts";
import { operatorWrites } from "../harness/audit.ts";
import type { Kind } from "../harness/kinds.ts";
import { billedBeyond, chainSeconds, leaseName, leaseWith, namespaceOf, rent } from "../harness/leases.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100, h100Node, offerObject, UNIT_SECOND } from "../harness/world-objects.ts";
import { withSecret } from "./manifests.ts";

const TENANT_SECRET = "a-password-of-the-tenant";

let world: World;
let lease: string;
let namespace: string;
beforeAll(async () => {
  world = await startWorld({ nodes: [h100Node("h100-a")] });
  // A long window: after the first heartbeat the next falls due in 200 s.
  await world.apply(offerObject("h100", world.market, { terms: { heartbeatWindowSeconds: 600 } }));
  const tenant = await world.tenant();
  const deposit = 36_000n * UNIT_SECOND;
  lease = await rent(world, tenant, "h100", { units: 2, deposit, manifest: withSecret(TENANT_SECRET) });
  namespace = namespaceOf(lease);
  await leaseWith(world, lease, "Ready", "True");
  await billedBeyond(world, lease, 0);
  await settled();
});
afterAll(() => world.stop());

describe("a converged world", () => {
  it("is left alone: no write and no transaction, and metrics say what the chain says", async () => {
    const before = await traces();
    await chainSeconds(world, 35); // longer than every period in which something is looked at again
    expect(await traces()).toEqual(before);
    const metrics = await world.operator.metrics();
    const { billedSeconds } = await world.market.lease(lease);
    expect(metric(metrics, "berthage_billed_seconds_total")).toBe(billedSeconds);
    const product = `{product="${h100.product}"}`;
    expect(metric(metrics, `berthage_gpus_leased${product}`)).toBe(2);
    expect(metric(metrics, `berthage_gpus_free${product}`)).toBe(6);
    expect(metric(metrics, `berthage_gpus_offered${product}`)).toBe(8);
    expect(metric(metrics, `berthage_leases{state="Ready"}`)).toBe(1);
    for (const family of ["workqueue_", "rest_client_", "berthage_chain_"]) expect(metrics).toContain(`\n${family}`);
  });

  it("is left alone by an operator that starts anew", async () => {
    await world.stopOperator();
    const before = await traces();
    await world.startOperator();
    await eventually("the new operator has read the chain", async () =>
      (await world.operator.metrics()).includes('berthage_leases{state="Ready"} 1') ? true : undefined,
    );
    await chainSeconds(world, 8);
    expect(await traces()).toEqual(before);
  });
});

describe("what somebody changes by hand", () => {
  it.each<Kind>(["rolebinding", "networkpolicy", "resourcequota", "limitrange", "service", "deployment"])(
    "comes back: a deleted %s",
    async (kind) => {
      const [first] = await world.list(kind, namespace);
      const { name = "", uid } = first?.metadata ?? {};
      await world.delete(kind, name, namespace);
      await eventually(`${kind} ${name} is back`, async () => {
        const found = await world.get(kind, name, namespace);
        return found !== undefined && found.metadata?.uid !== uid ? true : undefined;
      });
    },
  );

  it("is put right: a widened quota, a scaled Deployment, a removed label, an opened Pod Security level", async () => {
    await world.patch(
      "resourcequota",
      "lease",
      { spec: { hard: { "requests.nvidia.com/gpu": "8" } } },
      "-n",
      namespace,
    );
    await world.patch("deployment", "web", { spec: { replicas: 3 } }, "-n", namespace);
    const level = "pod-security.kubernetes.io/enforce";
    await world.patch("namespace", namespace, {
      metadata: { labels: { [labels.managedBy]: null, [level]: "privileged" } },
    });
    await eventually("all is put right", async () => {
      const quota = await world.get("resourcequota", "lease", namespace);
      const deployment = await world.get("deployment", "web", namespace);
      const found = await world.get("namespace", namespace);
      expect(quota?.spec?.hard).toMatchObject({ "requests.nvidia.com/gpu": "2" });
      expect(deployment?.spec?.replicas).toBe(1);
      expect(found?.metadata?.labels).toMatchObject({ [labels.managedBy]: "berthage", [level]: "restricted" });
      return true;
    });
    await leaseWith(world, lease, "Ready", "True");
  });

  it("stays while the ComputeLease is annotated as paused", async () => {
    const paused = (value: string | null) =>
      world.patch("clease", leaseName(lease), { metadata: { annotations: { "berthage.dev/paused": value } } });
    await paused("true");
    await leaseWith(world, lease, "Suspended", "True", "PausedByAdmin");
    await world.delete("service", "web", namespace);
    await leaseWith(world, lease, "Provisioned", "False");
    await chainSeconds(world, 3);
    expect(await world.get("service", "web", namespace)).toBeUndefined();
    await paused(null);
    await eventually("the Service is back", () => world.get("service", "web", namespace));
    await leaseWith(world, lease, "Suspended", "False", "NotSuspended");
    await leaseWith(world, lease, "Ready", "True");
  });
});

describe("key material", () => {
  it("stands in its Secrets and nowhere else: no log, event, status or other object", async () => {
    const { operator, manifestKey } = world.market;
    const places = { log: await readFile(world.operator.logFile, "utf8"), objects: await everythingButSecrets() };
    expect(places.log).toContain("transaction mined");
    expect(places.objects).toContain(namespace);
    for (const secret of [operator.privateKey, manifestKey.privateKey, TENANT_SECRET]) {
      for (const [place, text] of Object.entries(places)) {
        const found = encodings(secret).filter(
          (encoded) => text.includes(encoded.toLowerCase()) || text.includes(encoded),
        );
        expect({ place, found: found.length }).toEqual({ place, found: 0 });
      }
    }
  });
});

/** Everything that the operator has written so far, to either side. */
async function traces(): Promise<{ writes: readonly string[]; transactions: number }> {
  const transactions = await world.market.client.nonce(world.market.operator.address, "latest");
  return { writes: await operatorWrites(world.cluster), transactions };
}

/** Waits until nothing has been written for some seconds. */
async function settled(): Promise<void> {
  await eventually(
    "the world is converged",
    async () => {
      const before = await traces();
      await chainSeconds(world, 4);
      const after = await traces();
      return after.writes.length === before.writes.length && after.transactions === before.transactions
        ? true
        : undefined;
    },
    { timeoutSeconds: 90 },
  );
}

/** The value of one series of a Prometheus page. */
function metric(page: string, series: string): number {
  const line = page.split("\n").find((text) => text.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? Number.NaN);
}

async function everythingButSecrets(): Promise<string> {
  const { kubectl } = world.cluster;
  const names = (await kubectl(["api-resources", "--verbs=list", "-o", "name"])).trim().split("\n");
  const kinds = names.filter((name) => name !== "secrets");
  return kubectl(["get", kinds.join(","), "-A", "-o", "json", "--show-managed-fields", "--ignore-not-found"]);
}

/** What a secret looks like as it is, without its 0x, and in base64 of either. */
function encodings(secret: string): string[] {
  const bare = secret.replace(/^0x/, "");
  const base64 = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
  const texts = [bare, base64(Buffer.from(secret)), base64(Buffer.from(bare))];
  return /^[0-9a-f]{64}$/i.test(bare) ? [...texts, base64(Buffer.from(bare, "hex"))] : texts;
}
