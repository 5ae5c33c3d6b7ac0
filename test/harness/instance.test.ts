import { access } from "node:fs/promises";
import { afterEach, expect, it } from "vitest";
import { createInstance, type Instance } from "./instance.ts";

let instance: Instance | undefined;
afterEach(() => instance?.stop());

const shell = (name: string, script: string) => ({ name, command: "/bin/sh", args: ["-c", script] });

it("tells on stop of what had ended by itself, with its last words, and leaves nothing all the same", async () => {
  instance = await createInstance("test", {});
  instance.start(shell("well", "while :; do sleep 0.05; done"));
  instance.start(shell("crashed", "echo panic; exit 2"));
  await instance.part("crashed")?.exited;
  await expect(instance.stop()).rejects.toThrow("what nobody had asked to end has ended: crashed:\npanic");
  expect(instance.part("well")?.hasExited() ?? true).toBe(true);
  await expect(access(instance.dir)).rejects.toThrow("ENOENT");
});

it("says nothing of what was asked to end", async () => {
  instance = await createInstance("test", {});
  instance.start(shell("stopped", "while :; do sleep 0.05; done"));
  instance.start(shell("killed", "while :; do sleep 0.05; done"));
  await instance.part("stopped")?.stop();
  await instance.part("killed")?.kill();
  await instance.stop();
});
