import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { run } from "../harness/run.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What is the same in every run: facts and commands, with addresses, hashes and numbers left out. */
function linesThatStay(transcript: string): string[] {
  const lines = transcript.split("\n").filter((line) => line.startsWith("✓ ") || line.startsWith("$ "));
  return lines.map((line) => line.replaceAll(/0x[0-9a-fA-F]+|[0-9]+/g, "#"));
}

it("make demo tells the whole story, as the README shows it, and every fact in it holds", async () => {
  const told = linesThatStay(await run("npm", ["--prefix", root, "run", "--silent", "demo"]));
  const readme = await readFile(`${root}/README.md`, "utf8");
  const shown = linesThatStay(/```console\n(.*?)```/s.exec(readme)?.[1] ?? "");
  expect(shown.filter((line) => line.startsWith("✓ "))).toHaveLength(8);
  expect(told).toEqual(expect.arrayContaining(shown));
});
