import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Cluster } from "../../harness/cluster.ts";
import { writeKubeconfig } from "../../harness/credentials.ts";
import { type OperatorProcess, startOperator } from "../../harness/operator.ts";
import { deploymentOf, type InstalledDeployment } from "./deployment.ts";

export interface InstalledOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Name of the chart's Deployment. */
  readonly name: string;
  readonly dir: string;
  readonly ports: OperatorProcess["ports"];
}

/** The operator of an installed chart. */
export interface InstalledOperator {
  /** Ends it, and the watch over its Deployment. @throws what kept it from starting, if something did */
  stop(): Promise<void>;
}

const LOOK_MILLISECONDS = 500;

/**
 * Does for the chart's Deployment what a kubelet does, because kwok's pods have no containers: starts the operator with
 * the flags of the pod template and a token of its ServiceAccount, anew when the template changes or the process ends, and
 * stops it with the Deployment. One process stands for all replicas.
 */
export function followDeployment(options: InstalledOptions): InstalledOperator {
  const { cluster, namespace, name } = options;
  const end = new AbortController();
  let running: { operator: OperatorProcess; template: string } | undefined;
  let failure: unknown;

  const look = async (): Promise<void> => {
    const json = await cluster.kubectl([
      "get",
      "deployment",
      name,
      "-n",
      namespace,
      "--ignore-not-found",
      "-o",
      "json",
    ]);
    const wanted = json === "" ? undefined : deploymentOf(JSON.parse(json));
    if (running !== undefined && running.template !== wanted?.template) await running.operator.running.stop(20);
    if (running?.operator.running.hasExited()) running = undefined;
    if (wanted === undefined || running !== undefined) return;
    running = { operator: await start(wanted, options), template: wanted.template };
  };
  const watching = (async () => {
    while (!end.signal.aborted) {
      failure = await look().then(
        () => undefined,
        (error: unknown) => error,
      );
      await delay(LOOK_MILLISECONDS, undefined, { signal: end.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop(): Promise<void> {
      end.abort();
      await watching;
      await running?.operator.running.stop();
      if (failure !== undefined) throw new Error("the installed operator did not start", { cause: failure });
    },
  };
}

async function start(
  { serviceAccount, flags }: InstalledDeployment,
  { cluster, namespace, dir, ports }: InstalledOptions,
): Promise<OperatorProcess> {
  const token = (await cluster.kubectl(["create", "token", serviceAccount, "-n", namespace])).trim();
  const kubeconfigFile = join(cluster.dir, "kubeconfig-installed");
  await writeKubeconfig(kubeconfigFile, cluster.url, cluster.caFile, token);
  const theirs = flags.filter((flag) => !/^--(namespace|operations-listen|gateway-listen)=/.test(flag));
  return startOperator({ kubeconfigFile, dir, namespace, ports, flags: theirs });
}
