import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

/** The repository's root, where foundry.toml is. */
export const root = resolve(import.meta.dirname, "../..");

const platforms: Readonly<Record<string, string>> = {
  "linux-x64": "linux-amd64",
  "darwin-arm64": "darwin-arm64",
  "win32-x64": "win32-amd64",
};

/** What a finished forge left behind. */
export interface ForgeResult {
  readonly status: number;
  readonly stdout: string;
}

/**
 * Path of the native forge. The npm wrapper is passed over: it costs 0.7 s a call and can orphan its child.
 * Throws on a platform that Foundry publishes no binary for.
 */
export function forgePath(): string {
  const here = `${process.platform}-${process.arch}`;
  const platform = platforms[here];
  if (platform === undefined) {
    const known = Object.keys(platforms).join(", ");
    throw new Error(`forge: npm carries no binary for ${here} (only ${known}); run the contract tasks on one of these`);
  }
  const manifest = createRequire(import.meta.url).resolve(`@foundry-rs/forge-${platform}/package.json`);
  return join(dirname(manifest), "bin", process.platform === "win32" ? "forge.exe" : "forge");
}

/**
 * Runs forge in the root with stdin closed, its output passed through; with `tee`, stdout is also returned. Rejects only if forge
 * can't be started.
 */
export async function runForge(
  args: readonly string[],
  options: { readonly tee?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ForgeResult> {
  const child = spawn(forgePath(), args, {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", options.tee === true ? "pipe" : "inherit", "inherit"],
  });
  let stdout = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    process.stdout.write(chunk);
  });
  return new Promise((settle, fail) => {
    child.on("error", fail);
    child.on("close", (status) => settle({ status: status ?? 1, stdout }));
  });
}
