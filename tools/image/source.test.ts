import { describe, expect, it } from "vitest";
import { readSource } from "./source.ts";

const withoutGit = { PATH: "/nowhere" };

describe("the source of an image", () => {
  it("is the commit at hand, with a mark when files differ from it", async () => {
    const { version, commit, createdSeconds } = await readSource("1.2.3", process.env);
    expect(version).toBe("1.2.3");
    expect(commit).toMatch(/^[0-9a-f]{40}(-dirty)?$/);
    expect(createdSeconds).toBeGreaterThan(1_700_000_000);
  });

  it("has the time that SOURCE_DATE_EPOCH gives, whatever git says", async () => {
    const { createdSeconds } = await readSource("1.2.3", { ...process.env, SOURCE_DATE_EPOCH: "1700000000" });
    expect(createdSeconds).toBe(1_700_000_000);
  });

  it("is unknown without git, and then as old as can be", async () => {
    expect(await readSource("1.2.3", withoutGit)).toEqual({ version: "1.2.3", commit: "", createdSeconds: 0 });
  });

  it.each(["yesterday", "-1", "1.5", "123456789012"])("takes SOURCE_DATE_EPOCH=%s for no time", async (text) => {
    const failure = readSource("1.2.3", { ...withoutGit, SOURCE_DATE_EPOCH: text });
    await expect(failure).rejects.toThrow(`SOURCE_DATE_EPOCH=${text} is not a whole number of seconds`);
  });
});
