import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { commit, version } from "./version.ts";

it("has the package's version, and no commit when it runs from sources", async () => {
  const manifest: unknown = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  expect(manifest).toMatchObject({ version });
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
  expect(commit).toBe("");
});
