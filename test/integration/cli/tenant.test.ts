import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ZeroHash } from "ethers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { marketAbi, tokenAbi } from "../../../src/networks/market/abi.ts";
import { encodeHeartbeats } from "../../../src/networks/market/codec.ts";
import { manifestHash, openManifest } from "../../../src/sealing/manifest.ts";
import { type Arena, berthage, jsonOf, program, startArena } from "./fixture.ts";

let arena: Arena;
let offerId: string;

beforeAll(async () => {
  arena = await startArena();
  await arena.mint(arena.tenant.address, 1_000_000_000n);
  offerId = await arena.publish();
});

afterAll(async () => {
  await arena.stop();
});

/** Rents and returns the answer of `-o json`. */
async function rent(...more: readonly string[]): Promise<Record<string, unknown>> {
  const manifest = ["--manifest", arena.manifestFile];
  return jsonOf(await arena.cli(["rent", offerId, "--units", "2", "--hours", "2", ...manifest, "-o", "json", ...more]));
}

async function serve(leaseId: string, seconds: number): Promise<void> {
  await arena.chain.rpc("evm_increaseTime", [seconds]);
  const packed = encodeHeartbeats([{ leaseId, servedSeconds: seconds }]);
  const data = marketAbi.encodeFunctionData("heartbeat", [arena.providerId, ZeroHash, packed]);
  await arena.send(arena.owner, arena.market, data);
}

describe("offers", () => {
  test("prints a table in the token's decimals", async () => {
    const { code, stdout } = await arena.cli(["offers"]);
    expect(code).toBe(0);
    const [head = "", row = ""] = stdout.split("\n");
    expect(head.split(/\s{2,}/)).toEqual([
      "OFFER",
      "PROVIDER",
      "PRICE/UNIT/H",
      "TOKEN",
      "FREE",
      "UNITS",
      "MIN",
      "NOTICE",
      "WINDOW",
      "OPEN",
    ]);
    expect(row.split(/\s{2,}/)).toEqual([offerId, "1", "2.5", "BTD", "8", "8", "10m", "1d", "2h", "yes"]);
  });

  test("prints the same as JSON and YAML, amounts as decimal strings", async () => {
    const [json, yaml] = await Promise.all([arena.cli(["offers", "-o", "json"]), arena.cli(["offers", "-o", "yaml"])]);
    const offers: unknown = JSON.parse(json.stdout);
    expect(offers).toEqual([
      {
        id: offerId,
        providerId: "1",
        pricePerUnitHour: "2500000",
        token: { address: arena.token, symbol: "BTD", decimals: 6 },
        capacityUnits: 8,
        leasedUnits: 0,
        freeUnits: 8,
        minSeconds: 600,
        noticeSeconds: 86_400,
        heartbeatWindowSeconds: 7200,
        isOpen: true,
        specHash: ZeroHash,
      },
    ]);
    expect(parse(yaml.stdout)).toEqual(offers);
  });

  test("shows closed offers only on --all, and only one provider's on --provider", async () => {
    const closed = await arena.publish({ pricePerHour: 9n });
    await arena.send(arena.owner, arena.market, marketAbi.encodeFunctionData("setCapacity", [closed, 8, false]));
    const ids = async (...flags: string[]): Promise<string[]> => {
      const { stdout } = await arena.cli(["offers", "-o", "json", ...flags]);
      const offers: { id: string }[] = JSON.parse(stdout);
      return offers.map(({ id }) => id);
    };
    expect(await ids()).toEqual([offerId]);
    expect(await ids("--all")).toEqual([offerId, closed]);
    expect(await ids("--provider", "1")).toEqual([offerId]);
    const none = await arena.cli(["offers", "--provider", "2"]);
    expect(none).toMatchObject({ code: 0, stdout: "", stderr: "no open offers on this market\n" });
  });

  test("an offer in something that is no token does not spoil the list", async () => {
    const odd = await arena.publish({ token: arena.market, pricePerHour: 77n });
    const { code, stdout } = await arena.cli(["offers"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${odd} .* 77  ${arena.market} `, "m"));
    await arena.send(arena.owner, arena.market, marketAbi.encodeFunctionData("setCapacity", [odd, 8, false]));
  });

  test("runs through a symbolic link", async () => {
    const link = join(arena.dir, "link");
    await symlink(program, link);
    expect(
      (await berthage(["offers", "-o", "json", "--rpc", arena.chain.url, "--market", arena.market], {}, link)).code,
    ).toBe(0);
  });

  test("needs no key", async () => {
    const { code } = await berthage(["offers", "--rpc", arena.chain.url, "--market", arena.market.toLowerCase()]);
    expect(code).toBe(0);
  });
});

test("a lease's whole life: rent, top up, watch, close, and the money adds up to the unit", async () => {
  const before = [await arena.balance(arena.tenant.address), await arena.balance(arena.owner.address)] as const;
  const opened = await rent();
  expect(opened).toMatchObject({ offerId, providerId: "1", units: 2, deposit: "10000000", fundedSeconds: 7200 });
  const leaseId = String(opened["leaseId"]);
  const sealed = await readFile(String(opened["sealedFile"]));
  expect(manifestHash(sealed)).toBe(opened["manifestHash"]);

  const toppedUp = jsonOf(await arena.cli(["top-up", leaseId, "--amount", "0.000001", "-o", "json"]));
  expect(toppedUp).toMatchObject({ amount: "1", deposit: "10000001", runwaySeconds: 7200 });
  expect(jsonOf(await arena.cli(["top-up", leaseId, "--hours", "0.5", "-o", "json"]))).toMatchObject({
    amount: "2500000",
    deposit: "12500001",
  });

  await serve(leaseId, 1001);
  const earned = (5_000_000n * 1001n) / 3600n;
  const status = jsonOf(await arena.cli(["status", leaseId, "-o", "json"]));
  expect(status).toMatchObject({
    id: leaseId,
    state: "Active",
    tenant: arena.tenant.address,
    pricePerHour: "5000000",
    billedSeconds: 1001,
    earned: String(earned),
    withdrawn: "0",
    manifestHash: opened["manifestHash"],
  });
  expect(Number(status["runwaySeconds"])).toBe(Number(status["fundedSeconds"]) - 1001);

  const { code, stdout } = await arena.cli(["close", leaseId]);
  expect(code).toBe(0);
  expect(stdout).toContain(`1.390277 BTD to the provider`);
  expect(stdout).toContain(`11.109724 BTD to ${arena.tenant.address}`);
  expect(await arena.balance(arena.tenant.address)).toBe(before[0] - earned);
  expect(await arena.balance(arena.owner.address)).toBe(before[1] + earned);
  expect(jsonOf(await arena.cli(["status", leaseId, "-o", "json"]))).toMatchObject({
    state: "Closed",
    closeReason: "TenantClosed",
    runwaySeconds: 0,
  });
});

test("closing counts what was settled before as paid", async () => {
  const leaseId = String((await rent())["leaseId"]);
  await serve(leaseId, 1800);
  await arena.send(arena.stranger, arena.market, marketAbi.encodeFunctionData("settle", [[leaseId]]));
  expect(jsonOf(await arena.cli(["close", leaseId, "-o", "json"]))).toMatchObject({
    deposit: "10000000",
    paid: "2500000",
    refunded: "7500000",
  });
});

test("leases lists the key's own open leases, or another tenant's, closed ones on --all", async () => {
  const leaseId = String((await rent())["leaseId"]);
  const ids = async (...flags: string[]): Promise<string[]> => {
    const leases: { id: string }[] = JSON.parse((await arena.cli(["leases", "-o", "json", ...flags])).stdout);
    return leases.map(({ id }) => id);
  };
  expect(await ids()).toEqual([leaseId]);
  expect(await ids("--tenant", arena.stranger.address)).toEqual([]);
  await arena.cli(["close", leaseId]);
  expect(await ids()).toEqual([]);
  expect(await ids("--all")).toContain(leaseId);
  const table = await arena.cli(["leases", "--all"]);
  expect(table.stdout).toContain("TenantClosed");
});

test("anyone may top up", async () => {
  const leaseId = String((await rent())["leaseId"]);
  await arena.mint(arena.stranger.address, 5_000_000n);
  const paid = await arena.cli(["top-up", leaseId, "--hours", "1", "-o", "json"], {
    BERTHAGE_KEY_FILE: arena.stranger.keyFile,
  });
  expect(jsonOf(paid)).toMatchObject({ amount: "5000000", runwaySeconds: 10_800 });
  expect(await arena.balance(arena.stranger.address)).toBe(0n);
});

test("a token without permits is approved for exactly the deposit first", async () => {
  const deploy = ["market", "deploy", "--test-token", "-o", "json"];
  const token = String(jsonOf(await arena.cli(deploy))["testToken"]);
  const code = await arena.chain.rpc<string>("eth_getCode", [token, "latest"]);
  const eip712Domain = "84b0196e";
  expect(code).toContain(eip712Domain);
  await arena.chain.rpc("anvil_setCode", [token, code.replaceAll(eip712Domain, "84b0196f")]);
  await arena.mint(arena.tenant.address, 5_000_000n, token);
  const other = await arena.publish({ token });
  const manifest = ["--manifest", arena.manifestFile];
  const opened = await arena.cli(["rent", other, "--units", "1", "--deposit", "5", ...manifest]);
  expect(opened.stderr).toContain("approving 5 BTD …");
  expect(opened.code).toBe(0);
  const call = { to: token, data: tokenAbi.encodeFunctionData("allowance", [arena.tenant.address, arena.market]) };
  expect(BigInt(await arena.chain.rpc<string>("eth_call", [call, "latest"]))).toBe(0n);
});

test("what was allowed before is used, and --no-approve asks for no more", async () => {
  const approve = tokenAbi.encodeFunctionData("approve", [arena.market, 10_000_000n]);
  await arena.send(arena.tenant, arena.token, approve);
  expect(await rent("--no-approve")).toMatchObject({ deposit: "10000000" });
});

describe("manifest seal", () => {
  test("seals for the provider and the tenant: only they together open it", async () => {
    const out = join(arena.dir, "sealed");
    const sealing = await arena.cli(["manifest", "seal", arena.manifestFile, "--provider", "1", "-o", out]);
    expect(sealing.code).toBe(0);
    const envelope = await readFile(out);
    expect(sealing.stdout).toBe(`${manifestHash(envelope)}\n`);
    const context = {
      chainId: arena.chain.chainId,
      market: arena.market,
      providerId: "1",
      tenant: arena.tenant.address,
    };
    const { privateKey } = arena.manifestKey;
    expect(await openManifest(envelope, privateKey, context)).toBe(await readFile(arena.manifestFile, "utf8"));
    const other = { ...context, tenant: arena.stranger.address };
    await expect(openManifest(envelope, privateKey, other)).rejects.toThrow("does not open");
  });

  test("never overwrites a file", async () => {
    const out = join(arena.dir, "taken");
    await writeFile(out, "mine");
    const { code, stderr } = await arena.cli(["manifest", "seal", arena.manifestFile, "--provider", "1", "-o", out]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: ${out} cannot be written: EEXIST\n  next: choose another name, or move it away yourself\n`,
    );
    expect(await readFile(out, "utf8")).toBe("mine");
  });

  test("rent takes a sealed manifest as it is", async () => {
    const out = join(arena.dir, "for-rent");
    const { stdout } = await arena.cli(["manifest", "seal", arena.manifestFile, "--provider", "1", "-o", out]);
    const flags = ["--units", "1", "--hours", "1", "--manifest", out, "-o", "json"];
    expect(jsonOf(await arena.cli(["rent", offerId, ...flags]))["manifestHash"]).toBe(stdout.trim());
  });
});
