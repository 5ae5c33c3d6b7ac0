import { eventually } from "../../test/harness/wait.ts";
import { found } from "./found.ts";
import type { Selling } from "./selling.ts";
import { chapter, check, say } from "./show.ts";
import type { Stage } from "./stage.ts";
import { balanceOf, MINTED } from "./token.ts";

const PRICE_PER_HOUR = 5_000_000n; // two units at 2.5, in smallest units

/** The tenant's half of the story: rent, run, be billed, top up, close, and count the money. */
export async function rentAndClose(stage: Stage, selling: Selling): Promise<void> {
  const { shell, token, operator } = selling;
  const key = `--key-file ${stage.folder}/tenant.key`;
  const balance = (account: string): Promise<bigint> => balanceOf(stage, token, account);

  chapter("A tenant looks around and rents two H100s for an hour");
  await shell.show("berthage offers");
  await shell.show("cat examples/web.yaml");
  const rented = await shell.show(
    `berthage rent ${await offerId(selling, "h100")} --units 2 --hours 1 --manifest examples/web.yaml ${key} --yes`,
  );
  const lease = found(rented, /^Lease\s+([0-9]+)/m);
  const [clease, namespace] = [`market-${lease}`, `lease-market-${lease}`];
  const read = (path: string, object = `clease/${clease}`): Promise<string> =>
    shell.ask(`kubectl get ${object} --ignore-not-found -o jsonpath='${path}'`);

  chapter("The lease becomes a hardened pod on the right node");
  await eventually("the lease is in the cluster", async () => (await read("{.metadata.name}")) || undefined);
  await shell.show(`kubectl wait --for=condition=Ready clease/${clease} --timeout=60s`);
  await shell.show("kubectl get clease -o wide");
  await shell.show(`kubectl get pods -n ${namespace} -o wide`);
  await shell.show(`kubectl get deployment,service,networkpolicy,resourcequota -n ${namespace} -o name`);
  const pod = `pod -n ${namespace} -l app.kubernetes.io/name=web`;
  const node = await read("{.items[0].spec.nodeName}", pod);
  const product = await read("{.metadata.labels.nvidia\\.com/gpu\\.product}", `node/${node}`);
  const gpus = await read("{.items[0].spec.containers[0].resources.limits.nvidia\\.com/gpu}", pod);
  check(`the pod runs on ${node}, an H100 node`, product === "NVIDIA-H100-80GB-HBM3", product);
  check("it has exactly the two GPUs that are leased", gpus === "2", gpus);

  chapter("Served seconds are written to the chain");
  say("The first heartbeat lands within seconds, the next after a third of the window: usually 25 s.");
  const billed = async (): Promise<number> => Number(await read("{.status.money.billedSeconds}"));
  await eventually("the first heartbeat lands", async () => ((await billed()) > 0 ? true : undefined));
  await eventually("the next heartbeat lands", async () => ((await billed()) >= 15 ? true : undefined), {
    timeoutSeconds: 60,
  });
  await shell.show(`berthage status ${lease} ${key}`);
  const metrics = await operator.metrics();
  say(`GET ${operator.operationsUrl}/metrics, in part:`);
  console.log(metrics.match(/^berthage_(gpus_leased|billed_seconds_total|earned_tokens_total)\{?.*$/gm)?.join("\n"));
  const leased = found(metrics, /^berthage_gpus_leased\{product="NVIDIA-H100-80GB-HBM3"\} ([0-9]+)/m);
  check("the metrics say that two H100s are leased", leased === "2", leased);

  chapter("The tenant tops up, then closes; the money is counted to the unit");
  await shell.show(`berthage top-up ${lease} --hours 1 ${key} --yes`);
  const paidBefore = await balance(stage.addresses.payout);
  await shell.show(`berthage close ${lease} ${key} --yes`);
  const status = await shell.ask(`berthage status ${lease} ${key} -o json`);
  const billedSeconds = BigInt(found(status, /"billedSeconds": "?([0-9]+)/));
  const paid = (await balance(stage.addresses.payout)) - paidBefore;
  const spent = MINTED - (await balance(stage.addresses.tenant));
  const owed = (PRICE_PER_HOUR * billedSeconds) / 3600n;
  check(
    `${billedSeconds} served seconds cost ${owed} units, and that is what the provider was paid`,
    paid === owed,
    paid,
  );
  check("the tenant has everything else back", spent === owed, spent);
  const left = await balance(selling.market);
  check("nothing is left in the market", left === 0n, left);

  chapter("The cluster is clean again");
  await eventually(
    "the namespace is gone",
    async () => ((await read("{.metadata.name}", `ns/${namespace}`)) === "" ? true : undefined),
    {
      timeoutSeconds: 60,
    },
  );
  await eventually("the lease is gone", async () => ((await read("{.metadata.name}")) === "" ? true : undefined));
  await shell.show("kubectl get namespaces,clease");
  check("no namespace of a lease is left", !(await shell.ask("kubectl get namespaces -o name")).includes("lease-"));
  await eventually("all units are for sale again", async () => {
    const free = await read("{.status.published.capacityUnits}", "coffer/h100");
    return free === "8" ? true : undefined;
  });
  await shell.show("kubectl get coffer");
}

async function offerId({ shell }: Selling, name: string): Promise<string> {
  return (await shell.ask(`kubectl get coffer ${name} -o jsonpath='{.status.offerId}'`)).trim();
}
