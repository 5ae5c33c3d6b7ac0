import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Instance } from "../instance.ts";
import { run } from "../run.ts";
import { podBridge, podNetwork, sandboxImage } from "./names.ts";
import type { NodePrograms } from "./programs.ts";

/** A containerd with runc, as Kubernetes uses it. */
export interface ContainerRuntime {
  readonly socket: string;
  /** Runs containerd's own client in Kubernetes' namespace. */
  ctr(...args: readonly string[]): Promise<string>;
}

const socket = "/run/containerd/containerd.sock";

/** Starts containerd with its data below `dir`. Works in isolation only: some of its paths are fixed. */
export async function startRuntime(instance: Instance, programs: NodePrograms, dir: string): Promise<ContainerRuntime> {
  const [config, networks] = [join(dir, "containerd.toml"), join(dir, "cni")];
  await mkdir(networks, { recursive: true });
  await writeFile(join(networks, "10-pods.conflist"), JSON.stringify(networkConfig, undefined, 2));
  await writeFile(config, runtimeConfig(join(dir, "containerd"), networks, programs.networkPlugins));
  instance.start({
    name: "containerd",
    command: programs.containerd,
    args: [`--config=${config}`],
    env: programs.env,
  });
  const ctr = (...args: readonly string[]): Promise<string> =>
    run("env", [...assignments(programs.env), programs.ctr, "--namespace=k8s.io", ...args]);
  await instance.ready("containerd", async () => (await ctr("version")) !== "");
  return { socket, ctr };
}

function assignments(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}

function runtimeConfig(data: string, networks: string, plugins: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${data}"
state = "/run/containerd"

[grpc]
  address = "${socket}"

[${cri}]
  sandbox_image = "${sandboxImage}"
  disable_apparmor = true
  # Else runc fails where even root may not lower a score: "can't get final child's PID".
  restrict_oom_score_adj = true

[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[${cri}.cni]
  bin_dir = "${plugins}"
  conf_dir = "${networks}"
`;
}

/** A bridge a node, as the simplest of networks has it; nobody enforces NetworkPolicies on it. */
const networkConfig = {
  cniVersion: "1.0.0",
  name: "pods",
  plugins: [
    {
      type: "bridge",
      bridge: podBridge,
      isGateway: true,
      hairpinMode: true,
      ipam: {
        type: "host-local",
        dataDir: "/run/cni",
        ranges: [[{ subnet: podNetwork }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
  ],
};
