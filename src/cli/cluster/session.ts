import { KubeClient } from "../../kube/client.ts";
import { type ClusterConfig, loadClusterConfig } from "../../kube/config.ts";
import { noMetrics } from "../../kube/metrics.ts";
import { Transport } from "../../kube/transport.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import type { Flags } from "../flags.ts";

const CONNECTIONS = 8;

export interface ClusterSession {
  readonly server: string;
  readonly kube: KubeClient;
  /** For what is no stored object: versions and access reviews. */
  readonly transport: Transport;
}

/** Runs `work` with the cluster of `--kubeconfig` and `--context`. */
export async function withCluster<T>(
  flags: Flags,
  { clock }: Context,
  work: (session: ClusterSession) => Promise<T>,
): Promise<T> {
  const config = await loadConfig(flags);
  const kube = new KubeClient(config, { connections: CONNECTIONS, userAgent: "berthage-cli", clock });
  const transport = new Transport(config, {
    connections: CONNECTIONS,
    userAgent: "berthage-cli",
    metrics: noMetrics,
    clock,
  });
  try {
    return await work({ server: config.server, kube, transport });
  } finally {
    await Promise.all([kube.close(), transport.close()]);
  }
}

async function loadConfig(flags: Flags): Promise<ClusterConfig> {
  const [kubeconfig, context] = [flags.text("kubeconfig"), flags.text("context")];
  try {
    return await loadClusterConfig({
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new Failure(what, "name a kubeconfig with --kubeconfig, or set KUBECONFIG", { cause: error });
  }
}
