import { finalizers, leaseNamespace } from "../../api/names.ts";
import type { ComputeLease } from "../../api/types.gen.ts";
import type { KubeClient } from "../../kube/client.ts";
import { namespaces } from "../../kube/core.ts";
import { removeFinalizer } from "../../kube/finalizers.ts";
import { refTo } from "../../kube/resource.ts";
import type { Informers } from "../informers.ts";
import { computeLeases } from "../resources.ts";
import type { Manifests } from "./manifests.ts";
import { deleteUploads } from "./uploads.ts";

export interface TeardownParts {
  readonly client: KubeClient;
  readonly informers: Informers;
  readonly manifests: Pick<Manifests, "upload">;
}

/**
 * Removes what is left of a lease that has ended for good: the namespace with all in it, and once that is gone the uploads
 * that it alone has used and the ComputeLease. The lease stays until then, so that a namespace stuck in deletion is seen.
 */
export async function teardown(
  parts: TeardownParts,
  lease: ComputeLease,
  uploads: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { client, informers } = parts;
  const namespace = leaseNamespace(lease.spec.networkRef.name, lease.spec.leaseId);
  const existing = informers.namespaces.store.get(namespace);
  if (existing !== undefined) {
    if (existing.metadata?.deletionTimestamp !== undefined) return;
    const uid = existing.metadata?.uid;
    return client.delete(namespaces, { name: namespace }, { ...(uid === undefined ? {} : { uid }), signal });
  }
  await deleteUploads(parts, uploads, signal);
  const options = { fieldManager: "berthage", signal };
  const released = await removeFinalizer(client, computeLeases, lease, finalizers.lease, options);
  if (released.metadata.deletionTimestamp !== undefined) return;
  const { uid } = lease.metadata;
  await client.delete(computeLeases, refTo(lease), { ...(uid === undefined ? {} : { uid }), signal });
}
