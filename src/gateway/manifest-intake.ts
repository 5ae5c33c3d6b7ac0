import { manifestHashesOf } from "../api/manifest-hashes.ts";
import type { ComputeLease } from "../api/types.gen.ts";
import type { StoredManifest } from "./manifest-store.ts";
import { accepted, type Checked, refused } from "./refusal.ts";

/** How much is kept for leases that do not exist yet. */
export interface IntakeLimits {
  /** Unclaimed manifests of one tenant, and as many again for each of its leases: one that was replaced before it ran is one. */
  readonly perTenant: number;
  /** Unclaimed manifests of all tenants without a lease together. */
  readonly newcomers: number;
  /** Unclaimed manifests are deleted when they are so old. */
  readonly expirySeconds: number;
}

export const defaultIntakeLimits: IntakeLimits = { perTenant: 8, newcomers: 256, expirySeconds: 3600 };

export interface IntakeInput {
  readonly hash: string;
  readonly tenant: string;
  readonly stored: ReadonlyMap<string, StoredManifest>;
  /** Of the network. */
  readonly leases: readonly ComputeLease[];
  readonly limits: IntakeLimits;
}

/**
 * Whether an upload may be stored. What a lease names always may: strangers who fill the room for newcomers cannot keep
 * a paying tenant from starting. Pure.
 */
export function checkIntake({ hash, tenant, stored, leases, limits }: IntakeInput): Checked<"store" | "present"> {
  if (stored.has(hash)) return accepted("present");
  const claims = claimedHashes(leases);
  if (claims.has(hash)) return accepted("store");
  const unclaimed = [...stored.values()].filter((manifest) => !claims.has(manifest.hash));
  const hint = `Open a lease with this hash first, or wait: unused uploads are deleted after ${limits.expirySeconds} seconds.`;
  const owners = leases.map((lease) => lease.spec.tenant.toLowerCase());
  const allowed = limits.perTenant * (1 + owners.filter((owner) => owner === tenant).length);
  if (unclaimed.filter((manifest) => manifest.tenant === tenant).length >= allowed)
    return refused(429, "TooManyManifests", `${allowed} uploads of yours wait for a lease already`, hint);
  const tenants = new Set(owners);
  const isNewcomer = !tenants.has(tenant);
  if (isNewcomer && unclaimed.filter((manifest) => !tenants.has(manifest.tenant)).length >= limits.newcomers)
    return refused(503, "ManifestStoreFull", "no room for more uploads of tenants without a lease", hint);
  return accepted("store");
}

/** Hashes that a lease asks for, runs or may run again, whoever uploaded them. */
export function claimedHashes(leases: readonly ComputeLease[]): ReadonlySet<string> {
  return new Set(leases.flatMap(manifestHashesOf).map((hash) => hash.toLowerCase()));
}

/** What happens to an uploaded manifest, in words for the tenant. */
export function nextStep(hash: string, tenant: string, leases: readonly ComputeLease[], limits: IntakeLimits): string {
  const naming = leases.filter(
    (lease) => lease.spec.manifestHash === hash && lease.spec.tenant.toLowerCase() === tenant,
  );
  if (naming.length > 0) {
    const ids = naming.map((lease) => lease.spec.leaseId).join(", ");
    return `Lease ${ids} names this manifest: the provider opens and runs it now. Watch the lease's status.`;
  }
  return `No lease names this manifest yet: open one with this hash, or set it on a lease, within ${limits.expirySeconds} seconds.`;
}
