import { isRecord } from "../../../src/chain/hex.ts";

/** What starts an operator, from a Deployment's pod template. */
export interface InstalledDeployment {
  readonly serviceAccount: string;
  /** Arguments of the container `operator`. */
  readonly flags: readonly string[];
  /** The whole template as text; another means new pods. */
  readonly template: string;
}

/** Reads a Deployment. @throws when it has no container `operator` with arguments */
export function deploymentOf(deployment: unknown): InstalledDeployment {
  const template = at(at(deployment, "spec"), "template");
  const spec = at(template, "spec");
  const containers = at(spec, "containers");
  const operator = Array.isArray(containers) ? containers.find((one) => at(one, "name") === "operator") : undefined;
  const flags = at(operator, "args");
  if (!Array.isArray(flags)) throw new Error("the Deployment has no container `operator` with arguments");
  return {
    serviceAccount: String(at(spec, "serviceAccountName")),
    flags: flags.map(String),
    template: JSON.stringify(template),
  };
}

function at(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}
