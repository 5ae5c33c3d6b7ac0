import { Backoff, type Random } from "./backoff.ts";
import type { Access, KubeClient } from "./client.ts";
import { type Clock, sleep } from "./clock.ts";

export interface AccessWait {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

/**
 * Waits until the API server's authorizer lets the client's own user do something. It reads roles and bindings from a cache
 * that trails their writes by milliseconds: what is asked right after a binding was written may be refused. Of several API
 * servers only the one that answers is known to have caught up; whoever is refused by another tries again.
 * @throws when that is still refused after `timeoutSeconds`, or the signal's reason when it aborts
 */
export async function awaitAccess(client: Pick<KubeClient, "isAllowed">, access: Access, o: AccessWait): Promise<void> {
  const { clock, random, timeoutSeconds, signal } = o;
  const backoff = new Backoff(0.01, 0.5, random);
  const deadline = clock.monotonic() + timeoutSeconds * 1000;
  while (!(await client.isAllowed(access, signal === undefined ? {} : { signal }))) {
    if (clock.monotonic() >= deadline) throw new Error(refusal(access, timeoutSeconds));
    await sleep(clock, backoff.nextSeconds() * 1000, signal);
    signal?.throwIfAborted();
  }
}

function refusal({ verb, resource, namespace }: Access, timeoutSeconds: number): string {
  const { plural } = resource;
  return `this user may not ${verb} ${plural} in namespace ${namespace}, ${timeoutSeconds} s after it was granted: look at the RoleBindings there, and at the ClusterRole that they name`;
}
