import { access, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { computeAddress, Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { manifestPublicKey } from "../../../src/sealing/key.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { lease, merged, network, offer } from "../crds/examples.ts";
import { type Arena, berthage, jsonOf, type Outcome, startArena } from "./fixture.ts";

let arena: Arena;
let cluster: Cluster;

beforeAll(async () => {
  [arena, cluster] = await Promise.all([startArena(), startCluster({ manifests: ["crds"] })]);
});

afterAll(async () => {
  await cluster?.stop();
  await arena?.stop();
});

/** Runs the CLI as the provider's owner. */
function asOwner(...args: readonly string[]): Promise<Outcome> {
  return arena.cli(args, { BERTHAGE_KEY_FILE: arena.owner.keyFile });
}

describe("keygen", () => {
  test("writes two keys that only the owner can read, and shows their public halves", async () => {
    const out = join(arena.dir, "keys");
    const made = jsonOf(await berthage(["provider", "keygen", "--out", out, "-o", "json"]));
    const [account, manifest] = [join(out, "operator.key"), join(out, "manifest.key")];
    expect(made["files"]).toEqual([account, manifest]);
    expect(computeAddress((await readFile(account, "utf8")).trim())).toBe(made["operator"]);
    expect(manifestPublicKey(await readFile(manifest, "utf8"))).toBe(made["manifestPublicKey"]);
    const modes = await Promise.all([out, account, manifest].map(async (path) => (await stat(path)).mode & 0o777));
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });

  test("shows no key in any of its output", async () => {
    const out = join(arena.dir, "quiet");
    const { stdout, stderr } = await berthage(["provider", "keygen", "--out", out, "--secret", "operator"]);
    for (const name of ["operator.key", "manifest.key"]) {
      const key = (await readFile(join(out, name), "utf8")).trim().slice(2);
      expect(stdout + stderr).not.toContain(key);
    }
    expect(stderr).toContain(`next: kubectl apply -f ${join(out, "secrets.yaml")}\n`);
  });

  test("never overwrites, and then writes nothing at all", async () => {
    const out = join(arena.dir, "twice");
    await berthage(["provider", "keygen", "--out", out]);
    const before = await readFile(join(out, "operator.key"), "utf8");
    const { code, stderr } = await berthage(["provider", "keygen", "--out", out, "--secret", "operator"]);
    expect(code).toBe(1);
    expect(stderr).toContain(`error: ${join(out, "operator.key")} is there already\n`);
    expect(await readFile(join(out, "operator.key"), "utf8")).toBe(before);
    await expect(access(join(out, "secrets.yaml"))).rejects.toThrow("ENOENT");
  });

  test("encrypts the account's key on --keystore; the Secrets fit the API server and hold the password", async () => {
    const [out, password] = [join(arena.dir, "sealed-keys"), join(arena.dir, "password.txt")];
    await writeFile(password, "correct horse\n", { mode: 0o600 });
    const flags = ["--keystore", "--password-file", password, "--secret", "operator", "--namespace", "default"];
    const made = jsonOf(await berthage(["provider", "keygen", "--out", out, ...flags, "-o", "json"]));
    const keystore = await readFile(join(out, "keystore.json"), "utf8");
    expect(Wallet.fromEncryptedJsonSync(keystore, "correct horse").address).toBe(made["operator"]);
    expect(Object.keys(JSON.parse(keystore))).toEqual(expect.arrayContaining(["version", "address", "crypto"])); // as geth and cast read it
    const secrets = join(out, "secrets.yaml");
    expect((await stat(secrets)).mode & 0o777).toBe(0o600);
    await cluster.kubectl(["apply", "--dry-run=server", "-f", secrets]);
    const documents = parseAllDocuments(await readFile(secrets, "utf8")).map((document): unknown => document.toJS());
    expect(documents).toMatchObject([
      { metadata: { name: "operator", namespace: "default" }, stringData: { "keystore.json": keystore.trim() } },
      { metadata: { name: "operator-password" }, stringData: { password: "correct horse" } },
      { metadata: { name: "operator-manifest" }, stringData: { key: expect.stringMatching(/^0x[0-9a-f]{64}$/) } },
    ]);
  });

  test("asks for the password file of a keystore", async () => {
    const { code, stderr } = await berthage(["provider", "keygen", "--out", join(arena.dir, "no"), "--keystore"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("error: --password-file is missing\n")]);
  });
});

describe("register", () => {
  const key = `0x${"22".repeat(32)}`;
  const register = (operator: string, ...more: string[]): Promise<Outcome> =>
    asOwner("provider", "register", "--operator", operator, "--manifest-public-key", key, "-o", "json", ...more);

  test("registers once: a second run finds the provider and sends nothing", async () => {
    const operator = Wallet.createRandom().address;
    const first = jsonOf(await register(operator, "--payout", arena.stranger.address));
    expect(first).toMatchObject({
      owner: arena.owner.address,
      operator,
      payout: arena.stranger.address,
      manifestKey: key,
    });
    const nonce = await arena.chain.rpc("eth_getTransactionCount", [arena.owner.address, "latest"]);
    const second = await register(operator, "--payout", arena.stranger.address);
    expect(jsonOf(second)).toEqual(first);
    expect(second.stderr).toBe(`provider ${first["id"]} is registered already\n`);
    expect(await arena.chain.rpc("eth_getTransactionCount", [arena.owner.address, "latest"])).toBe(nonce);
  });

  test("changes payout and manifest key only when told to", async () => {
    const operator = Wallet.createRandom().address;
    const { id } = jsonOf(await register(operator));
    const moved = await register(operator, "--payout", arena.tenant.address);
    expect([moved.code, moved.stderr]).toEqual([
      1,
      `error: provider ${id} is registered, but with another payout\n  next: give --update to change it, or leave the flag as it was\n`,
    ]);
    const updated = jsonOf(await register(operator, "--payout", arena.tenant.address, "--update"));
    expect(updated).toMatchObject({ id, payout: arena.tenant.address });
  });

  test("refuses an operator that serves somebody else", async () => {
    const operator = Wallet.createRandom().address;
    const { id } = jsonOf(await register(operator));
    const args = ["provider", "register", "--operator", operator, "--manifest-public-key", key];
    const { code, stderr } = await arena.cli(args);
    expect(code).toBe(1);
    expect(stderr).toContain(`operator ${operator} serves provider ${id} of ${arena.owner.address} already`);
  });

  test("refuses a manifest key that is none", async () => {
    const { code, stderr } = await asOwner("provider", "register", "--manifest-public-key", "0x12");
    expect([code, stderr]).toEqual([2, expect.stringContaining("--manifest-public-key is not 32 bytes of hex")]);
  });
});

test("market deploy prints a ComputeNetwork that the API server takes as it is", async () => {
  const { code, stdout } = await asOwner("market", "deploy", "--test-token", "--name", "spare", "--secret", "op");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^# Market 0x[0-9a-fA-F]{40} on chain 31337, since block \d+\.\n# Test token: 0x[0-9a-fA-F]{40}\n/,
  );
  await cluster.kubectl(["apply", "--dry-run=server", "-f", "-"], stdout);
  expect(parse(stdout)).toMatchObject({
    kind: "ComputeNetwork",
    metadata: { name: "spare" },
    spec: {
      market: { chainId: 31_337, endpoints: [{ url: arena.chain.url }] },
      signer: { rawKey: { secretRef: { name: "op" } } },
      manifestKey: { secretRef: { name: "op-manifest" } },
    },
  });
});

test("market deploy names the Secrets of an encrypted key", async () => {
  const { stdout } = await asOwner("market", "deploy", "--keystore", "--secret", "op");
  await cluster.kubectl(["apply", "--dry-run=server", "-f", "-"], stdout);
  expect(parse(stdout)).toMatchObject({
    spec: { signer: { keystore: { secretRef: { name: "op" }, passwordSecretRef: { name: "op-password" } } } },
  });
});

describe("status", () => {
  const token = offer.spec.price.token;

  test("says when nothing is sold", async () => {
    const { code, stdout } = await asOwner("provider", "status", "--kubeconfig", cluster.kubeconfigFile);
    expect([code, stdout]).toEqual([0, "nothing is sold here yet: apply a ComputeNetwork and a ComputeOffer\n"]);
  });

  test("shows networks, offers, leases and earnings", async () => {
    const time = { lastTransitionTime: "2030-01-01T00:00:00Z", message: "" };
    const ready = { type: "Ready", status: "True", reason: "Ready", ...time };
    const waiting = { type: "Ready", status: "False", reason: "ManifestMissing", ...time };
    const money = {
      fundedSeconds: 7200,
      billedSeconds: 720,
      deposit: "10000000",
      withdrawn: "400000",
      earned: "1000000",
    };
    const statuses = [
      merged(network, { status: { providerId: "1", conditions: [ready] } }),
      merged(offer, {
        status: {
          offerId: "1",
          capacity: { totalUnits: 16, leasedUnits: 4, freeUnits: 12, largestLeaseUnits: 8 },
          conditions: [ready],
        },
      }),
      merged(lease, { status: { money, conditions: [ready] } }),
      merged(lease, {
        metadata: { name: "market-8" },
        spec: { leaseId: "8" },
        status: { money, conditions: [waiting] },
      }),
    ];
    for (const object of statuses) {
      await cluster.kubectl(["create", "-f", "-"], JSON.stringify(object));
      const patch = ["apply", "--server-side", "--subresource=status", "--force-conflicts", "-f", "-"];
      await cluster.kubectl(patch, JSON.stringify(object));
    }
    const args = ["provider", "status", "--kubeconfig", cluster.kubeconfigFile];
    const status = jsonOf(await asOwner(...args, "-o", "json"));
    expect(status).toMatchObject({
      networks: [{ name: "market", chainId: 31_337, providerId: "1", ready: "True" }],
      offers: [{ name: "h100", sells: "1 × NVIDIA-H100-80GB-HBM3", leasedUnits: 4, totalUnits: 16, freeUnits: 12 }],
      leases: [
        { leaseId: "7", units: 2, billedSeconds: 720, runwaySeconds: 6480, earned: "1000000", ready: "True" },
        { leaseId: "8", ready: "False (ManifestMissing)" },
      ],
      totals: [{ token, earned: "2000000", withdrawn: "800000", perHour: "5000000" }],
    });
    const { stdout } = await asOwner(...args);
    expect(stdout).toContain(`market/7  h100       2  ${lease.spec.tenant}  12m     1h 48m  1000000  True\n`);
  });

  test("names the missing kubeconfig", async () => {
    const { code, stderr } = await asOwner("provider", "status", "--kubeconfig", "/nowhere/config");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: \/nowhere\/config cannot be read: .*\n {2}next: name a kubeconfig with --kubeconfig/,
    );
  });
});
