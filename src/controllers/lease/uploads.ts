import { manifestHashesOf } from "../../api/manifest-hashes.ts";
import type { ComputeLease } from "../../api/types.gen.ts";
import type { KubeClient } from "../../kube/client.ts";
import { configMaps } from "../../kube/core.ts";
import { refTo } from "../../kube/resource.ts";
import { byManifest, type Informers } from "../informers.ts";
import type { Ledger, Ledgers } from "../network/ledger.ts";
import type { Manifests } from "./manifests.ts";
import { entriesOf } from "./succession.ts";

export interface UploadSources {
  readonly informers: Pick<Informers, "leases">;
  readonly ledgers: Ledgers;
  readonly manifests: Pick<Manifests, "upload">;
}

/** Uploads that only a lease that has ended for good has named. Left there, they would count among the few that a tenant may have unused. */
export function endedUploads(sources: UploadSources, lease: ComputeLease, ledger: Ledger): readonly string[] {
  return manifestHashesOf(lease).filter((hash) => !isNeeded(sources, hash, lease, ledger));
}

/** Uploads that a lease has run before, once it is final that it names another and that one runs. */
export function replacedUploads(sources: UploadSources, lease: ComputeLease, ledger: Ledger): readonly string[] {
  const { manifest, replacedManifests: replaced = [] } = lease.status ?? {};
  const running = manifest?.hash;
  if (replaced.length === 0) return [];
  const { head, final } = entriesOf(lease, ledger);
  if (head?.manifestHash !== running || final?.manifestHash !== running) return [];
  return replaced.filter((hash) => !isNeeded(sources, hash, lease, ledger));
}

/** Deletes uploads; those that are gone already are no matter. */
export async function deleteUploads(
  { client, manifests }: Pick<UploadSources, "manifests"> & { readonly client: KubeClient },
  hashes: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const hash of hashes) {
    const upload = manifests.upload(hash);
    if (upload === undefined) continue;
    const { uid } = upload.metadata ?? {};
    await client.delete(configMaps, refTo(upload), { ...(uid === undefined ? {} : { uid }), signal });
  }
}

/** Whether another lease names it: one on the ledger, which may have no ComputeLease yet, or one here that may come back. */
function isNeeded({ informers, ledgers }: UploadSources, hash: string, lease: ComputeLease, ledger: Ledger): boolean {
  const entries = [...(ledger.head?.leases.values() ?? [])];
  const { leaseId } = lease.spec;
  if (entries.some((one) => one.id !== leaseId && one.state === "Active" && one.manifestHash === hash)) return true;
  const others = informers.leases.store.byIndex(byManifest, hash);
  return others.some((other) => other.metadata.name !== lease.metadata.name && !hasEndedForGood(other, ledgers));
}

function hasEndedForGood({ spec }: ComputeLease, ledgers: Ledgers): boolean {
  return ledgers.get(spec.networkRef.name)?.final?.leases.get(spec.leaseId)?.state === "Closed";
}
