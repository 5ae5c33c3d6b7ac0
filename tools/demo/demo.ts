import { rm } from "node:fs/promises";
import { join } from "node:path";
import { rentAndClose } from "./renting.ts";
import { startSelling } from "./selling.ts";
import { chapter, say } from "./show.ts";
import { root, setStage } from "./stage.ts";

// The whole story on a real control plane and a real EVM node, told by the real tools. Exits non-zero if a fact is not so.
chapter("A Kubernetes control plane and an EVM node come up");
say("etcd, kube-apiserver, controller-manager, scheduler, kwok nodes and anvil; usually 5 s.");
const dir = join(root, ".berthage/demo");
await rm(dir, { recursive: true, force: true });
const stage = await setStage({ dir, detached: false });
try {
  await stage.shell.show("kubectl get nodes -L nvidia.com/gpu.product,nvidia.com/gpu.count");
  const selling = await startSelling(stage);
  await rentAndClose(stage, selling);
  await selling.operator.running.stop();
  chapter("Done. `make dev` keeps such a world running for you");
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  console.error(`The operator's log is ${join(dir, "operator/operator.log")}.`);
  process.exitCode = 1;
} finally {
  await stage.stop();
}
