import { afterAll, afterEach, beforeAll } from "vitest";
import { type ClientOptions, KubeClient } from "../../../src/kube/client.ts";
import { loadClusterConfig } from "../../../src/kube/config.ts";
import { namespaces } from "../../../src/kube/core.ts";
import { type Cluster, type ClusterOptions, startCluster } from "../../harness/cluster.ts";

export interface Fixture {
  readonly cluster: Cluster;
  /** The administrator's client. */
  readonly client: KubeClient;
  /** Another client of the same cluster, closed after the test. */
  connect(options?: ClientOptions): Promise<KubeClient>;
  /** A signal that aborts after the test. */
  signal(): AbortSignal;
  /** A fresh namespace. */
  namespace(): Promise<string>;
  /** Run after the test, last first. */
  cleanup(action: () => Promise<void> | void): void;
}

/** A real API server for one test file, and what its tests need again and again. */
export function useCluster(options: ClusterOptions = {}): Fixture {
  let cluster: Cluster | undefined;
  let client: KubeClient | undefined;
  let made = 0;
  const cleanups: (() => Promise<void> | void)[] = [];
  const present = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("the cluster is not up yet: use the fixture inside tests");
    return value;
  };
  const fixture: Fixture = {
    get cluster() {
      return present(cluster);
    },
    get client() {
      return present(client);
    },
    async connect(clientOptions) {
      const other = new KubeClient(
        await loadClusterConfig({ kubeconfig: present(cluster).kubeconfigFile }),
        clientOptions,
      );
      cleanups.push(() => other.close());
      return other;
    },
    signal() {
      const controller = new AbortController();
      cleanups.push(() => controller.abort());
      return controller.signal;
    },
    async namespace() {
      made += 1;
      const name = `test-${made}`;
      const object = { apiVersion: "v1", kind: "Namespace", metadata: { name } } as const;
      await present(client).create(namespaces, object, { fieldManager: "test" });
      return name;
    },
    cleanup: (action) => void cleanups.push(action),
  };
  beforeAll(async () => {
    cluster = await startCluster(options);
    client = new KubeClient(await loadClusterConfig({ kubeconfig: cluster.kubeconfigFile }));
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  afterAll(async () => {
    await client?.close();
    await cluster?.stop();
  });
  return fixture;
}

/** A ConfigMap, the cheapest object there is. */
export function configMap(namespace: string, name: string, data: Record<string, string> = {}) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data } as const;
}
