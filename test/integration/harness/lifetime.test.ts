import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { readRecorded, recordProcesses, stopRecorded } from "../../harness/recorded.ts";
import { callRpc } from "../../harness/rpc.ts";
import { run } from "../../harness/run.ts";
import { eventually } from "../../harness/wait.ts";

const fixture = fileURLToPath(new URL("instance.fixture.ts", import.meta.url));

/** Starts the fixture as a process of its own; Node 24 strips the types itself. */
function startFixture(args: readonly string[]): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const child = spawn(process.execPath, [fixture, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  return Object.assign(child, { stdout: child.stdout });
}

/** Command lines of living processes that name one of `dirs`: every program of an instance has its directory among its arguments. */
async function processesIn(dirs: readonly string[]): Promise<string[]> {
  const all = await run("ps", ["-A", "-ww", "-o", "args="]);
  return all.split("\n").filter((line) => dirs.some((dir) => line.includes(dir)) && !line.includes("instance.fixture"));
}

const noneIn = async (dirs: readonly string[]): Promise<boolean> =>
  eventually(`no process to be left in ${dirs.join(", ")}`, async () => {
    const left = await processesIn(dirs);
    if (left.length > 0) throw new Error(`these live: ${left.join("; ")}`);
    return true;
  });

it("leaves no process and no file when the starting process is killed", async () => {
  const child = startFixture(["attached"]);
  const [line]: unknown[] = await once(child.stdout, "data");
  const dirs: string[] = JSON.parse(String(line));
  expect(dirs).toHaveLength(2);
  expect((await processesIn(dirs)).join("\n")).toMatch(/etcd[\s\S]*kube-apiserver|kube-apiserver[\s\S]*etcd/);
  child.kill("SIGKILL");
  await noneIn(dirs);
  await eventually("the directories to go", () => (dirs.some((dir) => existsSync(dir)) ? undefined : true));
});

it("lets a detached instance live on, and ends exactly what is recorded", async () => {
  const dir = await mkdtemp(join(tmpdir(), "berthage-detached-"));
  const stateFile = join(dir, "state", "dev.json");
  const bystander = spawn("sleep", ["600"]);
  try {
    const child = startFixture(["detached", stateFile, dir]);
    const [output] = await Promise.all([text(child.stdout), once(child, "exit")]);
    const [clusterUrl, chainUrl]: string[] = JSON.parse(output);
    expect(Number(await callRpc(String(chainUrl), "eth_chainId", []))).toBe(31_337);
    expect((await processesIn([dir])).some((line) => line.includes(new URL(String(clusterUrl)).port))).toBe(true);

    // A recorded id that the system gave to another process since.
    const [first] = await readRecorded(stateFile);
    expect(first?.name).toBe("etcd");
    await recordProcesses(stateFile, [{ name: "gone", pid: 2 ** 30 }]);
    expect(await stopRecorded(stateFile)).toEqual(["anvil", "kube-apiserver", "etcd"]);
    await noneIn([dir]);
    expect(bystander.exitCode).toBeNull();
    expect(await stopRecorded(stateFile)).toEqual([]);
  } finally {
    await stopRecorded(stateFile);
    bystander.kill();
    await rm(dir, { recursive: true, force: true });
  }
});
