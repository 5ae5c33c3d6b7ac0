import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { FittedManifest } from "../manifest/fit.ts";
import { isPersistent } from "../manifest/manifest.ts";
import { type Context, metadata, programLabel } from "./context.ts";
import { buildPodTemplate } from "./pod.ts";

type FittedService = FittedManifest["services"][number];

type Strategy = NonNullable<NonNullable<IDeployment["spec"]>["strategy"]>;

export function buildDeployment(context: Context, service: FittedService): IDeployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(context, service.name, service.name),
    spec: {
      replicas: context.suspended ? 0 : service.replicas,
      revisionHistoryLimit: 0,
      strategy: strategyOf(service),
      selector: { matchLabels: { [programLabel]: service.name } },
      template: buildPodTemplate(context, service, "Always"),
    },
  };
}

/** The lease is full: a surge pod would wait for ever for devices, quota or a volume that the old one holds. */
function strategyOf(service: FittedService): Strategy {
  if (service.replicas === 1 || service.volumes.some(isPersistent)) return { type: "Recreate" };
  return { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
}
