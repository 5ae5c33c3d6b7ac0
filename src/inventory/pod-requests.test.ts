import type { IPod } from "kubernetes-models/v1/Pod";
import { expect, test } from "vitest";
import { podRequests } from "./pod-requests.ts";

type PodSpec = NonNullable<IPod["spec"]>;
type PodStatus = NonNullable<IPod["status"]>;
type Requests = Record<string, string | number>;

const main = (requests: Requests, name = "main") => ({ name, resources: { requests } });
const sidecar = (requests: Requests, name = "sidecar") => ({
  ...main(requests, name),
  restartPolicy: "Always" as const,
});

function counted(spec: PodSpec, status: PodStatus = {}): Record<string, bigint> {
  return Object.fromEntries(podRequests({ spec, status }));
}

test.each<[string, PodSpec, Record<string, bigint>]>([
  ["no requests at all", { containers: [{ name: "main" }] }, {}],
  [
    "containers add up",
    { containers: [main({ cpu: "500m", "nvidia.com/gpu": "1" }, "a"), main({ cpu: "1", memory: "1Ki" }, "b")] },
    { cpu: 1500n, memory: 1024n, "nvidia.com/gpu": 1n },
  ],
  [
    "an init container counts only where it needs more than all containers",
    { initContainers: [main({ cpu: "3", memory: "1" }, "init")], containers: [main({ cpu: "1", memory: "10" })] },
    { cpu: 3000n, memory: 10n },
  ],
  [
    "init containers run one after the other: the largest counts",
    { initContainers: [main({ cpu: "2" }, "x"), main({ cpu: "3" }, "y")], containers: [main({ cpu: "1" })] },
    { cpu: 3000n },
  ],
  [
    "sidecars run beside the containers",
    { initContainers: [sidecar({ cpu: "2" })], containers: [main({ cpu: "1" })] },
    { cpu: 3000n },
  ],
  [
    "an init container runs beside the sidecars started before it",
    { initContainers: [sidecar({ cpu: "2" }), main({ cpu: "4" }, "init")], containers: [main({ cpu: "1" })] },
    { cpu: 6000n },
  ],
  [
    "and not beside those started after it",
    { initContainers: [main({ cpu: "4" }, "init"), sidecar({ cpu: "2" })], containers: [main({ cpu: "1" })] },
    { cpu: 4000n },
  ],
  [
    "pod-level requests replace the containers', for cpu, memory and huge pages only",
    {
      resources: { requests: { cpu: "5", "hugepages-2Mi": "2Mi", "nvidia.com/gpu": "7" } },
      containers: [main({ cpu: "1", memory: "10", "nvidia.com/gpu": "1" })],
    },
    { cpu: 5000n, memory: 10n, "hugepages-2Mi": 2097152n, "nvidia.com/gpu": 1n },
  ],
  [
    "a sandbox's overhead comes on top of everything",
    {
      overhead: { cpu: "250m", memory: "100" },
      resources: { requests: { memory: "50" } },
      initContainers: [main({ cpu: "3" }, "init")],
      containers: [main({ cpu: "1" })],
    },
    { cpu: 3250n, memory: 150n },
  ],
])("%s", (_, spec, expected) => {
  expect(counted(spec)).toEqual(expected);
});

const resizing = (cpu: string, allocated: string): PodStatus => ({
  containerStatuses: [
    {
      name: "main",
      image: "i",
      imageID: "i",
      ready: true,
      restartCount: 0,
      resources: { requests: { cpu } },
      allocatedResources: { cpu: allocated },
    },
  ],
});

test("during an in-place resize the most of asked, allocated and actual counts", () => {
  const spec = { containers: [main({ cpu: "2" })] };
  expect(counted(spec, resizing("1", "1"))).toEqual({ cpu: 2000n });
  expect(counted(spec, resizing("3", "1"))).toEqual({ cpu: 3000n });
  expect(counted(spec, resizing("1", "4"))).toEqual({ cpu: 4000n });
});

test("a resize that can never happen is not counted, one that waits is", () => {
  const spec = { containers: [main({ cpu: "64" })] };
  const pending = (reason: string) => ({
    ...resizing("1", "2"),
    conditions: [{ type: "PodResizePending", status: "True" as const, reason }],
  });
  expect(counted(spec, pending("Infeasible"))).toEqual({ cpu: 2000n });
  expect(counted(spec, pending("Deferred"))).toEqual({ cpu: 64000n });
});

test("a sidecar is resized in place too, an init container that ran is not", () => {
  const [main] = resizing("9", "9").containerStatuses ?? [];
  const initContainerStatuses = main ? [{ ...main, name: "early" }] : [];
  const early = { name: "early", resources: { requests: { cpu: "1" } } };
  const containers = [{ name: "main" }];
  expect(
    counted({ initContainers: [{ ...early, restartPolicy: "Always" }], containers }, { initContainerStatuses }),
  ).toEqual({ cpu: 9000n });
  expect(counted({ initContainers: [early], containers }, { initContainerStatuses })).toEqual({ cpu: 1000n });
});

test("pod-level requests are resized in place, for the resources asked at that level", () => {
  const spec = { resources: { requests: { cpu: "2" } }, containers: [main({ memory: "10" })] };
  const status = { resources: { requests: { cpu: "3", memory: "99" } }, allocatedResources: { cpu: "1" } };
  expect(counted(spec, status)).toEqual({ cpu: 3000n, memory: 10n });
});
