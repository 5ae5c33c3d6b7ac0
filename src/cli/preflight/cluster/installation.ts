import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IIngress } from "kubernetes-models/networking.k8s.io/v1/Ingress";
import type { KubeClient } from "../../../kube/client.ts";
import { deployments, ingresses } from "../../../kube/core.ts";
import { type Finding, ok, warn } from "../finding.ts";

/** What the chart puts on all that it makes. */
export const chartSelector = "app.kubernetes.io/part-of=berthage";
const OPERATOR_CONTAINER = "operator";
const LEASE_ROLE_FLAG = /^--lease-cluster-role=(.+)$/;

/** The chart's release in a namespace, as far as it stands. */
export interface Installation {
  readonly namespace: string;
  readonly operator: Operator | undefined;
  /** Where tenants reach the gateway, by the chart's Ingress. */
  readonly gatewayUrl: string | undefined;
}

export interface Operator {
  readonly image: string;
  readonly serviceAccount: string;
  /** What it binds to itself in each lease's namespace; undefined when its flags do not say. */
  readonly leaseClusterRole: string | undefined;
  readonly replicas: number;
  readonly readyReplicas: number;
}

export async function findInstallation(kube: KubeClient, namespace: string): Promise<Installation> {
  const selection = { namespace, labelSelector: chartSelector };
  const [found, routes] = await Promise.all([kube.list(deployments, selection), kube.list(ingresses, selection)]);
  return installationOf(namespace, found.items, routes.items);
}

/** Reads an installation from the chart's objects. Pure. */
export function installationOf(
  namespace: string,
  found: readonly Pick<IDeployment, "spec" | "status">[],
  routes: readonly Pick<IIngress, "spec">[],
): Installation {
  const [operator] = found.flatMap(({ spec, status }): Operator[] => {
    const pod = spec?.template.spec;
    const { image, args = [] } = pod?.containers.find(({ name }) => name === OPERATOR_CONTAINER) ?? {};
    if (image === undefined) return [];
    const [leaseClusterRole] = args.flatMap((arg) => LEASE_ROLE_FLAG.exec(arg)?.[1] ?? []);
    const { readyReplicas = 0 } = status ?? {};
    const { serviceAccountName = "default" } = pod ?? {};
    return [
      { image, serviceAccount: serviceAccountName, leaseClusterRole, replicas: spec?.replicas ?? 1, readyReplicas },
    ];
  });
  const [gatewayUrl] = routes.flatMap(({ spec }) => {
    const host = spec?.rules?.[0]?.host;
    if (host === undefined || host === "") return [];
    return [`${(spec?.tls ?? []).length > 0 ? "https" : "http"}://${host}`];
  });
  return { namespace, operator, gatewayUrl };
}

export function operatorFinding({ namespace, operator }: Installation): Finding {
  const check = "Operator";
  if (operator === undefined) {
    const fix = `install it: \`helm install berthage … --namespace ${namespace}\`, or say where it is with --namespace`;
    return warn(check, `none is installed in namespace ${namespace}`, fix);
  }
  const { image, replicas, readyReplicas } = operator;
  const detail = `${readyReplicas} of ${replicas} replicas of ${image} are ready`;
  if (readyReplicas > 0) return ok(check, detail);
  return warn(check, detail, `kubectl describe pods --namespace ${namespace} --selector ${chartSelector}`);
}
