import { awaitAccess } from "../../kube/access.ts";
import { hashAnnotation, withHash } from "../../kube/applied-hash.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { Clock } from "../../kube/clock.ts";
import { namespaces, resourceQuotas, roleBindings } from "../../kube/core.ts";
import { type Ensured, ensure } from "../../kube/ensure.ts";
import { apiVersionOf, type KubeObject, keyOf, type Resource, refTo } from "../../kube/resource.ts";
import type { LeaseObjects } from "../../workload/objects/build.ts";
import { programLabel } from "../../workload/objects/context.ts";
import { byLease, type Informers, writableKinds } from "../informers.ts";

const fieldManager = "berthage";
/** How long the API server may take to know of a RoleBinding; it takes milliseconds. */
const ACCESS_SECONDS = 10;

/** What of a lease's wanted objects already stands in the cluster, by the caches. */
export interface ObservedObjects {
  readonly missing: { readonly isolation: number; readonly workload: number };
  /** Objects of the lease that nothing asks for any more. */
  readonly surplus: readonly { readonly kind: Resource<KubeObject>; readonly object: KubeObject }[];
  readonly isNamespaceTerminating: boolean;
}

/** Compares wanted objects with the caches. No I/O. */
export function observeObjects(informers: Informers, lease: string, wanted: LeaseObjects): ObservedObjects {
  const isWanted = new Set([...wanted.isolation, ...wanted.workload].map(identity));
  const namespace = informers.namespaces.store.get(wanted.namespace.metadata?.name ?? "");
  const count = (objects: readonly KubeObject[]): number =>
    objects.filter((object) => observedTwin(informers, object) === undefined && isCached(informers, object)).length;
  // Without a manifest nothing is known to be surplus: what runs, runs (law 1).
  const kinds = wanted.workload.length === 0 ? [] : informers.owned;
  const surplus = kinds.flatMap((informer) =>
    informer.store
      .byIndex(byLease, lease)
      .map((object) => ({ kind: informer.resource, object }))
      .filter(({ kind, object }) => !isWanted.has(identity({ ...object, kind: kind.kind })))
      .filter(({ object }) => object.metadata?.deletionTimestamp === undefined),
  );
  return {
    missing: {
      isolation: count(wanted.isolation) + (namespace === undefined ? 1 : 0),
      workload: count(wanted.workload),
    },
    surplus,
    isNamespaceTerminating: namespace?.metadata?.deletionTimestamp !== undefined,
  };
}

export interface WriteDependencies {
  readonly client: KubeClient;
  readonly informers: Informers;
  readonly clock: Clock;
}

/**
 * Makes the cluster hold the wanted objects: the namespace, the right to write in it, what isolates it, then what runs in
 * it, so that nothing ever runs unfenced. Writes only what is missing or has drifted (laws 5, 9).
 */
export async function writeObjects(
  { client, informers, clock }: WriteDependencies,
  wanted: LeaseObjects,
  surplus: ObservedObjects["surplus"],
  signal: AbortSignal,
): Promise<void> {
  const options = { fieldManager, signal };
  const name = wanted.namespace.metadata?.name ?? "";
  await ensure(client, namespaces, wanted.namespace, informers.namespaces.store.get(name), options);
  for (const binding of wanted.isolation.filter(isRoleBinding)) {
    const { outcome } = await writeOne(client, informers, binding, options);
    if (outcome === "unchanged") continue;
    const access = { verb: "create", resource: resourceQuotas, namespace: name };
    await awaitAccess(client, access, { clock, random: Math.random, timeoutSeconds: ACCESS_SECONDS, signal });
  }
  const write = async (objects: readonly KubeObject[]): Promise<void> => {
    const written = objects.map((object) => writeOne(client, informers, object, options));
    for (const outcome of await Promise.allSettled(written)) if (outcome.status === "rejected") throw outcome.reason;
  };
  await write(wanted.isolation.filter((object) => !isRoleBinding(object)));
  await write(
    wanted.workload.filter((object) => isCached(informers, object) || isSecretDue(informers, object, wanted)),
  );
  for (const { kind, object } of surplus) {
    const uid = object.metadata?.uid;
    await client.delete(kind, refTo(object), {
      ...(uid === undefined ? {} : { uid }),
      propagationPolicy: "Background",
      signal,
    });
  }
}

async function writeOne(
  client: KubeClient,
  informers: Informers,
  object: KubeObject,
  options: { fieldManager: string; signal: AbortSignal },
): Promise<Ensured<KubeObject>> {
  const kind = kindOf(object);
  const observed = isCached(informers, object) ? observedTwin(informers, object) : undefined;
  return ensure(client, kind, object, observed, options);
}

function isRoleBinding({ kind }: KubeObject): boolean {
  return kind === roleBindings.kind;
}

/**
 * The operator may not list Secrets, so it can't see whether one is there. Its program's template carries the hash of the
 * manifest that the Secret was made from: while that stands as wanted, so does the Secret.
 */
function isSecretDue(informers: Informers, secret: KubeObject, { workload }: LeaseObjects): boolean {
  const program = secret.metadata?.labels?.[programLabel];
  const annotation = hashAnnotation(fieldManager);
  const siblings = workload.filter((o) => isCached(informers, o) && o.metadata?.labels?.[programLabel] === program);
  return siblings.some((object) => {
    const wantedHash = withHash<KubeObject>(object, fieldManager).metadata?.annotations?.[annotation];
    return observedTwin(informers, object)?.metadata?.annotations?.[annotation] !== wantedHash;
  });
}

function kindOf(object: KubeObject): Resource<KubeObject> {
  const kind = writableKinds.find((r) => r.kind === object.kind && apiVersionOf(r) === object.apiVersion);
  if (kind === undefined)
    throw new Error(`no resource is known for ${object.apiVersion} ${object.kind} ${keyOf(object)}`);
  return kind;
}

function observedTwin(informers: Informers, object: KubeObject): KubeObject | undefined {
  return informers.owned.find(({ resource }) => resource.kind === object.kind)?.store.get(keyOf(object));
}

function isCached(informers: Informers, object: KubeObject): boolean {
  return informers.owned.some(({ resource }) => resource.kind === object.kind);
}

function identity(object: KubeObject): string {
  return `${object.kind} ${keyOf(object)}`;
}
