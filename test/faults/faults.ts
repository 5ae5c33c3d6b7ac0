import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Chain } from "../harness/chain.ts";
import type { Cluster } from "../harness/cluster.ts";
import { proxyKubeconfig } from "../harness/credentials.ts";
import { kubeCall } from "./kube-call.ts";
import { expiredEvent } from "./kube-faults.ts";
import { type FaultProxy, startFaultProxy } from "./proxy.ts";
import { type LineFault, type WatchEvent, watchFilter } from "./watch-filter.ts";

/** Fault proxies between an operator and everything that it talks to. */
export interface Faults {
  /** Before the API server. */
  readonly api: FaultProxy;
  /** What befalls the events of watches; nothing until set. */
  watches: (event: WatchEvent) => LineFault;
  /** Before each endpoint of the chain: all of them lead to one node. */
  readonly chain: readonly FaultProxy[];
  /** For an operator that is to go through the proxy, with the token that it was made for. */
  readonly kubeconfigFile: string;
  /** Everything passes again. */
  clear(): void;
  stop(): Promise<void>;
}

/** @param kubeconfig with the token that the operator is to use */
export async function startFaults(
  cluster: Cluster,
  chain: Chain,
  kubeconfig: string,
  endpoints: number,
): Promise<Faults> {
  const pass = (): LineFault => "Pass";
  const api = await startFaultProxy({
    target: cluster.url,
    ca: await readFile(cluster.caFile, "utf8"),
    stream: (call) =>
      kubeCall(call)?.verb === "watch"
        ? watchFilter({ fault: (event) => faults.watches(event), expiredEvent })
        : undefined,
  });
  const proxies = await Promise.all(Array.from({ length: endpoints }, () => startFaultProxy({ target: chain.url })));
  const kubeconfigFile = join(cluster.dir, "kubeconfig-through-faults");
  await writeFile(kubeconfigFile, proxyKubeconfig(api.url, await tokenIn(kubeconfig)));
  const faults: Faults = {
    api,
    watches: pass,
    chain: proxies,
    kubeconfigFile,
    clear() {
      faults.watches = pass;
      for (const proxy of [api, ...proxies]) {
        proxy.rule = () => undefined;
        proxy.restore();
      }
    },
    async stop() {
      await Promise.all([api, ...proxies].map((proxy) => proxy.stop()));
    },
  };
  return faults;
}

async function tokenIn(kubeconfig: string): Promise<string> {
  const token = /token"?: "?([\w.-]+)/.exec(await readFile(kubeconfig, "utf8"))?.[1];
  if (token === undefined) throw new Error(`${kubeconfig} holds no token`);
  return token;
}
