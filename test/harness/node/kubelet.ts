import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Taint } from "../nodes.ts";
import type { Program } from "../processes.ts";
import type { Isolation } from "./isolation.ts";
import { kubeletFolder } from "./names.ts";

export interface KubeletSettings {
  readonly command: string;
  readonly node: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly kubeconfigFile: string;
  readonly runtimeSocket: string;
  readonly env: Readonly<Record<string, string>>;
  /** Its configuration and certificates. */
  readonly dir: string;
  readonly isolation: Isolation;
}

/** Writes a kubelet's configuration, and says how to run it. */
export async function kubelet(settings: KubeletSettings): Promise<Program> {
  const { dir, isolation, labels } = settings;
  await mkdir(kubeletFolder, { recursive: true });
  const config = join(dir, "kubelet.yaml");
  await writeFile(config, stringify(configuration(settings)));
  const args = [
    `--config=${config}`,
    `--kubeconfig=${settings.kubeconfigFile}`,
    `--hostname-override=${settings.node}`,
    `--node-ip=${isolation.address}`,
    `--node-labels=${Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(",")}`,
    `--root-dir=${kubeletFolder}`,
    `--cert-dir=${join(dir, "kubelet")}`,
  ];
  return { name: "kubelet", command: settings.command, args, env: settings.env };
}

function configuration({ isolation, runtimeSocket, taints }: KubeletSettings): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: isolation.address,
    containerRuntimeEndpoint: `unix://${runtimeSocket}`,
    registerWithTaints: taints,
    // The API server of the harness has no certificate to show; nobody but the isolated can reach this port.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    cgroupDriver: "cgroupfs",
    cgroupRoot: isolation.cgroup,
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    makeIPTablesUtilChains: false,
    // A test waits for facts, and one of them is what the node says of itself.
    nodeStatusUpdateFrequency: "1s",
    // A full disk of the developer is not the test's matter.
    evictionHard: { "nodefs.available": "0%", "nodefs.inodesFree": "0%", "imagefs.available": "0%" },
    imageGCHighThresholdPercent: 100,
    shutdownGracePeriod: "0s",
  };
}
