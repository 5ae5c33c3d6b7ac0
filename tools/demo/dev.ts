import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { readRecorded, recordProcesses } from "../../test/harness/recorded.ts";
import { devPlace } from "./dev-place.ts";
import { startSelling } from "./selling.ts";
import { chapter, say } from "./show.ts";
import { root, setStage, toolPath } from "./stage.ts";

// The same world as the demo's, left running. `make down` stops exactly what is started here.
const { dir, stateFile } = devPlace(process.argv.slice(2));
if ((await readRecorded(stateFile)).length > 0) {
  console.error("A world is running already; stop it with `make down`.");
  process.exit(1);
}
await rm(dir, { recursive: true, force: true });
chapter("A Kubernetes control plane and an EVM node come up");
say("usually 5 s");
const stage = await setStage({ dir, detached: true });
await recordProcesses(stateFile, [...stage.cluster.processes(), ...stage.chain.processes()]);
const { market, token, operator } = await startSelling(stage);
await recordProcesses(stateFile, [operator.running]);
const { PATH } = await toolPath();

chapter("It runs. In another shell:");
console.log(`
  export PATH=${PATH.split(":").slice(0, 2).join(":")}:$PATH
  export KUBECONFIG=${stage.cluster.kubeconfigFile}
  export BERTHAGE_RPC=${stage.chain.url} BERTHAGE_MARKET=${market} BERTHAGE_GATEWAY=${operator.gatewayUrl}
  export BERTHAGE_KEY_FILE=${join(root, stage.folder, "tenant.key")}

  kubectl get cnet,coffer,clease
  berthage offers
  berthage rent 1 --units 1 --hours 1 --manifest examples/web.yaml

metrics   ${operator.operationsUrl}/metrics
gateway   ${operator.gatewayUrl}
log       ${relative(root, operator.logFile)}
token     ${token} (anyone may mint it)

Stop it with: make down`);
