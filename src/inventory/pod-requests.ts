import type { IContainer } from "kubernetes-models/v1/Container";
import type { IContainerStatus } from "kubernetes-models/v1/ContainerStatus";
import type { IPod } from "kubernetes-models/v1/Pod";
import { addTo, largest, parseResources, type ResourceList, type Resources } from "./resources.ts";

type PodBody = Pick<IPod, "spec" | "status">;

/**
 * What the scheduler counts a pod at, without its slot on the node. Same rules as `PodRequests` of
 * k8s.io/component-helpers 1.36: sidecars (KEP-753), pod-level resources (KEP-2837), in-place resize (KEP-1287),
 * overhead (KEP-688).
 */
export function podRequests(pod: PodBody): Resources {
  const total = largest(containersTogether(pod), initContainersPeak(pod));
  for (const [name, amount] of podLevelRequests(pod)) total.set(name, amount);
  addTo(total, parseResources(pod.spec?.overhead));
  return total;
}

/** Sum over containers and sidecars, which run side by side. */
function containersTogether(pod: PodBody): Resources {
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const total = new Map<string, bigint>();
  for (const container of containers) addTo(total, containerRequests(container, pod));
  for (const container of initContainers.filter(isSidecar)) addTo(total, containerRequests(container, pod));
  return total;
}

/** The most that is held while the init containers run one after the other beside the sidecars started before them. */
function initContainersPeak(pod: PodBody): Resources {
  const sidecars = new Map<string, bigint>();
  let peak: Resources = new Map();
  for (const container of pod.spec?.initContainers ?? []) {
    if (isSidecar(container)) {
      addTo(sidecars, containerRequests(container, pod));
      peak = largest(peak, sidecars);
    } else {
      const running = new Map(sidecars);
      addTo(running, parseResources(container.resources?.requests));
      peak = largest(peak, running);
    }
  }
  return peak;
}

function isSidecar(container: IContainer): boolean {
  return container.restartPolicy === "Always";
}

function containerRequests(container: IContainer, pod: PodBody): Resources {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const named = ({ name }: IContainerStatus) => name === container.name;
  const status = containerStatuses.find(named) ?? initContainerStatuses.find(named);
  const asked = container.resources?.requests;
  if (status?.resources === undefined) return parseResources(asked);
  return duringResize(pod, asked, status.resources.requests, status.allocatedResources);
}

/** Pod-level requests replace the sum of the containers', for the resources that may be set there. */
function podLevelRequests(pod: PodBody): Resources {
  const asked = podLevelOnly(pod.spec?.resources?.requests);
  if (Object.keys(asked).length === 0) return new Map();
  const { resources, allocatedResources } = pod.status ?? {};
  if (resources === undefined) return parseResources(asked);
  const held = duringResize(pod, asked, resources.requests, allocatedResources);
  return new Map(Object.keys(asked).map((name) => [name, held.get(name) ?? 0n]));
}

function podLevelOnly(list: ResourceList = {}): ResourceList {
  const allowed = (name: string) => name === "cpu" || name === "memory" || name.startsWith("hugepages-");
  return Object.fromEntries(Object.entries(list).filter(([name]) => allowed(name)));
}

/** While a resize is under way the node holds the largest of all; one that can never happen is not counted. */
function duringResize(
  pod: PodBody,
  asked: ResourceList | undefined,
  actuated: ResourceList | undefined,
  allocated: ResourceList | undefined,
): Resources {
  const pending = pod.status?.conditions?.find(({ type }) => type === "PodResizePending");
  const held = [parseResources(actuated), parseResources(allocated)];
  return pending?.reason === "Infeasible" ? largest(...held) : largest(parseResources(asked), ...held);
}
