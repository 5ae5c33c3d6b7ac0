import { startChain } from "../../harness/chain.ts";
import { startCluster } from "../../harness/cluster.ts";
import { recordProcesses } from "../../harness/recorded.ts";

// Run by lifetime.test.ts as a process of its own: starts a cluster and a chain, prints where they are, and then stays (`attached`)
// or ends (`detached STATE_FILE DIR`).
const [mode, stateFile, dir] = process.argv.slice(2);
if (mode === "attached") {
  const [cluster, chain] = await Promise.all([startCluster(), startChain()]);
  console.log(JSON.stringify([cluster.dir, chain.dir]));
  setInterval(() => undefined, 60_000);
} else {
  const [cluster, chain] = await Promise.all([
    startCluster({ detached: true, dir: `${dir}/cluster` }),
    startChain({ detached: true, dir: `${dir}/chain` }),
  ]);
  await recordProcesses(`${stateFile}`, [...cluster.processes(), ...chain.processes()]);
  console.log(JSON.stringify([cluster.url, chain.url]));
}
