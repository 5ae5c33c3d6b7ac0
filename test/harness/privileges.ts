import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findHelm } from "../../tools/helm/helm.ts";
import type { Cluster } from "./cluster.ts";
import { adminName, writeKubeconfig } from "./credentials.ts";
import { run } from "./run.ts";
import { operatorNamespace } from "./world-objects.ts";

const chart = fileURLToPath(new URL("../../charts/berthage", import.meta.url));
const release = "berthage";

/** The operator's ServiceAccount in a release named `berthage`, and what the API server calls it. */
export const operatorAccount = release;
export const operatorUser = `system:serviceaccount:${operatorNamespace}:${operatorAccount}`;

/** How the operator is told of its rights; in a release the chart gives it the same flags. */
export const privilegeFlags = [`--lease-cluster-role=${release}-lease`, `--service-account=${operatorAccount}`];

/** The longest that any test runs, with room to spare. */
const TOKEN_LIFETIME = "4h";

/** The operator's ServiceAccount, roles and bindings as the chart renders them, as YAML. `values` are `--set` arguments. */
export function renderRoles(values: readonly string[] = []): Promise<string> {
  return render(["templates/serviceaccount.yaml", "templates/rbac/*.yaml"], values);
}

/** The chart's admission policies with their bindings, as YAML. */
export function renderPolicies(values: readonly string[] = []): Promise<string> {
  return render(["templates/admission/*.yaml"], values);
}

async function render(templates: readonly string[], values: readonly string[]): Promise<string> {
  const show = templates.flatMap((template) => ["--show-only", template]);
  const set = values.flatMap((value) => ["--set", value]);
  return run(await findHelm(), ["template", release, chart, "--namespace", operatorNamespace, ...show, ...set]);
}

export interface Privileges {
  /** A kubeconfig that holds a token of the operator's ServiceAccount. */
  readonly kubeconfigFile: string;
  readonly token: string;
}

/**
 * Gives the operator in a cluster what a release would give it, and no more: ServiceAccount, roles and admission policies.
 * @param values `--set` arguments; by default the administrator, as which tests act with kubectl, may do in lease namespaces
 * what a release allows nobody
 */
export async function installPrivileges(
  cluster: Cluster,
  values: readonly string[] = [`admissionPolicies.allowedUsers={${adminName}}`],
): Promise<Privileges> {
  const [roles, policies] = await Promise.all([renderRoles(values), renderPolicies(values)]);
  const namespace = JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: operatorNamespace } });
  await cluster.kubectl(["apply", "--server-side", "-f", "-"], [namespace, roles, policies].join("\n---\n"));
  const token = await cluster.kubectl([
    "create",
    "token",
    operatorAccount,
    `--namespace=${operatorNamespace}`,
    `--duration=${TOKEN_LIFETIME}`,
  ]);
  const kubeconfigFile = join(cluster.dir, "kubeconfig-operator");
  await writeKubeconfig(kubeconfigFile, cluster.url, cluster.caFile, token.trim());
  return { kubeconfigFile, token: token.trim() };
}
