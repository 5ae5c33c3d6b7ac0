import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { styleText } from "node:util";

export type Environment = Readonly<Record<string, string>>;

/** Runs commands as a person at a shell would, in one folder and environment. */
export interface Shell {
  /** Shows a command line, runs it, and shows what it prints. @throws when it fails */
  show(line: string): Promise<string>;
  /** Runs a command line unseen and gives its output. @throws when it fails */
  ask(line: string): Promise<string>;
  /** The same shell with more variables. */
  with(environment: Environment): Shell;
}

export function createShell(folder: string, environment: Environment): Shell {
  const ask = (line: string): Promise<string> => execute(line, folder, environment);
  return {
    async show(line) {
      console.log(`${styleText("green", "$")} ${line}`);
      const output = await ask(line);
      if (output.trim() !== "") console.log(output.trimEnd());
      return output;
    },
    ask,
    with: (more) => createShell(folder, { ...environment, ...more }),
  };
}

async function execute(line: string, cwd: string, environment: Environment): Promise<string> {
  const env = { ...process.env, ...environment };
  const child = spawn("bash", ["-euo", "pipefail", "-c", line], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const exit = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`'${line}' failed (exit code ${code}): ${stderr.trim() || stdout.trim()}`);
  return stdout;
}
