import { keccak256 } from "ethers";
import type { Request, RequestHandler } from "express";
import type { Session } from "./authentication.ts";
import type { GatewayBackend } from "./backend.ts";
import { readBody } from "./body.ts";
import { checkIntake, type IntakeLimits, nextStep } from "./manifest-intake.ts";
import type { ManifestStore } from "./manifest-store.ts";
import { refuse, required } from "./refusal.ts";
import { parameter, type RequestContext } from "./request-context.ts";
import { bodyDigestOf } from "./request-signature.ts";
import { Turns } from "./turns.ts";

/** Largest sealed manifest. */
export const largestEnvelopeBytes = 96 * 1024;

export interface ManifestRouteParts {
  readonly backend: GatewayBackend;
  readonly manifests: Pick<ManifestStore, "list" | "put">;
  readonly limits: IntakeLimits;
}

/** `PUT /v1/networks/{network}/manifests/{hash}`: stores a sealed manifest, before or after its lease exists. */
export function manifestRoute(context: RequestContext, parts: ManifestRouteParts): RequestHandler {
  const { backend, manifests, limits } = parts;
  const turns = new Turns();
  return async (request, response) => {
    const network = context.network(request, response);
    const hash = parameter(request, "hash");
    if (!/^0x[0-9a-f]{64}$/.test(hash)) {
      const message = "the hash is not 0x and 64 hex digits in lower case";
      refuse(400, "BadHash", message, "Use keccak256 of the body.", "hash");
    }
    const session = await context.session(request, response, network, "send-manifest");
    checkLeaseOf(session, network.name, backend);
    const bytes = await readManifest(request, session, hash);
    const leases = backend.leases(network.name);
    if (leases === undefined)
      return refuse(
        503,
        "NotReady",
        `the leases of network ${network.name} are not known yet`,
        "Try again in a minute.",
      );
    const { tenant } = session;
    // One at a time: what the check counts must not change before the store.
    const outcome = await turns.next(async () => {
      const decision = required(checkIntake({ hash, tenant, stored: await manifests.list(), leases, limits }));
      return decision === "present" ? decision : await manifests.put({ hash, tenant, network: network.name, bytes });
    });
    response.status(outcome === "stored" ? 201 : 200);
    response.json({ hash, bytes: bytes.length, next: nextStep(hash, tenant, leases, limits) });
  };
}

/** A session for one lease may send manifests for that lease, which must be the tenant's. */
function checkLeaseOf(session: Session, network: string, backend: GatewayBackend): void {
  if (session.leaseId === undefined) return;
  const lease = backend.lease(network, session.leaseId);
  if (lease?.spec.tenant.toLowerCase() === session.tenant) return;
  const hint = "Wait until the lease shows here, or sign a grant for all of your leases.";
  refuse(403, "NotYourLease", `lease ${session.leaseId} is not known here as yours`, hint);
}

async function readManifest(request: Request, session: Session, hash: string): Promise<Uint8Array> {
  const bytes = required(await readBody(request, largestEnvelopeBytes));
  if (bodyDigestOf(bytes) !== session.bodyDigest)
    refuse(400, "DigestMismatch", "the body is not the one that was signed", "Sign the bytes that you send.");
  if (keccak256(bytes) !== hash) {
    const message = "keccak256 of the body is not the hash in the path";
    refuse(422, "HashMismatch", message, "Send the sealed bytes unchanged.");
  }
  return bytes;
}
