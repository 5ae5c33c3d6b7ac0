import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { launch, type Running } from "./processes.ts";
import { eventually } from "./wait.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "berthage-processes-"));
});
afterEach(async () => await rm(dir, { recursive: true, force: true }));

const stubborn = "trap 'echo refused' TERM; echo up; while :; do sleep 0.05; done";
const obliging = "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done";

/** Launches a shell script and waits until it says "up": only then are its traps set. */
async function launchShell(script: string, detached: boolean): Promise<Running> {
  const program = launch({ name: "shell", command: "/bin/sh", args: ["-c", script], dir, detached });
  await eventually("the script to be up", async () => ((await program.logTail()).includes("up") ? true : undefined));
  return program;
}

describe.each([
  ["attached", false],
  ["detached", true],
])("an %s program", (_kind, detached) => {
  it("is asked to end, and its directory stays", async () => {
    const program = await launchShell(obliging, detached);
    expect(program.hasExited()).toBe(false);
    await program.stop();
    expect(program.hasExited()).toBe(true);
    expect(await program.exited).toBe("exit code 3");
    expect(await program.logTail()).toBe("up\nbye");
    await program.stop();
  });

  it("is killed when it does not end in time, and its directory stays", async () => {
    const program = await launchShell(stubborn, detached);
    await program.stop(0.2);
    expect(await program.exited).toMatch(/^(exit code 137|signal SIGKILL)$/);
    expect(await program.logTail()).toContain("refused");
    expect(existsSync(dir)).toBe(true);
  });

  it("is killed at once on demand, repeatedly", async () => {
    const program = await launchShell(stubborn, detached);
    await program.kill();
    await program.kill();
    expect(program.hasExited()).toBe(true);
    // Only a supervisor removes it: whoever detaches a program cleans up after it.
    expect(existsSync(dir)).toBe(detached);
  });

  it("tells its exit code and its last words", async () => {
    const program = launch({
      name: "short",
      command: "/bin/sh",
      args: ["-c", "echo one; echo two >&2; exit 9"],
      dir,
      detached,
    });
    expect(await program.exited).toBe("exit code 9");
    expect(await program.logTail(1)).toBe("two");
  });
});

it("passes on the environment and works in its directory", async () => {
  const spec = {
    name: "env",
    command: "/bin/sh",
    args: ["-c", 'echo "$HARNESS in $PWD"'],
    dir,
    env: { HARNESS: "here" },
  };
  const program = launch(spec);
  await program.exited;
  expect(await program.logTail()).toMatch(new RegExp(`^here in .*${dir}$`));
});

it("does not pretend that a program runs when there is none", async () => {
  const program = launch({ name: "none", command: "/nowhere/program", args: [], dir });
  expect(await program.exited).toBe("exit code 127");
  expect(await program.logTail()).toContain("/nowhere/program");
});
