import type { CallOptions, KubeClient } from "./client.ts";
import { type KubeObject, type Resource, refTo } from "./resource.ts";

export interface FinalizerOptions extends CallOptions {
  fieldManager: string;
}

/**
 * Adds a finalizer; no call when it is there or the object is being deleted (the server would refuse).
 * @returns the object as it is now
 * @throws Conflict when the object changed since it was read
 */
export async function addFinalizer<T extends KubeObject>(
  client: KubeClient,
  r: Resource<T>,
  object: T,
  finalizer: string,
  o: FinalizerOptions,
): Promise<T> {
  const finalizers = object.metadata?.finalizers ?? [];
  if (finalizers.includes(finalizer) || object.metadata?.deletionTimestamp !== undefined) return object;
  return patch(client, r, object, [...finalizers, finalizer], o);
}

/**
 * Removes a finalizer; no call when it is not there.
 * @returns the object as it is now; the server deletes it when that was the last finalizer of a deleted object
 * @throws Conflict when the object changed since it was read, NotFound when it is gone
 */
export async function removeFinalizer<T extends KubeObject>(
  client: KubeClient,
  r: Resource<T>,
  object: T,
  finalizer: string,
  o: FinalizerOptions,
): Promise<T> {
  const finalizers = object.metadata?.finalizers ?? [];
  if (!finalizers.includes(finalizer)) return object;
  return patch(
    client,
    r,
    object,
    finalizers.filter((name) => name !== finalizer),
    o,
  );
}

/** A merge patch replaces the whole list: the preconditions keep other people's finalizers and namesakes safe. */
function patch<T extends KubeObject>(
  client: KubeClient,
  r: Resource<T>,
  object: T,
  finalizers: readonly string[],
  o: FinalizerOptions,
): Promise<T> {
  const { resourceVersion, uid } = object.metadata ?? {};
  return client.mergePatch(r, refTo(object), { metadata: { resourceVersion, uid, finalizers } }, o);
}
