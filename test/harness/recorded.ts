import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { identify, isAlive, type ProcessIdentity } from "./identity.ts";
import { eventually } from "./wait.ts";

/** A detached process that a later command ends. */
export interface RecordedProcess extends ProcessIdentity {
  readonly name: string;
}

/**
 * Adds detached processes to the state file, in the order in which they were started. A process that ended meanwhile is left out. Record each
 * as soon as it runs: what is not in the file is not stopped.
 */
export async function recordProcesses(
  stateFile: string,
  processes: readonly { readonly name: string; readonly pid: number }[],
): Promise<void> {
  const known = await readRecorded(stateFile);
  const added: RecordedProcess[] = [];
  for (const { name, pid } of processes) {
    const identity = await identify(pid);
    if (identity) added.push({ name, ...identity });
  }
  await mkdir(dirname(stateFile), { recursive: true });
  await writeFile(`${stateFile}.new`, `${JSON.stringify([...known, ...added], undefined, 2)}\n`);
  await rename(`${stateFile}.new`, stateFile);
}

/**
 * Ends the recorded processes, the last started first (an API server without its etcd takes minutes to end), and removes the state file.
 * A process that is not the recorded one, because its id was given anew, is left alone. Returns the names of those that were running.
 */
export async function stopRecorded(stateFile: string, graceSeconds = 5): Promise<string[]> {
  const stopped: string[] = [];
  for (const recorded of (await readRecorded(stateFile)).toReversed()) {
    if (await endProcess(recorded, graceSeconds)) stopped.push(recorded.name);
  }
  await rm(stateFile, { force: true });
  return stopped;
}

/** What the state file names; nothing when there is none. Throws when it is not a state file. */
export async function readRecorded(stateFile: string): Promise<RecordedProcess[]> {
  const text = await readFile(stateFile, "utf8").catch(() => "[]");
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed) || !parsed.every(isRecorded)) {
    throw new Error(`${stateFile} does not list processes: end what it names by hand, then remove it`);
  }
  return parsed;
}

function isRecorded(value: unknown): value is RecordedProcess {
  if (typeof value !== "object" || value === null) return false;
  if (!("name" in value && "pid" in value && "startTime" in value)) return false;
  return typeof value.name === "string" && Number.isInteger(value.pid) && typeof value.startTime === "string";
}

async function endProcess(recorded: RecordedProcess, graceSeconds: number): Promise<boolean> {
  if (!(await isAlive(recorded))) return false;
  process.kill(recorded.pid, "SIGTERM");
  const gone = async (): Promise<true | undefined> => ((await isAlive(recorded)) ? undefined : true);
  const ended = eventually(`${recorded.name} to end`, gone, { timeoutSeconds: graceSeconds });
  if (!(await ended.catch(() => false)) && (await isAlive(recorded))) process.kill(recorded.pid, "SIGKILL");
  await eventually(`${recorded.name} to be killed`, gone);
  return true;
}
