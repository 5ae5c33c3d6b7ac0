import { isRecord } from "../src/kube/status-body.ts";
import type { RecordedCall } from "./recording-proxy.ts";

/** A call as a bare client sends it. */
export interface PlannedCall {
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  /** With `uidPlaceholder` where the ComputeLease's uid belongs. */
  readonly body: string;
}

/** What is written for one lease: the calls of a stage go out together, a stage after the one before it has ended. */
export type LeasePlan = readonly (readonly PlannedCall[])[];

export const uidPlaceholder = "{{uid of the ComputeLease}}";

/** Which of the recorded calls are replayed. */
export type Selection =
  /** Every call, events and all. */
  | "calls"
  /** Each object once, as it was created, and the last status: the least that leaves the cluster the same. */
  | "objects";

const leaseName = /\bmarket-([0-9]+)\b/;

/** The recorded writes of each lease, in their order. What concerns no lease is left out. */
export function callsByLease(calls: readonly RecordedCall[]): ReadonlyMap<string, readonly RecordedCall[]> {
  const found = new Map<string, RecordedCall[]>();
  for (const call of [...calls].sort((a, b) => a.startedAt - b.startedAt)) {
    const id = leaseName.exec(`${call.path} ${nameIn(call.body)}`)?.[1];
    if (id !== undefined) found.set(id, [...(found.get(id) ?? []), call]);
  }
  return found;
}

/**
 * The plan that repeats one lease's recorded writes under another lease id. Calls that overlapped when they were recorded go
 * out together. Replayed objects are labelled as managed by somebody else, so that no operator takes them for its own.
 */
export function planReplay(
  recorded: readonly RecordedCall[],
  selection: Selection,
  leaseId: string,
  newLeaseId: string,
): LeasePlan {
  const uid = uidOf(recorded);
  const rename = (text: string): string =>
    text.replaceAll(`market-${leaseId}`, `market-${newLeaseId}`).replaceAll(`"${leaseId}"`, `"${newLeaseId}"`);
  const stages: PlannedCall[][] = [];
  let stageEndsAt = Number.NEGATIVE_INFINITY;
  for (const call of select(recorded, selection)) {
    const { method, contentType } = call;
    const body = rename(call.body)
      .replaceAll(uid, uidPlaceholder)
      .replaceAll('"app.kubernetes.io/managed-by":"berthage"', '"app.kubernetes.io/managed-by":"replayed"');
    const planned = { method, path: rename(call.path), contentType, body };
    if (call.startedAt < stageEndsAt) stages.at(-1)?.push(planned);
    else stages.push([planned]);
    stageEndsAt = Math.max(stageEndsAt, call.endedAt);
  }
  return stages;
}

/** How many objects a lease's writes create, events left out. */
export function countObjects(recorded: readonly RecordedCall[]): number {
  return recorded.filter(createsObject).length;
}

function select(recorded: readonly RecordedCall[], selection: Selection): readonly RecordedCall[] {
  if (selection === "calls") return recorded;
  const lastStatus = recorded.findLast(({ path }) => path.includes("/status?"));
  return recorded.filter((call) => createsObject(call) || call === lastStatus);
}

function createsObject({ method, path, code }: RecordedCall): boolean {
  return method === "POST" && code === 201 && !path.includes("/events?");
}

function uidOf(recorded: readonly RecordedCall[]): string {
  const created = recorded.find(({ method, path }) => method === "POST" && path.includes("/computeleases?"));
  const object: unknown = created === undefined ? undefined : JSON.parse(created.answer);
  const metadata = isRecord(object) ? object["metadata"] : undefined;
  if (isRecord(metadata) && typeof metadata["uid"] === "string") return metadata["uid"];
  throw new Error("no ComputeLease was created among the recorded calls: was the operator already done?");
}

function nameIn(body: string): string {
  const object: unknown = body === "" ? undefined : JSON.parse(body);
  const metadata = isRecord(object) ? object["metadata"] : undefined;
  return isRecord(metadata) ? String(metadata["name"]) : "";
}
