import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** One shell, in which what is exported in one block is there in the next, as in a reader's terminal. */
export interface Session {
  /** Runs a block; the first command that fails ends it. @throws with the block and what it said */
  run(script: string): Promise<string>;
  /** Saves a file in the reader's folder. */
  save(path: string, content: string): Promise<void>;
}

export interface SessionOptions {
  /** The reader's folder. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What documents write for things that only a reader knows, such as `https://rpc.example.com`, and what stands for it here. */
  readonly placeholders: Readonly<Record<string, string>>;
}

/** Opens a shell in a folder. */
export async function openSession({ folder, environment, placeholders }: SessionOptions): Promise<Session> {
  const state = join(folder, ".exported");
  await writeFile(state, "");
  const real = (words: string): string =>
    Object.entries(placeholders).reduce((done, [placeholder, value]) => done.replaceAll(placeholder, value), words);
  return {
    run: (script) => execute(`. '${state}'\n${real(script)}\nexport -p > '${state}'\n`, folder, environment),
    save: (path, content) => writeFile(join(folder, path), real(content)),
  };
}

async function execute(script: string, cwd: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const env = { ...process.env, ...environment };
  const child = spawn("bash", ["-euo", "pipefail", "-c", script], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const exit = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`exit code ${code} of\n${script}\n${stdout}\n${stderr}`);
  return stdout;
}
