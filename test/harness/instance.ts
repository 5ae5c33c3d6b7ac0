import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, type Program, type Running } from "./processes.ts";
import { eventually } from "./wait.ts";

export interface InstanceOptions {
  /** Outlives this process; the caller records `processes` (`recorded.ts`). Default false. */
  readonly detached?: boolean;
  /** Where to keep logs, certificates and data; made when missing. Default: a new folder in the system's temporary directory. */
  readonly dir?: string;
}

/** Programs that live in one scratch directory and end together. */
export interface Instance {
  readonly dir: string;
  start(program: Program): void;
  part(name: string): Running | undefined;
  processes(): readonly Running[];
  /** Waits until `probe` says true; throws with the log's tail of the part that ended or, after `timeoutSeconds` (60), of part `name`. */
  ready(name: string, probe: () => Promise<boolean>, timeoutSeconds?: number): Promise<void>;
  /** What every part has written to its log last. */
  logTails(lines: number): Promise<string>;
  /**
   * Kills every part and removes the directory: nothing in it outlives an instance. Repeatable.
   * @throws when a part had ended by itself: whatever was seen since may come from that
   */
  stop(): Promise<void>;
}

export async function createInstance(kind: string, options: InstanceOptions): Promise<Instance> {
  const dir = await makeDir(kind, options.dir);
  const parts = new Map<string, Running>();
  const logTails = async (of: readonly Running[], lines?: number): Promise<string> =>
    (await Promise.all(of.map(async (part) => `${part.name}:\n${await part.logTail(lines)}`))).join("\n");
  return {
    dir,
    start(program): void {
      parts.set(program.name, launch({ ...program, dir, detached: options.detached ?? false }));
    },
    part: (name) => parts.get(name),
    processes: () => [...parts.values()],
    async ready(name, probe, timeoutSeconds = 60): Promise<void> {
      const outcome = eventually(
        `${name} to be ready`,
        async () => [...parts.values()].find((part) => part.hasExited()) ?? ((await probe()) ? "ready" : undefined),
        { timeoutSeconds, intervalMilliseconds: 25 },
      );
      const ended = await outcome.catch((error: unknown) => explainTimeout(error, parts.get(name)));
      if (ended !== "ready")
        throw new Error(`${ended.name} ended with ${await ended.exited}:\n${await ended.logTail()}`);
    },
    logTails: (lines) => logTails([...parts.values()], lines),
    async stop(): Promise<void> {
      const failed = [...parts.values()].filter((part) => part.hasFailed());
      const lastWords = await logTails(failed);
      await Promise.all([...parts.values()].map((part) => part.kill()));
      await rm(dir, { recursive: true, force: true });
      parts.clear();
      if (failed.length > 0) throw new Error(`what nobody had asked to end has ended: ${lastWords}`);
    },
  };
}

async function makeDir(kind: string, dir: string | undefined): Promise<string> {
  if (dir === undefined) return realpath(await mkdtemp(join(tmpdir(), `berthage-${kind}-`)));
  await mkdir(dir, { recursive: true });
  return realpath(dir);
}

async function explainTimeout(error: unknown, part: Running | undefined): Promise<never> {
  const reason = error instanceof Error ? error.message : String(error);
  throw new Error(`${reason}\n${part ? await part.logTail() : "it was never started"}`, { cause: error });
}
