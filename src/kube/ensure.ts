import { withHash } from "./applied-hash.ts";
import type { CallOptions, KubeClient } from "./client.ts";
import { isSubset } from "./drift.ts";
import { AlreadyExists } from "./errors.ts";
import { adoptCreated } from "./ownership.ts";
import type { KubeObject, Resource } from "./resource.ts";

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
  if (observed !== undefined && isSubset(wanted, observed)) return { outcome: "unchanged", object: observed };
  if (observed === undefined) {
    try {
      return { outcome: "created", object: await client.create(r, wanted, o) };
    } catch (error) {
      if (!(error instanceof AlreadyExists)) throw error; // the informer is behind: apply
    }
  }
  const applied = await client.apply(r, wanted, o);
  const adopted = await adoptCreated(client, r, applied, o.fieldManager);
  return { outcome: "applied", object: adopted ? await client.apply(r, wanted, o) : applied };
}
