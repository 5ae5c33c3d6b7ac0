import { chartFolder } from "../../../tools/chart/chart.ts";
import { findHelm } from "../../../tools/helm/helm.ts";
import type { Cluster } from "../../harness/cluster.ts";
import { run } from "../../harness/run.ts";
import { namespace, release, type Values } from "./chart.ts";

/** A release of the chart in a cluster, by the real helm. Each command throws with helm's words where it fails. */
export interface Release {
  /** Both resolve to what helm prints. */
  install(values: Values, ...flags: readonly string[]): Promise<string>;
  upgrade(values: Values): Promise<string>;
  rollback(revision: number): Promise<string>;
  uninstall(): Promise<string>;
  /** The hooks of the last revision, as YAML. */
  hooks(): Promise<string>;
}

export function releaseIn(cluster: Cluster): Release {
  const helm = async (args: readonly string[], values?: Values): Promise<string> => {
    const base = [`--kubeconfig=${cluster.kubeconfigFile}`, `--namespace=${namespace}`];
    const input = values === undefined ? [] : ["--values=-"];
    return run(await findHelm(), [...args, ...base, ...input], values === undefined ? "" : JSON.stringify(values));
  };
  return {
    install: (values, ...flags) => helm(["install", release, chartFolder, "--create-namespace", ...flags], values),
    upgrade: (values) => helm(["upgrade", release, chartFolder], values),
    rollback: (revision) => helm(["rollback", release, String(revision)]),
    uninstall: () => helm(["uninstall", release]),
    hooks: () => helm(["get", "hooks", release]),
  };
}
