import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "./ports.ts";
import { launch, type Running } from "./processes.ts";
import { run } from "./run.ts";
import { eventually } from "./wait.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Compiled code of earlier starts, of which a suite has hundreds. */
const compileCache = join(root, "node_modules/.cache/compile");

export interface OperatorOptions {
  readonly kubeconfigFile: string;
  /** Scratch directory for its log. */
  readonly dir: string;
  readonly namespace: string;
  /** Name of the process and its log; default `operator`. */
  readonly name?: string;
  readonly ports?: { readonly operations: number; readonly gateway: number };
  readonly flags?: readonly string[];
  readonly detached?: boolean;
}

export interface OperatorProcess {
  readonly operationsUrl: string;
  readonly gatewayUrl: string;
  readonly ports: { readonly operations: number; readonly gateway: number };
  readonly logFile: string;
  readonly running: Running;
  metrics(): Promise<string>;
}

/** Starts the operator as its own process, as a cluster would, and waits until its caches are filled. */
export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const { name = "operator", dir, detached = false } = options;
  const [operations = 0, gateway = 0] =
    options.ports === undefined ? await freePorts(2) : [options.ports.operations, options.ports.gateway];
  await mkdir(dir, { recursive: true });
  const running = launch({
    name,
    command: process.execPath,
    args: [
      "--max-semi-space-size=16",
      join(root, "src/main.ts"),
      `--kubeconfig=${options.kubeconfigFile}`,
      `--namespace=${options.namespace}`,
      `--operations-listen=127.0.0.1:${operations}`,
      `--gateway-listen=127.0.0.1:${gateway}`,
      ...(options.flags ?? []),
    ],
    env: { NODE_COMPILE_CACHE: compileCache },
    dir,
    detached,
  });
  const operationsUrl = `http://127.0.0.1:${operations}`;
  try {
    await eventually("the operator is ready", async () => {
      if (running.hasExited()) throw new Error(`the operator ended: ${await running.logTail(20)}`);
      return (await fetch(`${operationsUrl}/readyz`)).ok ? true : undefined;
    });
  } catch (error) {
    await running.kill(); // lest the next one find its ports taken
    throw error;
  }
  return {
    operationsUrl,
    gatewayUrl: `http://127.0.0.1:${gateway}`,
    ports: { operations, gateway },
    logFile: join(dir, `${name}.log`),
    running,
    metrics: async () => (await fetch(`${operationsUrl}/metrics`)).text(),
  };
}

/** The program's own process: what the harness knows is its supervisor. */
export async function programOf({ running }: OperatorProcess): Promise<number> {
  const children = (await run("ps", ["--ppid", String(running.pid), "-o", "pid=,args="])).split("\n");
  const program = children.find((line) => line.includes("src/main.ts"));
  if (program === undefined) throw new Error(`no operator among ${children.join("; ")}`);
  return Number.parseInt(program, 10);
}
