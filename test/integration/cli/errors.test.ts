import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { Wallet } from "ethers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePorts } from "../../harness/ports.ts";
import { type Arena, berthage, jsonOf, startArena } from "./fixture.ts";

let arena: Arena;
let offerId: string;
let leaseId: string;

beforeAll(async () => {
  arena = await startArena();
  await arena.mint(arena.tenant.address, 20_000_000n);
  offerId = await arena.publish();
  leaseId = String(jsonOf(await arena.cli([...rentFor("--hours", "2"), "-o", "json"]))["leaseId"]);
});

afterAll(async () => {
  await arena.stop();
});

function rentFor(...flags: readonly string[]): string[] {
  return ["rent", offerId, "--units", "1", "--manifest", arena.manifestFile, ...flags];
}

/** What went wrong and what to do, as the program told it: two lines after any progress. */
async function failing(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; error: string; next: string }> {
  const { code, stdout, stderr } = await arena.cli(args, env);
  expect(stdout).toBe("");
  const [, error = "", next = ""] = /error: (.*)\n {2}next: (.*)\n$/.exec(stderr) ?? [];
  return { code, error, next };
}

test("wrong key: the lease belongs to somebody else", async () => {
  const env = { BERTHAGE_KEY_FILE: arena.stranger.keyFile };
  expect(await failing(["close", leaseId], env)).toEqual({
    code: 1,
    error: `lease ${leaseId} belongs to ${arena.tenant.address}, but the key is of ${arena.stranger.address}`,
    next: "give the tenant's key with --key-file (BERTHAGE_KEY_FILE)",
  });
});

test("no tokens: says how many are missing", async () => {
  const failure = await failing(rentFor("--deposit", "2.5"), { BERTHAGE_KEY_FILE: arena.stranger.keyFile });
  expect(failure).toEqual({
    code: 1,
    error: `${arena.stranger.address} has 0 BTD, but 2.5 BTD are needed`,
    next: `send 2.5 BTD (token ${arena.token}) to it, or take less time`,
  });
});

test("no gas: says where to send coins", async () => {
  const { address, privateKey } = Wallet.createRandom();
  const keyFile = join(arena.dir, "poor.key");
  await writeFile(keyFile, privateKey, { mode: 0o600 });
  await arena.mint(address, 2_500_000n);
  expect(await failing(rentFor("--hours", "1"), { BERTHAGE_KEY_FILE: keyFile })).toEqual({
    code: 1,
    error: `${address} has no coins on chain 31337 to pay for gas`,
    next: `send some of the chain's native coin to ${address}`,
  });
});

test("wrong market: no contract, or another one", async () => {
  const nobody = "0x000000000000000000000000000000000000dEaD";
  const next = "check --market (BERTHAGE_MARKET), and that --rpc is the market's chain";
  expect(await failing(["offers"], { BERTHAGE_MARKET: nobody })).toEqual({
    code: 1,
    error: `there is no contract at ${nobody} on chain 31337`,
    next,
  });
  expect(await failing(["offers"], { BERTHAGE_MARKET: arena.token })).toEqual({
    code: 1,
    error: `the contract at ${arena.token} on chain 31337 is not a ComputeMarket of this version`,
    next,
  });
});

test("RPC down: names the endpoint without its credentials", async () => {
  const [port = 0] = await freePorts(1);
  const failure = await failing(["offers"], { BERTHAGE_RPC: `http://user:hunter2@127.0.0.1:${port}/v3/apikey` });
  expect(failure).toEqual({
    code: 1,
    error: `endpoint http://127.0.0.1:${port} gave no usable answer to eth_chainId: ECONNREFUSED`,
    next: "check --rpc (BERTHAGE_RPC), and that the node there runs",
  });
});

test("an RPC address that serves something else", async () => {
  const server = createServer((_request, response) => response.end("<html>welcome</html>"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const failure = await failing(["offers"], { BERTHAGE_RPC: `http://127.0.0.1:${port}` });
  server.close();
  expect(failure).toMatchObject({ code: 1, error: expect.stringContaining("the answer is not JSON") });
});

test("unknown lease, offer and provider", async () => {
  expect(await failing(["status", "999"])).toEqual({
    code: 1,
    error: "the market has no lease 999",
    next: "`berthage leases` lists yours",
  });
  const rent = ["rent", "77", "--units", "1", "--hours", "1", "--manifest", arena.manifestFile];
  expect(await failing(rent)).toMatchObject({ code: 1, error: "the market has no offer 77" });
  const seal = ["manifest", "seal", arena.manifestFile, "--provider", "9", "-o", join(arena.dir, "never")];
  expect(await failing(seal)).toMatchObject({ code: 1, error: "the market has no provider 9" });
});

test("insufficient approval: says how much the market may take", async () => {
  expect(await failing(rentFor("--hours", "1", "--no-approve"))).toEqual({
    code: 1,
    error: "the market may take 0 BTD from you, but 2.5 BTD are needed",
    next: `approve ${arena.market} for that much in your wallet, or leave out --no-approve`,
  });
});

test("more units than are free, less time than the offer asks, finer amounts than the token", async () => {
  const units = ["rent", offerId, "--units", "8", "--hours", "1", "--manifest", arena.manifestFile];
  expect(await failing(units)).toMatchObject({ code: 1, error: `offer ${offerId} has 7 free units, not 8` });
  expect(await failing(rentFor("--deposit", "0.1"))).toMatchObject({
    code: 1,
    error: `offer ${offerId} asks for at least 10m, which is 0.416667 BTD`,
  });
  expect(await failing(rentFor("--deposit", "1.0000001"))).toMatchObject({
    code: 2,
    error: "--deposit: 1.0000001 has 7 decimals but BTD has 6",
  });
  expect(await failing(rentFor())).toMatchObject({ code: 2, error: "give either --hours or --deposit" });
  expect(await failing(rentFor("--hours", "1", "--deposit", "1"))).toMatchObject({ code: 2 });
});

test("a bad manifest costs nothing: the first problem is told", async () => {
  const file = join(arena.dir, "bad.yaml");
  await writeFile(file, "version: 1\nservices:\n  - name: web\n    imge: app:1\n");
  const before = await arena.balance(arena.tenant.address);
  const failure = await failing(["rent", offerId, "--units", "1", "--hours", "1", "--manifest", file]);
  expect(failure).toMatchObject({ code: 1, next: "mend it; docs/manifest.md says what may stand where" });
  expect(failure.error).toContain("services[0].imge (line 4)");
  expect(await arena.balance(arena.tenant.address)).toBe(before);
});

test("key files: missing, malformed, a keystore without or with a wrong password; the key is never shown", async () => {
  const missing = join(arena.dir, "missing.key");
  expect(await failing(["close", leaseId, "--key-file", missing])).toEqual({
    code: 1,
    error: `the key file ${missing} cannot be read: ENOENT`,
    next: "check the path and its permissions",
  });
  const secret = `${"ab".repeat(31)}zz`;
  const malformed = join(arena.dir, "malformed.key");
  await writeFile(malformed, secret, { mode: 0o600 });
  const failure = await failing(["close", leaseId, "--key-file", malformed]);
  expect(failure.error).toBe(
    `the key file ${malformed} holds neither a private key (32 bytes of hex) nor a V3 keystore`,
  );
  const debugged = await arena.cli(["close", leaseId, "--key-file", malformed, "--debug"]);
  expect(debugged.stderr).toContain("    at ");
  expect(debugged.stderr).not.toContain(secret.slice(0, 16));
  const keystore = join(arena.dir, "keystore.json");
  const wallet = Wallet.createRandom();
  await writeFile(keystore, await wallet.encrypt("right", () => {}), { mode: 0o600 });
  expect(await failing(["close", leaseId, "--key-file", keystore])).toMatchObject({ next: "give --password-file" });
  const password = join(arena.dir, "password");
  await writeFile(password, "wrong\n", { mode: 0o600 });
  const flags = ["--key-file", keystore, "--password-file", password];
  expect(await failing(["close", leaseId, ...flags])).toMatchObject({
    error: `the keystore ${keystore} does not open with the password in ${password}`,
  });
});

test("a key file that others can read is warned of", async () => {
  const keyFile = join(arena.dir, "open.key");
  await writeFile(keyFile, `0x${"1".repeat(64)}`, { mode: 0o644 });
  const { stderr } = await arena.cli(["leases"], { BERTHAGE_KEY_FILE: keyFile });
  expect(stderr).toContain(`warning: others can read the key file ${keyFile}; run \`chmod 600 ${keyFile}\``);
});

test("a lease that has ended", async () => {
  const opened = jsonOf(await arena.cli([...rentFor("--hours", "1"), "-o", "json"]));
  const id = String(opened["leaseId"]);
  await arena.cli(["close", id]);
  const closed = { code: 1, error: `lease ${id} is closed (TenantClosed)` };
  expect(await failing(["close", id])).toMatchObject(closed);
  expect(await failing(["top-up", id, "--hours", "1"])).toMatchObject(closed);
});

test("flags that are missing or malformed are usage errors", async () => {
  const { code, stderr } = await berthage(["offers"]);
  expect([code, stderr]).toEqual([2, "error: --market is missing\n  next: give --market, or set BERTHAGE_MARKET\n"]);
  expect(await failing(["offers", "--market", "0x12"])).toMatchObject({ code: 2 });
  expect(await failing(["offers", "--rpc", "localhost"])).toMatchObject({
    code: 2,
    error: "--rpc is not an http or https address",
  });
});
