import type { IPod } from "kubernetes-models/v1/Pod";
import type { KubeClient } from "../../../kube/client.ts";
import { type Clock, sleep } from "../../../kube/clock.ts";
import { namespaces, networkPolicies, pods, serviceAccounts } from "../../../kube/core.ts";
import {
  clientProgress,
  linkLocalAddresses,
  observationOf,
  type PodProgress,
  podAddresses,
  serverProgress,
} from "./pod-result.ts";
import { clientName, clientPod, denyPolicy, probeNamespace, serverName, serverPod } from "./probe-objects.ts";
import { type ProbeTask, serverPort } from "./probe-scripts.ts";
import { judge, type Observation, type Target, targetsUnder, type Verdict } from "./verdict.ts";

export interface ProbeSettings {
  readonly kube: KubeClient;
  readonly clock: Clock;
  /** Name of the namespace to make, use and remove. */
  readonly namespace: string;
  /** An image with `node` (20 or later) on its PATH: the operator's own has one. */
  readonly image: string;
  /** Where to probe; absent: on whichever node the scheduler chooses. */
  readonly node: string | undefined;
  readonly signal: AbortSignal;
}

/** The cloud's metadata service, which hands out the node's credentials to whoever reaches it. */
const metadataService: Target = { host: "169.254.169.254", port: 80, kind: "metadata" };
/** For pulling the image and for starting. */
const START_SECONDS = 120;
/** For a policy to come into force, or a fresh pod's network to be up. */
const SETTLE_SECONDS = 15;
const POLL_MILLISECONDS = 250;
const by = { fieldManager: "berthage-preflight" };

/**
 * Whether the cluster enforces NetworkPolicy, tried out: pods in a namespace of their own reach each other without a
 * policy and must not with one, out of the one and into the other. The namespace is removed in the end, whatever happened.
 * @throws what the API server says, and ProbeFailed when the pods did not run
 */
export async function probeIsolation(settings: ProbeSettings): Promise<Verdict> {
  const { kube, namespace, signal } = settings;
  await kube.create(namespaces, probeNamespace(namespace), { ...by, signal });
  try {
    return judge(await observe(settings));
  } finally {
    await kube.delete(namespaces, { name: namespace }); // not with the signal: an interrupted probe cleans up too
  }
}

/** The probe's pods did not get to run; whether policies are enforced is as unknown as before. */
export class ProbeFailed extends Error {
  override readonly name = "ProbeFailed";
}

async function observe(settings: ProbeSettings): Promise<Parameters<typeof judge>[0]> {
  const { kube, namespace, image, node, signal } = settings;
  await serviceAccount(settings);
  await kube.create(pods, serverPod({ namespace, name: serverName, image, node }), { ...by, signal });
  const server = await settled(settings, serverName, serverProgress);
  const where = server.spec?.nodeName ?? node;
  const on = { ...settings, node: where };
  const open = await runClient(on, clientName("Open"), targetsOf(server), "open");
  const deniedEgress = await underPolicy(on, "Egress", open);
  const deniedIngress = await underPolicy(on, "Ingress", open);
  return { node: where ?? "of an unknown name", open, deniedEgress, deniedIngress };
}

function targetsOf(server: IPod): readonly Target[] {
  const target = (kind: "pod" | "linkLocal") => (host: string) => ({ host, port: serverPort, kind });
  return [
    ...podAddresses(server).map(target("pod")),
    ...linkLocalAddresses(server).map(target("linkLocal")),
    metadataService,
  ];
}

async function underPolicy(
  settings: ProbeSettings,
  direction: "Egress" | "Ingress",
  open: Observation,
): Promise<Observation> {
  const { kube, namespace, signal } = settings;
  const targets = targetsUnder(direction, open);
  if (targets.length === 0) return new Map();
  await kube.apply(networkPolicies, denyPolicy(namespace, direction), { ...by, signal });
  return await runClient(settings, clientName(direction), targets, "closed");
}

async function runClient(
  settings: ProbeSettings,
  name: string,
  targets: readonly Target[],
  awaited: "open" | "closed",
): Promise<Observation> {
  const { kube, namespace, image, node, signal } = settings;
  const task: ProbeTask = {
    seconds: SETTLE_SECONDS,
    targets: targets.map(({ host, port, kind }) => {
      // Only pod addresses are sure to be reached without a policy; nothing is to be reached with one.
      const isAwaited = awaited === "closed" || kind === "pod";
      return { host, port, isServer: kind !== "metadata", ...(isAwaited ? { awaited } : {}) };
    }),
  };
  await kube.create(pods, clientPod({ namespace, name, image, node }, task), { ...by, signal });
  return observationOf(await settled(settings, name, clientProgress), targets);
}

/** The pod once it is what it should become. @throws ProbeFailed when it does not in time, or cannot */
async function settled(
  { kube, clock, namespace, signal }: ProbeSettings,
  name: string,
  progressOf: (pod: IPod) => PodProgress,
): Promise<IPod> {
  const end = clock.monotonic() + START_SECONDS * 1000;
  for (;;) {
    const pod = await kube.get(pods, { namespace, name }, { signal });
    const progress = progressOf(pod);
    if (progress.kind === "ready") return pod;
    const where = `pod ${namespace}/${name}`;
    if (progress.kind === "broken") throw new ProbeFailed(`${where} cannot run: ${progress.why}`);
    if (clock.monotonic() > end) throw new ProbeFailed(`${where} did not run in ${START_SECONDS} s: ${progress.why}`);
    await pause(clock, signal);
  }
}

/** Pods are refused in a namespace until it has its default ServiceAccount, which comes a moment after it. */
async function serviceAccount({ kube, clock, namespace, signal }: ProbeSettings): Promise<void> {
  const end = clock.monotonic() + SETTLE_SECONDS * 1000;
  while ((await kube.find(serviceAccounts, { namespace, name: "default" }, { signal })) === undefined) {
    if (clock.monotonic() > end) {
      throw new ProbeFailed(`namespace ${namespace} got no default ServiceAccount in ${SETTLE_SECONDS} s`);
    }
    await pause(clock, signal);
  }
}

async function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  await sleep(clock, POLL_MILLISECONDS, signal);
  signal.throwIfAborted();
}
