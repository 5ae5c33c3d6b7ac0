import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../../tools/demo/stage.ts";
import { findHelm } from "../../tools/helm/helm.ts";
import { runIsolated } from "../harness/node/isolation.ts";
import { nodePrograms } from "../harness/node/programs.ts";
import { missingForNode } from "../harness/node/requirements.ts";
import { buildImages } from "./images.ts";

// `make test-node`: says what a real node lacks here, or fetches all that needs the network, then runs the tests without one.
// `--check` only says.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: "boolean", default: false } },
});
const missing = await missingForNode();
if (missing.length > 0) {
  console.error(`A real node cannot run here. It needs:\n${missing.map((line) => `  - ${line}`).join("\n")}`);
  process.exitCode = 1;
} else if (!values.check) {
  await Promise.all([findHelm(), nodePrograms(), buildImages()]);
  const report = [
    "--disable-console-intercept",
    "--reporter=default",
    "--reporter=json",
    "--outputFile.json=.berthage/results/node.json",
  ];
  const vitest = join(root, "node_modules/.bin/vitest");
  process.exitCode = await runIsolated(vitest, ["run", "--project=node", "--bail=1", ...report, ...positionals]);
}
