import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSession, type Session } from "./session.ts";

let folder: string;
let session: Session;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "berthage-session-"));
  const placeholders = { "https://rpc.example.com": "http://127.0.0.1:1" };
  session = await openSession({ folder, environment: { GREETING: "it's me" }, placeholders });
});
afterEach(async () => await rm(folder, { recursive: true }));

describe("a session", () => {
  it("gives what a block prints, from the reader's folder and environment", async () => {
    expect(await session.run('basename "$PWD"; echo "$GREETING"')).toBe(`${folder.split("/").at(-1)}\nit's me\n`);
  });

  it("remembers what a block exports, whatever is in it, and nothing that it does not", async () => {
    await session.run(`export SAID='two\nlines, "quoted" and $cheap'\nFORGOTTEN=1`);
    expect(await session.run('printf %s "$SAID$' + '{FORGOTTEN:-}"')).toBe('two\nlines, "quoted" and $cheap');
  });

  it("puts real things in the place of examples, in commands and in files", async () => {
    await session.save("a.yaml", "url: https://rpc.example.com/v1\n");
    expect(await session.run("echo https://rpc.example.com; cat a.yaml")).toBe(
      "http://127.0.0.1:1\nurl: http://127.0.0.1:1/v1\n",
    );
    expect(await readFile(join(folder, "a.yaml"), "utf8")).toContain("http://127.0.0.1:1/v1");
  });

  it.each([
    ["the first command that fails", "false\necho later"],
    ["a command that fails before a pipe", "false | cat\necho later"],
    ["a variable that nobody set", "echo $NEVER_SET\necho later"],
  ])("ends at %s, with the block and what it said", async (_what, script) => {
    const failed = session.run(`echo before; echo aside >&2\n${script}`);
    await expect(failed).rejects.toThrow(/exit code 1 of[\s\S]*echo later[\s\S]*before[\s\S]*aside/);
  });

  it("keeps what was exported before when a block fails", async () => {
    await session.run("export KEPT=1");
    await expect(session.run("export KEPT=2; false")).rejects.toThrow("exit code 1");
    expect(await session.run("echo $KEPT")).toBe("1\n");
  });
});
