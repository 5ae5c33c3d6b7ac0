import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const supervisor = fileURLToPath(new URL("supervise.sh", import.meta.url));

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ProcessSpec extends Program {
  /** Scratch directory of the whole instance: holds `NAME.log` and goes when the starting process goes. */
  readonly dir: string;
  /** Outlives the starting process, which must then record it (`recorded.ts`). */
  readonly detached?: boolean;
}

export interface Running {
  readonly name: string;
  /** Of the program itself when detached, else of its supervisor. */
  readonly pid: number;
  /** Settles when the process has ended: exit code or signal, in words. */
  readonly exited: Promise<string>;
  hasExited(): boolean;
  /** Whether it has ended though neither `stop` nor `kill` was called. */
  hasFailed(): boolean;
  /** Asks to end, kills after `graceSeconds` (default 5), keeps the scratch directory. Repeatable. */
  stop(graceSeconds?: number): Promise<void>;
  /** Kills at once; a supervisor removes the scratch directory as it would after a crash of the starting process. Repeatable. */
  kill(): Promise<void>;
  /** The last lines of the log, for error messages. */
  logTail(lines?: number): Promise<string>;
}

/** Starts a program with its output in `DIR/NAME.log`. Unless detached it cannot outlive this process. */
export function launch(spec: ProcessSpec): Running {
  const logFile = join(spec.dir, `${spec.name}.log`);
  const child = spawnLogged(spec, logFile);
  if (child.pid === undefined) throw new Error(`cannot start ${spec.name}: ${spec.command} is not an executable file`);
  const end = watchEnd(child);
  let failed = false;
  let isToEnd = false;
  void end.exited.then(() => {
    failed = !isToEnd;
  });
  const stopWith = async (terminate: NodeJS.Signals, kill: NodeJS.Signals, graceSeconds: number): Promise<void> => {
    child.ref();
    child.kill(terminate);
    const timer = new AbortController();
    const late = delay(graceSeconds * 1000, true, { signal: timer.signal }).catch(() => false);
    if (await Promise.race([end.exited.then(() => false), late])) child.kill(kill);
    timer.abort();
    await end.exited;
  };
  return {
    name: spec.name,
    pid: child.pid,
    exited: end.exited,
    hasExited: end.hasExited,
    hasFailed: () => failed,
    async stop(graceSeconds = 5): Promise<void> {
      isToEnd = true;
      if (!end.hasExited()) await stopWith("SIGTERM", spec.detached ? "SIGKILL" : "SIGUSR2", graceSeconds);
    },
    async kill(): Promise<void> {
      isToEnd = true;
      child.ref();
      if (spec.detached) child.kill("SIGKILL");
      child.stdin?.end();
      await end.exited;
    },
    async logTail(lines = 20): Promise<string> {
      const log = await readFile(logFile, "utf8").catch(() => "(no log)");
      return log.trimEnd().split("\n").slice(-lines).join("\n");
    },
  };
}

function spawnLogged(spec: ProcessSpec, logFile: string): ChildProcess {
  const log = openSync(logFile, "a");
  // Its own session: a Ctrl-C at the terminal or a kill of the test run's group reaches it by the closed stdin only.
  const options = { env: { ...process.env, ...spec.env }, detached: true, cwd: spec.dir };
  const stdio = (stdin: "pipe" | "ignore"): StdioOptions => [stdin, log, log];
  try {
    const child = spec.detached
      ? spawn(spec.command, spec.args, { ...options, stdio: stdio("ignore") })
      : spawn(supervisor, [spec.dir, spec.command, ...spec.args], { ...options, stdio: stdio("pipe") });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function watchEnd(child: ChildProcess): { exited: Promise<string>; hasExited: () => boolean } {
  let ended = false;
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => {
      ended = true;
      resolve(error.message);
    });
    child.once("exit", (code, signal) => {
      ended = true;
      child.stdin?.destroy();
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
  // A supervisor that ends just before its stdin is closed answers EPIPE, which says nothing new.
  child.stdin?.on("error", () => undefined);
  return { exited, hasExited: () => ended };
}
