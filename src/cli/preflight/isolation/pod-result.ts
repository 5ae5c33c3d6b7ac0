import type { IPod } from "kubernetes-models/v1/Pod";
import { isRecord } from "../../../chain/hex.ts";
import type { Observation, Target } from "./verdict.ts";

/** What a pod has come to, as far as the probe cares. */
export type PodProgress =
  | { readonly kind: "pending"; readonly why: string }
  /** It will never do what it is for. */
  | { readonly kind: "broken"; readonly why: string }
  | { readonly kind: "ready" };

type ContainerStatuses = NonNullable<NonNullable<IPod["status"]>["containerStatuses"]>;

/** Waiting reasons that do not mend themselves within a probe's time. */
const hopeless = new Set([
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "CreateContainerConfigError",
  "RunContainerError",
]);

/** A server is ready once it runs and its addresses are known. */
export function serverProgress(pod: IPod): PodProgress {
  const broken = brokenness(pod);
  if (broken !== undefined) return broken;
  const isRunning = pod.status?.containerStatuses?.some(({ state }) => state?.running !== undefined) === true;
  return isRunning && podAddresses(pod).length > 0 ? { kind: "ready" } : { kind: "pending", why: waitingFor(pod) };
}

/** A client is ready once it has ended and left a result. */
export function clientProgress(pod: IPod): PodProgress {
  if (messageOf(pod.status?.containerStatuses) !== undefined) return { kind: "ready" };
  return brokenness(pod) ?? { kind: "pending", why: waitingFor(pod) };
}

/** The addresses by which others know the pod, IPv4 and IPv6. */
export function podAddresses({ status }: IPod): readonly string[] {
  return (status?.podIPs ?? []).flatMap(({ ip }) => (ip === undefined || ip === "" ? [] : [ip]));
}

/** Its IPv6 link-local addresses, which policies of IPv4 alone forget. Empty when it did not say. */
export function linkLocalAddresses({ status }: IPod): readonly string[] {
  const addresses = resultOf(messageOf(status?.initContainerStatuses))["addresses"];
  if (!Array.isArray(addresses)) return [];
  return addresses.filter((address): address is string => typeof address === "string" && /^fe80:/i.test(address));
}

/** What a client reached. @throws when it left something else than one answer for each target */
export function observationOf(pod: IPod, targets: readonly Target[]): Observation {
  const text = messageOf(pod.status?.containerStatuses);
  const open = resultOf(text)["open"];
  if (!Array.isArray(open) || open.length !== targets.length) {
    throw new Error(
      `the probe's client left no result but ${JSON.stringify(text)}; does its image have a current node?`,
    );
  }
  return new Map(targets.map((target, index) => [target, open[index] === true]));
}

function brokenness({ status }: IPod): PodProgress | undefined {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const { name, state } of all) {
    const { waiting, terminated } = state ?? {};
    if (waiting?.reason !== undefined && hopeless.has(waiting.reason)) {
      return { kind: "broken", why: `container ${name}: ${waiting.message ?? waiting.reason}` };
    }
    if (terminated !== undefined && terminated.exitCode !== 0) {
      return { kind: "broken", why: `container ${name} ended with code ${terminated.exitCode} (${terminated.reason})` };
    }
  }
  if (status?.phase !== "Failed") return undefined;
  return { kind: "broken", why: status.message ?? status.reason ?? "the pod failed" };
}

function waitingFor({ status }: IPod): string {
  const unscheduled = status?.conditions?.find(({ type, status: is }) => type === "PodScheduled" && is === "False");
  if (unscheduled !== undefined) return unscheduled.message ?? "it is not scheduled";
  const waiting = status?.containerStatuses?.map(({ state }) => state?.waiting).find((one) => one !== undefined);
  return waiting?.message ?? waiting?.reason ?? `it is ${status?.phase ?? "not seen by its node"}`;
}

function messageOf(statuses: ContainerStatuses | undefined): string | undefined {
  const [message] = (statuses ?? []).flatMap(({ state }) => state?.terminated?.message ?? []);
  return message;
}

function resultOf(message: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(message ?? "");
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
