import { type Clock, sleep } from "../kube/clock.ts";
import type { GatewayBackend } from "./backend.ts";
import type { GatewayLogger } from "./logger.ts";
import { claimedHashes, type IntakeLimits } from "./manifest-intake.ts";
import type { ManifestStore, StoredManifest } from "./manifest-store.ts";

export interface ExpiryParts {
  readonly store: Pick<ManifestStore, "list" | "delete">;
  readonly backend: Pick<GatewayBackend, "leases">;
  readonly limits: IntakeLimits;
  readonly clock: Clock;
  readonly logger: GatewayLogger;
}

/** The manifests that nobody claimed in time. A network whose leases are not known keeps all of its own (law 4). Pure. */
export function expiredManifests(
  stored: Iterable<StoredManifest>,
  backend: Pick<GatewayBackend, "leases">,
  expirySeconds: number,
  now: number,
): readonly StoredManifest[] {
  const old = [...stored].filter((manifest) => manifest.createdAt + expirySeconds * 1000 < now);
  const claims = new Map(
    [...new Set(old.map(({ network }) => network))].map((network) => {
      const leases = backend.leases(network);
      return [network, leases && claimedHashes(leases)] as const;
    }),
  );
  return old.filter(({ network, hash }) => claims.get(network)?.has(hash) === false);
}

/** Deletes expired manifests once, and returns their hashes. */
export async function deleteExpired({ store, backend, limits, clock }: ExpiryParts): Promise<readonly string[]> {
  const stored = await store.list();
  const expired = expiredManifests(stored.values(), backend, limits.expirySeconds, clock.now());
  for (const { hash, uid } of expired) await store.delete(hash, uid);
  return expired.map(({ hash }) => hash);
}

/** Deletes expired manifests every few minutes until the signal aborts. For the leader. Never throws. */
export async function runManifestExpiry(parts: ExpiryParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const hashes = await deleteExpired(parts);
      if (hashes.length > 0) parts.logger.info("deleted manifests that no lease named in time", { hashes });
    } catch (error) {
      parts.logger.warn("cannot look for expired manifests; trying again", { error });
    }
    await sleep(parts.clock, 300_000, signal);
  }
}
