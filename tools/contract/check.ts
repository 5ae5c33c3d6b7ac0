// npm run contract:check — formatting, lint, size limits, recorded gas, and that the committed JSON is what the source
// compiles to. Goes on after a failure, to tell all at once.
import { readFile } from "node:fs/promises";
import { committedPath, published, readCompiled, render } from "./artifact.ts";
import { runForge } from "./forge.ts";

/** Bytes of code that a chain accepts (EIP-170). */
const codeLimit = 24_576;

/** What is wrong, or nothing. */
type Problem = string | undefined;

async function forgeCheck(
  args: readonly string[],
  hint: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Problem> {
  const { status } = await runForge(args, { env });
  return status === 0 ? undefined : `forge ${args.join(" ")} failed: ${hint}`;
}

async function artifactCheck(name: string): Promise<Problem> {
  const artifact = await readCompiled(name);
  if (artifact.runtimeBytes > codeLimit) {
    return `${name} has ${artifact.runtimeBytes} bytes of code, EIP-170 allows ${codeLimit}: make it smaller`;
  }
  const path = committedPath(name);
  const committed = await readFile(path, "utf8").catch(() => "");
  return committed === render(artifact)
    ? undefined
    : `${path} is not what the source compiles to: npm run contract:build`;
}

const problems: Problem[] = [
  await forgeCheck(["fmt", "--check"], "npx forge fmt"),
  // forge lint writes artifacts without code: in the build's own folders, later runs would leave tests out.
  await forgeCheck(["lint"], "mend what it says, or disable the rule on that line with the reason", {
    FOUNDRY_CACHE_PATH: "contracts/cache/lint",
    FOUNDRY_OUT: "contracts/cache/lint/out",
  }),
  // Recorded gas holds for one compiler and source, so any difference is a decision to be looked at.
  await forgeCheck(
    ["test", "--match-contract", "GasTest", "--gas-snapshot-check", "true", "--gas-snapshot-emit", "false"],
    "if the new gas is meant, npm run contract:gas and commit contracts/snapshots",
  ),
];
for (const name of published) problems.push(await artifactCheck(name));

const found = problems.filter((problem) => problem !== undefined);
for (const problem of found) console.error(`contract:check: ${problem}`);
if (found.length === 0) console.log("contract:check: format, lint, gas, size and committed JSON are as they should be");
process.exitCode = found.length === 0 ? 0 : 1;
