import { type Clock, systemClock } from "./clock.ts";
import { inClusterConfig } from "./config-in-cluster.ts";
import { kubeconfigConfig } from "./config-kubeconfig.ts";

/** What TLS needs. The same object is returned until a value changes, so identity tells "unchanged". */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface Credentials {
  /** `Authorization`, and impersonation where a kubeconfig asks for it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

/** How to reach and authenticate to one API server. */
export interface ClusterConfig {
  /** `https://host:port`, perhaps with a path prefix, without a trailing slash. */
  readonly server: string;
  /** The namespace of the service account or context; `default` when none is given. */
  readonly namespace: string;
  /** Current credentials; cheap, re-read as they rotate. */
  credentials(): Promise<Credentials>;
  /** Forgets what is cached: the server just refused it. */
  refresh(): void;
}

export interface LoadOptions {
  /** Path of a kubeconfig; wins over the in-cluster files. */
  kubeconfig?: string;
  /** Context of the kubeconfig; its current context when not given. */
  context?: string;
  /** Where a pod finds `token`, `ca.crt` and `namespace`. */
  serviceAccountDir?: string;
  environment?: Readonly<Record<string, string | undefined>>;
  clock?: Clock;
}

const SERVICE_ACCOUNT_DIR = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The cluster to work with: the given kubeconfig, else the pod's service account, else the default kubeconfig
 * (`KUBECONFIG`, `~/.kube/config`).
 * @throws when none of them is usable, saying which file or setting is at fault
 */
export async function loadClusterConfig(options: LoadOptions = {}): Promise<ClusterConfig> {
  const { kubeconfig, context, environment = process.env, clock = systemClock } = options;
  if (kubeconfig === undefined && context === undefined) {
    const inCluster = await inClusterConfig(options.serviceAccountDir ?? SERVICE_ACCOUNT_DIR, environment, clock);
    if (inCluster !== undefined) return inCluster;
  }
  return kubeconfigConfig(kubeconfig, context, clock);
}
