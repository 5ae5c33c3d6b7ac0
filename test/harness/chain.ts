import { access, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInstance, type InstanceOptions } from "./instance.ts";
import { freePorts } from "./ports.ts";
import type { Running } from "./processes.ts";
import { callRpc } from "./rpc.ts";

export interface ChainOptions extends InstanceOptions {
  /** Mines a block this often; without it a block per transaction. */
  readonly blockTimeSeconds?: number;
  /** Mines a block per transaction. Default true, but false with `blockTimeSeconds`; with both set, both. */
  readonly automine?: boolean;
  /** `safe` trails the head by this many blocks and `finalized` by twice as many. Default 32. */
  readonly slotsInAnEpoch?: number;
  /** Default: a free one. */
  readonly port?: number;
  /** Where to listen. Default 127.0.0.1. */
  readonly address?: string;
}

export interface Chain {
  readonly url: string;
  readonly chainId: number;
  /** Ten accounts with 10,000 ether each. */
  readonly accounts: readonly { readonly address: string; readonly privateKey: string }[];
  readonly dir: string;
  processes(): readonly Running[];
  /** Calls a JSON-RPC method; throws a ChainRpcError when the node answers an error. The caller names the result's type. */
  rpc<T = unknown>(method: string, params?: readonly unknown[]): Promise<T>;
  /** @throws when the node had ended by itself */
  stop(): Promise<void>;
}

const chainId = 31_337;

/** Starts a real EVM node (anvil) on a loopback port, or at another address. It ends with `stop`, or with this process, however that ends (unless `detached`). */
export async function startChain(options: ChainOptions = {}): Promise<Chain> {
  const [command, instance, port] = await Promise.all([
    findAnvil(),
    createInstance("chain", options),
    options.port ?? freePorts(1).then(([free = 0]) => free),
  ]);
  const { dir } = instance;
  const url = `http://${options.address ?? "127.0.0.1"}:${port}`;
  const accountsFile = join(dir, "accounts.json");
  try {
    instance.start({ name: "anvil", command, args: anvilArguments(options, port, accountsFile), env: { HOME: dir } });
    // The file is asked for as well, lest the answer come from somebody else's node on the same port.
    await instance.ready("anvil", async () => {
      await access(accountsFile);
      return Number(await callRpc(url, "eth_chainId", [])) === chainId;
    });
    return {
      url,
      chainId,
      accounts: parseAccounts(await readFile(accountsFile, "utf8")),
      dir,
      processes: () => instance.processes(),
      // The node's answer is taken at the caller's word: tests assert on it anyway.
      rpc: async <T>(method: string, params: readonly unknown[] = []) => (await callRpc(url, method, params)) as T,
      stop: () => instance.stop(),
    };
  } catch (error) {
    await instance.stop().catch(() => undefined); // the error says why it failed
    throw error;
  }
}

function anvilArguments(options: ChainOptions, port: number, accountsFile: string): string[] {
  const { blockTimeSeconds, automine = blockTimeSeconds === undefined, slotsInAnEpoch = 32 } = options;
  const args = [
    `--port=${port}`,
    `--host=${options.address ?? "127.0.0.1"}`,
    `--chain-id=${chainId}`,
    `--slots-in-an-epoch=${slotsInAnEpoch}`,
  ];
  // Without the number anvil spills 77 MB of states per 1,000 blocks to the disk; reorgs to this depth still work.
  args.push("--prune-history=200", `--config-out=${accountsFile}`, "--quiet");
  if (blockTimeSeconds !== undefined) args.push(`--block-time=${blockTimeSeconds}`);
  if (blockTimeSeconds !== undefined && automine) args.push("--mixed-mining");
  if (blockTimeSeconds === undefined && !automine) args.push("--no-mining");
  return args;
}

/** The native program itself: the npm wrapper would stand between us and the process to end. */
async function findAnvil(): Promise<string> {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const name = `@foundry-rs/anvil-${process.platform}-${architecture}`;
  try {
    const command = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), "bin", "anvil");
    await access(command);
    return command;
  } catch (error) {
    throw new Error(`${name} is not installed: run \`npm ci\` (on a platform that Foundry builds for)`, {
      cause: error,
    });
  }
}

function parseAccounts(text: string): { address: string; privateKey: string }[] {
  const config: unknown = JSON.parse(text);
  if (typeof config !== "object" || config === null) throw new Error(`anvil wrote no configuration: ${text}`);
  const addresses = "available_accounts" in config ? strings(config.available_accounts) : [];
  const keys = "private_keys" in config ? strings(config.private_keys) : [];
  return addresses.flatMap((address, index) => {
    const privateKey = keys[index];
    return privateKey === undefined ? [] : [{ address, privateKey }];
  });
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
