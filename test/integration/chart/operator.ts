import { objectOf, type Rendered } from "./chart.ts";

interface Variable {
  readonly name: string;
  readonly value?: string;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env?: readonly Variable[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: unknown;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly securityContext: unknown;
  readonly terminationGracePeriodSeconds: number;
  readonly topologySpreadConstraints?: readonly { readonly labelSelector: unknown }[];
  readonly volumes: readonly { readonly name: string }[];
}

interface DeploymentSpec {
  readonly replicas: number;
  readonly template: { readonly metadata: { readonly labels: Record<string, string> }; readonly spec: PodSpec };
}

export function deploymentSpec(objects: readonly Rendered[]): DeploymentSpec {
  const spec: unknown = objectOf(objects, "Deployment").spec;
  if (!isDeploymentSpec(spec)) throw new Error("the Deployment has no pod template");
  return spec;
}

function isDeploymentSpec(spec: unknown): spec is DeploymentSpec {
  return typeof spec === "object" && spec !== null && "template" in spec;
}

export function podSpec(objects: readonly Rendered[]): PodSpec {
  return deploymentSpec(objects).template.spec;
}

/** The operator's container. */
export function operatorOf(objects: readonly Rendered[]): Container {
  const container = podSpec(objects).containers.find(({ name }) => name === "operator");
  if (container === undefined) throw new Error("the Deployment has no container operator");
  return container;
}
