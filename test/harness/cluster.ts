import { join } from "node:path";
import { findComponents } from "../../tools/controlplane/components.ts";
import type { ComponentName } from "../../tools/controlplane/recipe.ts";
import * as component from "./components.ts";
import { loopback } from "./components.ts";
import { startControllers } from "./controllers.ts";
import {
  adminName,
  type Credentials,
  tokenOf,
  type User,
  writeAuditPolicy,
  writeCredentials,
  writeKubeconfig,
} from "./credentials.ts";
import { compactEtcd } from "./etcd.ts";
import { createInstance, type Instance, type InstanceOptions } from "./instance.ts";
import { freePorts } from "./ports.ts";
import { answersOk } from "./probe.ts";
import type { Running } from "./processes.ts";
import { run } from "./run.ts";

export interface ClusterOptions extends InstanceOptions {
  /** Runs kube-controller-manager: ServiceAccounts, quota status, garbage collection, namespace deletion. Default false. */
  readonly controllers?: boolean;
  /** Runs kube-scheduler. Default false. */
  readonly scheduler?: boolean;
  /** Runs kwok for nodes annotated `kwok.x-k8s.io/node: fake`. Default false. */
  readonly kwok?: boolean;
  /** Logs every request, or those of the users named, at level Metadata into `auditLogFile`. Default false. */
  readonly auditLog?: boolean | readonly string[];
  /** Switches of the API server, such as `WatchList=false`. */
  readonly featureGates?: readonly string[];
  /** Users besides the administrator; their tokens are in `tokens`. They may do what RBAC grants them. */
  readonly users?: readonly User[];
  /**
   * Files or folders applied before the controllers start. Put CRDs here: garbage collector and quota look for new kinds only every 30 s.
   */
  readonly manifests?: readonly string[];
  /** Where the API server listens, and reaches the kubelets of real nodes from. Default 127.0.0.1, which no pod reaches. */
  readonly address?: string;
}

export interface Cluster {
  /** https://ADDRESS:PORT */
  readonly url: string;
  /** The administrator's bearer token (group system:masters). */
  readonly token: string;
  /** Bearer tokens by user name. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly caFile: string;
  /** The administrator's. */
  readonly kubeconfigFile: string;
  /** Scratch directory with logs, certificates and data; `stop` removes it. */
  readonly dir: string;
  readonly auditLogFile: string | undefined;
  /** What runs now; a detached cluster's caller records it. */
  processes(): readonly Running[];
  /** What every program has written to its log last. */
  logTails(lines: number): Promise<string>;
  /** Runs the real kubectl as administrator; throws with its stderr. `input` goes to its stdin (`-f -`). */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Writes a kubeconfig for one of the `users` and returns its path. */
  kubeconfigFor(user: string): Promise<string>;
  /**
   * Compacts etcd at its current revision. Continue tokens from before then expire (410) when the API server hears of it (about 10 s);
   * watches from before only after a restart of the API server, because its watch cache still holds their events.
   */
  compact(): Promise<void>;
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  /** @throws when a program had ended by itself */
  stop(): Promise<void>;
}

/**
 * Starts a real control plane on free loopback ports and waits until it serves. It ends with `stop`, or with this process, however that ends
 * (unless `detached`). Throws with the tail of the log of the part that failed.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const programs = await findComponents(neededComponents(options));
  const [instance, ports] = await Promise.all([createInstance("cluster", options), freePorts(6)]);
  const [etcdPort = 0, etcdPeerPort = 0, apiPort = 0, controllerManagerPort = 0, schedulerPort = 0, kwokPort = 0] =
    ports;
  const { dir } = instance;
  const address = options.address ?? loopback;
  const layout = {
    programs,
    dir,
    address,
    etcdPort,
    etcdPeerPort,
    apiPort,
    controllerManagerPort,
    schedulerPort,
    kwokPort,
  };
  try {
    return await boot(options, instance, layout);
  } catch (error) {
    await instance.stop().catch(() => undefined); // the error says why it failed
    throw error;
  }
}

function neededComponents(options: ClusterOptions): ComponentName[] {
  const needed: ComponentName[] = ["etcd", "kube-apiserver", "kubectl"];
  if (options.controllers) needed.push("kube-controller-manager");
  if (options.scheduler) needed.push("kube-scheduler");
  if (options.kwok) needed.push("kwok", "kwok-stages");
  return needed;
}

async function boot(options: ClusterOptions, instance: Instance, layout: component.Layout): Promise<Cluster> {
  const { dir } = instance;
  instance.start(component.etcd(layout));
  const { users = [], auditLog = false, featureGates = [] } = options;
  const credentials = await writeCredentials(dir, [...users, ...Object.values(component.componentUsers)]);
  const auditPolicyFile =
    auditLog === false ? undefined : await writeAuditPolicy(dir, auditLog === true ? [] : auditLog);
  const apiServer = component.apiServer(layout, { ...credentials, auditPolicyFile, featureGates });
  instance.start(apiServer);

  const cluster = describe(instance, layout, credentials);
  await writeKubeconfig(cluster.kubeconfigFile, cluster.url, cluster.caFile, cluster.token);
  const serving = (): Promise<void> =>
    instance.ready(apiServer.name, () => answersOk(`${cluster.url}/readyz`, cluster.caFile, cluster.token));
  await serving();
  for (const manifest of options.manifests ?? []) await cluster.kubectl(["apply", "--server-side", "-f", manifest]);
  await startControllers(options, instance, layout, credentials);
  return {
    ...cluster,
    auditLogFile: auditLog === false ? undefined : component.auditLogFile(layout),
    stopApiServer: async (): Promise<void> => instance.part(apiServer.name)?.stop(),
    async startApiServer(): Promise<void> {
      if (instance.part(apiServer.name)?.hasExited()) instance.start(apiServer);
      await serving();
    },
  };
}

/** Everything of a cluster that follows from where it is and who may enter. */
function describe(
  instance: Instance,
  layout: component.Layout,
  { tokens }: Credentials,
): Omit<Cluster, "auditLogFile" | "stopApiServer" | "startApiServer"> {
  const { dir } = instance;
  const url = component.apiServerUrl(layout);
  const caFile = component.certificateFile(layout);
  const kubeconfigFile = component.kubeconfigFile(layout);
  // A cache of its own: discovery that kubectl cached in the home folder may be of an earlier cluster on the same port.
  const base = [`--kubeconfig=${kubeconfigFile}`, `--cache-dir=${join(dir, "kubectl")}`];
  return {
    url,
    token: tokenOf(tokens, adminName),
    tokens,
    caFile,
    kubeconfigFile,
    dir,
    processes: () => instance.processes(),
    logTails: (lines) => instance.logTails(lines),
    kubectl: (args, input) => run(join(layout.programs, "kubectl"), [...base, ...args], input),
    async kubeconfigFor(user): Promise<string> {
      const file = join(dir, `kubeconfig-${user.replaceAll(/[^\w.-]/g, "-")}`);
      await writeKubeconfig(file, url, caFile, tokenOf(tokens, user));
      return file;
    },
    compact: () => compactEtcd(component.etcdUrl(layout)),
    stop: () => instance.stop(),
  };
}
