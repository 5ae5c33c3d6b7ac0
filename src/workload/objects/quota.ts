import type { ILimitRange } from "kubernetes-models/v1/LimitRange";
import type { IResourceQuota } from "kubernetes-models/v1/ResourceQuota";
import { formatBytes, formatCpuMillis } from "../../api/quantity.ts";
import { type Context, metadata } from "./context.ts";

/** Exactly the leased units, as a backstop: a manifest that passed our checks always fits. */
export function buildQuota(context: Context): IResourceQuota {
  const { total, maxPods, persistentBytes } = context.allowance;
  const isStorageSold = (context.offer.storage?.classes.length ?? 0) > 0;
  const hard = {
    ...requestsAndLimits("cpu", formatCpuMillis(total.cpuMillis)),
    ...requestsAndLimits("memory", formatBytes(total.memoryBytes)),
    ...requestsAndLimits("ephemeral-storage", formatBytes(total.ephemeralStorageBytes)),
    ...acceleratorQuota(context),
    "requests.storage": isStorageSold ? formatBytes(persistentBytes) : "0",
    persistentvolumeclaims: isStorageSold ? "128" : "0",
    pods: String(maxPods),
    "count/deployments.apps": "16",
    "count/jobs.batch": "32", // a changed job stands beside its predecessor until that is removed
    "count/secrets": "32",
    "count/configmaps": "8", // kube-root-ca.crt and what a mesh or CNI adds
    services: "16",
    "services.nodeports": "0",
    "services.loadbalancers": "0",
    "count/ingresses.networking.k8s.io": context.offer.ingress ? "16" : "0",
  };
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: metadata(context, "lease"), spec: { hard } };
}

function requestsAndLimits(name: string, amount: string): Record<string, string> {
  return { [`requests.${name}`]: amount, [`limits.${name}`]: amount };
}

/** Extended resources have request = limit, and quota knows `requests.` only. */
function acceleratorQuota({ shape, allowance }: Context): Record<string, string> {
  if (!shape.accelerator) return {};
  return { [`requests.${shape.accelerator.resource}`]: String(allowance.total.accelerators) };
}

/** No single container, pod or volume above the whole; what names no limit gets all of it, and the quota counts it. */
export function buildLimitRange(context: Context): ILimitRange {
  const { total, persistentBytes } = context.allowance;
  const max = {
    cpu: formatCpuMillis(total.cpuMillis),
    memory: formatBytes(total.memoryBytes),
    "ephemeral-storage": formatBytes(total.ephemeralStorageBytes),
  };
  const limits = [
    { type: "Container", max, default: max, defaultRequest: max },
    { type: "PersistentVolumeClaim", max: { storage: formatBytes(persistentBytes) } },
  ];
  return { apiVersion: "v1", kind: "LimitRange", metadata: metadata(context, "lease"), spec: { limits } };
}
