import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { identify } from "../../test/harness/identity.ts";
import { withLock } from "./lock.ts";

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "berthage-lock-"));
  file = join(dir, "below", "build.lock");
});
afterEach(async () => await rm(dir, { recursive: true }));

const unexpected = (): never => {
  throw new Error("nobody else holds the lock");
};

it("lets one work at a time, and tells the other once who works", async () => {
  const { promise: permission, resolve: permit } = Promise.withResolvers<void>();
  const story: string[] = [];
  const first = withLock(file, unexpected, async () => {
    story.push("first begins");
    await permission;
    story.push("first ends");
  });
  const told = Promise.withResolvers<number>();
  await expect.poll(() => story).toEqual(["first begins"]);
  const second = withLock(file, told.resolve, async () => {
    story.push("second");
  });
  expect(await told.promise).toBe(process.pid);
  permit();
  await Promise.all([first, second]);
  expect(story).toEqual(["first begins", "first ends", "second"]);
});

it("gives the work's value or error, and is free again after either", async () => {
  const failure = withLock(file, unexpected, () => Promise.reject(new Error("no compiler")));
  await expect(failure).rejects.toThrow("no compiler");
  expect(await withLock(file, unexpected, async () => 7)).toBe(7);
  expect(existsSync(file)).toBe(false);
});

it("is taken over from a process that is dead", async () => {
  const child = spawn("sleep", ["600"]);
  const holder = await identify(child.pid ?? 0);
  await withLock(file, unexpected, async () => undefined);
  await writeFile(file, `${holder?.pid} ${holder?.startTime}\n`);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await withLock(file, unexpected, async () => "mine")).toBe("mine");
});

it("is taken over when the holder's id now belongs to another process, or when the file is torn", async () => {
  await withLock(file, unexpected, async () => undefined);
  for (const content of [`${process.pid} 1\n`, "", "nonsense"]) {
    await writeFile(file, content);
    expect(await withLock(file, unexpected, async () => "mine")).toBe("mine");
  }
});
