import { businessDefinitions } from "./business-metrics.ts";
import { chainDefinitions } from "./chain-metrics.ts";
import { clusterDefinitions } from "./cluster-metrics.ts";
import { conditionDefinitions } from "./condition-metrics.ts";
import { controllerDefinitions } from "./controller-metrics.ts";
import type { Definition } from "./instruments.ts";
import { processDefinitions } from "./process-metrics.ts";
import { serviceDefinitions } from "./service-metrics.ts";

/** Every metric of Berthage's own, by family, in the order in which the documentation lists them. */
export const families: Readonly<Record<string, readonly Definition[]>> = {
  Business: Object.values(businessDefinitions),
  Service: Object.values(serviceDefinitions),
  Conditions: Object.values(conditionDefinitions),
  Chain: Object.values(chainDefinitions),
  Controllers: Object.values(controllerDefinitions),
  Cluster: Object.values(clusterDefinitions),
  Process: Object.values(processDefinitions),
};
