import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { getAddress, toQuantity, ZeroHash } from "ethers";
import { isRecord } from "../../../src/chain/hex.ts";
import { marketAbi, tokenAbi } from "../../../src/networks/market/abi.ts";
import { generateManifestKey, type ManifestKey } from "../../../src/sealing/key.ts";
import { type Chain, startChain } from "../../harness/chain.ts";
import { eventually } from "../../harness/wait.ts";

export const program = resolve(import.meta.dirname, "../../../bin/berthage");

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real program as a person would, with an environment of its own. */
export function berthage(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  path = program,
): Promise<Outcome> {
  const { promise, resolve: done } = Promise.withResolvers<Outcome>();
  const environment = { PATH: process.env["PATH"] ?? "", HOME: tmpdir(), ...env };
  const child = execFile(path, [...args], { env: environment, cwd: tmpdir() }, (_error, stdout, stderr) => {
    done({ code: child.exitCode ?? -1, stdout, stderr });
  });
  child.stdin?.end();
  return promise;
}

/** Parses what a command printed with `-o json`. @throws with its words when it failed */
export function jsonOf({ code, stdout, stderr }: Outcome): Record<string, unknown> {
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
  const value: unknown = JSON.parse(stdout);
  if (!isRecord(value)) throw new Error(`no object: ${stdout}`);
  return value;
}

export interface Party {
  readonly address: string;
  readonly keyFile: string;
}

/** A chain with a market and a token put there by the CLI, a registered provider, and tenants with key files. */
export interface Arena {
  readonly chain: Chain;
  readonly dir: string;
  readonly market: string;
  readonly token: string;
  readonly owner: Party;
  readonly tenant: Party;
  /** Has gas and no tokens. */
  readonly stranger: Party;
  readonly providerId: string;
  readonly manifestKey: ManifestKey;
  readonly manifestFile: string;
  /** Runs the CLI against this market with the tenant's key, unless `env` says otherwise. */
  cli(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** Sends a call from one of the chain's accounts. */
  send(from: Party, to: string, data: string): Promise<void>;
  /** Publishes an offer of this provider and returns its id. */
  publish(terms?: Partial<Terms>): Promise<string>;
  mint(to: string, amount: bigint, token?: string): Promise<void>;
  balance(account: string): Promise<bigint>;
  stop(): Promise<void>;
}

interface Terms {
  readonly token: string;
  readonly pricePerHour: bigint;
  readonly capacity: number;
  readonly minSeconds: number;
}

const manifest = `version: 1
services:
  - name: web
    image: registry.example/app:1
    secretEnv: { PASSPHRASE: correct-horse }
`;

export async function startArena(): Promise<Arena> {
  const [chain, dir] = await Promise.all([startChain(), mkdtemp(join(tmpdir(), "berthage-cli-"))]);
  const party = async (index: number): Promise<Party> => {
    const account = chain.accounts[index];
    if (account === undefined) throw new Error(`the chain has no account ${index}`);
    const keyFile = join(dir, `account-${index}.key`);
    await writeFile(keyFile, `${account.privateKey}\n`, { mode: 0o600 });
    return { address: getAddress(account.address), keyFile };
  };
  const [owner, tenant, stranger] = await Promise.all([party(0), party(1), party(2)]);
  const manifestFile = join(dir, "manifest.yaml");
  await writeFile(manifestFile, manifest);

  const base = { BERTHAGE_RPC: chain.url, BERTHAGE_KEY_FILE: owner.keyFile };
  const deployed = jsonOf(await berthage(["market", "deploy", "--test-token", "-o", "json"], base));
  const [market, token] = [String(deployed["market"]), String(deployed["testToken"])];
  const manifestKey = generateManifestKey();
  const register = ["provider", "register", "--manifest-public-key", manifestKey.publicKey, "-o", "json"];
  const provider = jsonOf(await berthage(register, { ...base, BERTHAGE_MARKET: market }));
  const providerId = String(provider["id"]);

  const send = async (from: Party, to: string, data: string): Promise<void> => {
    const gas = toQuantity(1_000_000); // estimates run on the last block's time, not on the next one's
    const hash = await chain.rpc<string>("eth_sendTransaction", [{ from: from.address, to, data, gas }]);
    const receipt = await eventually(`transaction ${hash}`, async () => {
      return (await chain.rpc<{ status: string } | null>("eth_getTransactionReceipt", [hash])) ?? undefined;
    });
    if (receipt.status !== "0x1") throw new Error(`transaction ${hash} reverted`);
  };
  const count = async (): Promise<string> => {
    const call = { to: market, data: marketAbi.encodeFunctionData("offerCount") };
    return String(BigInt(await chain.rpc<string>("eth_call", [call, "latest"])));
  };
  return {
    chain,
    dir,
    market,
    token,
    owner,
    tenant,
    stranger,
    providerId,
    manifestKey,
    manifestFile,
    cli: (args, env = {}) =>
      berthage(args, { ...base, BERTHAGE_MARKET: market, BERTHAGE_KEY_FILE: tenant.keyFile, ...env }),
    send,
    async publish(terms = {}) {
      const t = { token, pricePerHour: 2_500_000n, capacity: 8, minSeconds: 600, ...terms };
      const tuple = [t.token, t.pricePerHour, t.capacity, 7200, t.minSeconds, 86_400, ZeroHash];
      await send(owner, market, marketAbi.encodeFunctionData("setOffer", [providerId, tuple]));
      return await count();
    },
    mint: (to, amount, which = token) => send(owner, which, tokenAbi.encodeFunctionData("mint", [to, amount])),
    async balance(account) {
      const call = { to: token, data: tokenAbi.encodeFunctionData("balanceOf", [account]) };
      return BigInt(await chain.rpc<string>("eth_call", [call, "latest"]));
    },
    async stop() {
      await chain.stop();
      await rm(dir, { recursive: true });
    },
  };
}
