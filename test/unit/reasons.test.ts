import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { conditions } from "../../src/api/conditions.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const sources = globSync("src/{controllers,networks,workload}/**/*.ts", { cwd: root })
  .filter((file) => !file.endsWith(".test.ts"))
  .map((file) => readFileSync(`${root}${file}`, "utf8"))
  .join("\n");

const reasons = Object.entries(conditions).flatMap(([kind, types]) =>
  Object.entries(types).flatMap(([type, known]) => Object.keys(known).map((reason) => [kind, type, reason] as const)),
);

test.each(reasons)("%s %s=%s is a reason that some code gives", (_kind, _type, reason) => {
  expect(sources).toMatch(new RegExp(`\\b${reason}\\b`));
});
