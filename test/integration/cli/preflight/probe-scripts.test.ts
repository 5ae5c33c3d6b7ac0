import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  addressesScript,
  clientScript,
  type ProbeTask,
  serverScript,
} from "../../../../src/cli/preflight/isolation/probe-scripts.ts";
import { freePorts } from "../../../harness/ports.ts";
import { eventually } from "../../../harness/wait.ts";

let dir: string;
let children: ChildProcess[];

beforeEach(async () => {
  children = [];
  dir = await mkdtemp(join(tmpdir(), "berthage-probe-"));
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(dir, { recursive: true });
});

/** Runs a script as its container would. */
function start(script: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const child = spawn(process.execPath, ["-e", script], {
    env: { ...env, PROBE_RESULT: join(dir, "result") },
    stdio: "inherit",
  });
  children.push(child);
  return child;
}

async function resultOf(script: string, env?: Readonly<Record<string, string>>): Promise<unknown> {
  const [code] = await once(start(script, env), "exit");
  expect(code).toBe(0);
  return JSON.parse(await readFile(join(dir, "result"), "utf8"));
}

/** A server that greets, started as the probe does. */
async function server(): Promise<number> {
  const [port = 0] = await freePorts(1);
  start(serverScript, { PROBE_PORT: String(port) });
  await eventually("the server greets", async () => ((await reach({ port })) ? true : undefined));
  return port;
}

async function reach(target: Partial<ProbeTask["targets"][number]>, seconds = 0): Promise<boolean | undefined> {
  const task: ProbeTask = { targets: [{ host: "127.0.0.1", port: 0, isServer: true, ...target }], seconds };
  const result: { open: boolean[] } = Object(await resultOf(clientScript, { PROBE: JSON.stringify(task) }));
  return result.open[0];
}

describe("a client", () => {
  test("reaches the server, over IPv6 too where there is any", async () => {
    const port = await server();
    const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));
    expect(await reach({ host: "127.0.0.1", port })).toBe(true);
    expect(await reach({ host: "::1", port })).toBe(hasIPv6);
  });

  test("reaches nothing where nobody listens", async () => {
    const [port = 0] = await freePorts(1);
    expect(await reach({ port })).toBe(false);
  });

  test("takes nobody for the server who does not greet, but any listener for the metadata service", async () => {
    const mute = createServer((socket) => socket.on("error", () => undefined).end()).listen(0, "127.0.0.1");
    await once(mute, "listening");
    const address = mute.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    expect(await reach({ port, isServer: true })).toBe(false);
    expect(await reach({ port, isServer: false })).toBe(true);
    mute.close();
  });

  test("tries again until it sees what it waits for", async () => {
    const [port = 0] = await freePorts(1);
    const waiting = reach({ port, awaited: "open" }, 60);
    start(serverScript, { PROBE_PORT: String(port) });
    expect(await waiting).toBe(true);
  });

  test("gives up waiting when its time is over, and tells what it saw", async () => {
    const port = await server();
    expect(await reach({ port, awaited: "closed" }, 0)).toBe(true);
  });
});

test("a pod tells the addresses that others may know it by", async () => {
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.filter(({ internal }) => !internal) ?? []);
  expect(await resultOf(addressesScript)).toEqual({ addresses: own.map(({ address }) => address) });
});
