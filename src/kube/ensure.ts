import { hashOf, withHash } from "./applied-hash.ts";
import type { CallOptions, KubeClient } from "./client.ts";
import { isSubset } from "./drift.ts";
import { AlreadyExists } from "./errors.ts";
import { adoptCreated } from "./ownership.ts";
import { type KubeObject, type Resource, refTo } from "./resource.ts";

export interface EnsureOptions extends CallOptions {
  fieldManager: string;
}

export interface Ensured<T> {
  outcome: "created" | "applied" | "unchanged";
  object: T;
}

/**
 * Makes the API server have `desired`: created when the informer knows of none, applied when the fields it names have
 * drifted or are no longer the ones asked for last time, and not written at all when nothing differs.
 * A create costs the server a third less than an apply, so the common case is one POST.
 * @param observed the informer's object, undefined when it has none
 */
export async function ensure<T extends KubeObject>(
  client: KubeClient,
  r: Resource<T>,
  desired: NoInfer<T>,
  observed: NoInfer<T> | undefined,
  o: EnsureOptions,
): Promise<Ensured<T>> {
  const wanted = withHash(desired, o.fieldManager);
  if (observed === undefined) {
    try {
      return { outcome: "created", object: await client.create(r, wanted, o) };
    } catch (error) {
      if (!(error instanceof AlreadyExists)) throw error;
    }
  }
  const current = observed ?? (await client.get(r, refTo(desired), o)); // the informer is behind: often by our own write
  if (isSubset(wanted, current)) return { outcome: "unchanged", object: current };
  if (hashOf(current, o.fieldManager) !== hashOf(wanted, o.fieldManager)) {
    // What is desired has changed: fields that it dropped must go, even those that our first create owns.
    await adoptCreated(client, r, await client.get(r, refTo(current), o), o.fieldManager);
  }
  return { outcome: "applied", object: await client.apply(r, wanted, o) };
}
