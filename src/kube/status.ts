import type { CallOptions, KubeClient } from "./client.ts";
import { isSubset } from "./drift.ts";
import { Conflict, operation } from "./errors.ts";
import { type KubeObject, type Resource, refTo } from "./resource.ts";
import { isRecord } from "./status-body.ts";

export interface StatusOptions extends CallOptions {
  fieldManager: string;
}

/**
 * Applies this manager's part of an object's status: one call, or none when the object already has it. Give all the
 * fields and conditions that the manager owns each time; a top-level field given as `undefined` is one that it owns and
 * wants gone. Write the status once a pass, at its end.
 * @returns the object as it is now
 * @throws NotFound when the object is gone, Conflict when a namesake (other UID) took its place
 */
export async function applyStatus<T extends KubeObject>(
  client: KubeClient,
  r: Resource<T>,
  object: T,
  status: object,
  o: StatusOptions,
): Promise<T> {
  if (isSubset(status, statusOf(object)) && !leavesAny(status, statusOf(object))) return object;
  const { name, namespace, uid } = object.metadata ?? {};
  const metadata = {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
  const applied = await client.apply(r, { metadata, status }, { ...o, subresource: "status" });
  // For custom resources the server does not compare the uid of a status write.
  if (uid !== undefined && applied.metadata?.uid !== uid) throw namesake(r, object);
  return applied;
}

/** What was read is gone and another object has its name: whatever was decided was decided for the one before. */
function namesake(r: Resource<KubeObject>, object: KubeObject): Conflict {
  const message = "it was deleted and made anew since it was read";
  return new Conflict(operation("apply", r, refTo(object)), { status: 409, reason: "Conflict", message, causes: [] });
}

function statusOf(object: KubeObject): Record<string, unknown> {
  const status = "status" in object ? object.status : undefined;
  return isRecord(status) ? status : {};
}

function leavesAny(status: object, observed: Record<string, unknown>): boolean {
  return Object.entries(status).some(([name, value]) => value === undefined && observed[name] !== undefined);
}
