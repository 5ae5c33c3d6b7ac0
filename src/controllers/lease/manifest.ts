import type { FittedManifest } from "../../workload/manifest/fit.ts";

const NO_MANIFEST = `0x${"0".repeat(64)}`;

/** What became of one sealed manifest. The tenant's own part throughout: none of these stops accrual. */
export type ManifestState =
  | { readonly kind: "accepted"; readonly hash: string; readonly manifest: FittedManifest }
  | { readonly kind: "missing"; readonly hash: string }
  | { readonly kind: "invalid"; readonly hash: string; readonly message: string };

export type ManifestDecision =
  | { readonly kind: "accepted"; readonly hash: string; readonly manifest: FittedManifest }
  /** The wanted manifest can't be used; the one accepted before, if any, keeps running. */
  | {
      readonly kind: "waiting" | "invalid";
      readonly message: string;
      readonly previous: { hash: string; manifest: FittedManifest } | undefined;
    };

/**
 * Decides which manifest runs: the one whose hash stands on the ledger, never the newest upload (design §10).
 * `resolve` looks an uploaded manifest up by its hash, opens and checks it.
 */
export function decideManifest(
  wantedHash: string,
  acceptedHash: string | undefined,
  resolve: (hash: string) => ManifestState,
): ManifestDecision {
  const wanted = wantedHash === NO_MANIFEST ? undefined : resolve(wantedHash);
  if (wanted?.kind === "accepted") return wanted;
  const accepted = acceptedHash === undefined || acceptedHash === wantedHash ? undefined : resolve(acceptedHash);
  const previous = accepted?.kind === "accepted" ? { hash: accepted.hash, manifest: accepted.manifest } : undefined;
  if (wanted?.kind === "invalid") return { kind: "invalid", message: wanted.message, previous };
  const message =
    wanted === undefined
      ? "The lease names no manifest yet; the tenant seals one and sets its hash on the network."
      : `The manifest ${wanted.hash} has not been uploaded; the tenant sends it with 'berthage manifest send'.`;
  return { kind: "waiting", message, previous };
}
