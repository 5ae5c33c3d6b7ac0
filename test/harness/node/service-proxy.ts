import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Program } from "../processes.ts";
import { podNetwork } from "./names.ts";

export interface ServiceProxySettings {
  readonly command: string;
  readonly node: string;
  readonly address: string;
  readonly kubeconfigFile: string;
  /** Has nft on its PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly dir: string;
}

/** Writes a kube-proxy's configuration, and says how to run it. It makes Services reachable from pods and from the node. */
export async function serviceProxy(settings: ServiceProxySettings): Promise<Program> {
  const config = join(settings.dir, "kube-proxy.yaml");
  await writeFile(config, stringify(configuration(settings)));
  return { name: "kube-proxy", command: settings.command, args: [`--config=${config}`], env: settings.env };
}

/** Where kube-proxy says whether it has written its rules. */
export function serviceProxyHealthUrl(address: string): string {
  return `http://${address}:10256/healthz`;
}

function configuration({ node, address, kubeconfigFile }: ServiceProxySettings): object {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    hostnameOverride: node,
    bindAddress: address,
    healthzBindAddress: `${address}:10256`,
    metricsBindAddress: `${address}:10249`,
    clusterCIDR: podNetwork,
    clientConnection: { kubeconfig: kubeconfigFile },
    // The whole machine's, and no namespace may set them.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  };
}
