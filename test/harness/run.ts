import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** Runs a program to its end and returns its stdout. A non-zero exit throws with the command line and its stderr. */
export async function run(command: string, args: readonly string[], input = ""): Promise<string> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  // A program that does not read its stdin to the end answers EPIPE; its exit code tells whether that matters.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} failed (exit code ${code}): ${stderr.trim()}`);
  return stdout;
}
