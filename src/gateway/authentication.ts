import type { GatewayBackend, GatewayNetwork } from "./backend.ts";
import type { GrantScope, SignedGrant } from "./grant.ts";
import { checkGrant, clockSkewSeconds, isSignedByTenant } from "./grant-check.ts";
import { parseGrantToken } from "./grant-token.ts";
import { accepted, type Checked, refused } from "./refusal.ts";
import type { ReplayCache } from "./replay-cache.ts";
import { headerNames, isSignedBySession, parseRequestSignature, type RequestSignature } from "./request-signature.ts";

const howToSign = "Send it with the berthage CLI, or sign requests as it does.";

/** Who asks, once everything about them was checked. */
export interface Session {
  /** The tenant's account in lower case. */
  readonly tenant: string;
  /** The only lease that the session is for; undefined for all of the tenant's. */
  readonly leaseId: string | undefined;
  readonly scopes: readonly string[];
  /** SHA-256 in hex that the body must have. */
  readonly bodyDigest: string;
}

/** The parts of an HTTP request that authentication looks at. */
export interface IncomingRequest {
  readonly method: string;
  /** With query, as on the request line. */
  readonly path: string;
  header(name: string): string | undefined;
}

export interface AuthenticationParts {
  readonly backend: GatewayBackend;
  readonly replays: ReplayCache;
  now(): number;
}

/**
 * Authenticates a request to a network by its headers alone. Cheap checks come first; the nonce is used up last, so that
 * nobody but the session can fill the cache.
 */
export async function authenticate(
  parts: AuthenticationParts,
  networkName: string,
  network: GatewayNetwork,
  request: IncomingRequest,
): Promise<Checked<Session>> {
  const nowSeconds = parts.now() / 1000;
  const credentials = readCredentials(request);
  if (!credentials.ok) return credentials;
  const { grant, signature } = credentials.value;
  const valid = checkGrant(grant, { chainId: network.chainId, address: network.market }, nowSeconds);
  if (!valid.ok) return valid;
  if (Math.abs(nowSeconds - signature.timestampSeconds) > clockSkewSeconds) {
    const message = `the request is of ${signature.timestampSeconds}; here it is ${Math.floor(nowSeconds)}`;
    return refused(401, "StaleRequest", message, "Set your clock and send the request again.", headerNames.timestamp);
  }
  const { bodyDigest } = signature;
  const { method, path } = request;
  if (!isSignedBySession({ grant, providerId: network.providerId, method, path, bodyDigest }, signature)) {
    const message = "the signature is not the session key's over this request";
    return refused(401, "BadRequestSignature", message, howToSign, headerNames.signature);
  }
  const signed = await checkTenant(parts.backend, networkName, grant);
  return signed.ok ? spendNonce(parts.replays, grant, signature, nowSeconds) : signed;
}

/** Whether the session may do that. A scope that it lacks is a 403: who asks is known. */
export function checkScope(session: Session, scope: GrantScope): Checked<Session> {
  if (session.scopes.includes(scope)) return accepted(session);
  return refused(403, "ScopeMissing", `the grant lacks the scope ${scope}`, `Sign a grant with the scope ${scope}.`);
}

function readCredentials(
  request: IncomingRequest,
): Checked<{ readonly grant: SignedGrant; readonly signature: RequestSignature }> {
  const header = request.header(headerNames.authorization);
  if (header === undefined)
    return refused(401, "CredentialsMissing", "the request has no grant", howToSign, headerNames.authorization);
  const grant = parseGrantToken(header);
  if ("problem" in grant) {
    const message = `the Authorization header is malformed: ${grant.problem}`;
    return refused(401, "CredentialsMalformed", message, howToSign, headerNames.authorization);
  }
  const signature = parseRequestSignature((name) => request.header(name));
  if ("malformed" in signature) {
    const message = `the header ${signature.malformed} is missing or malformed`;
    return refused(401, "CredentialsMalformed", message, howToSign, signature.malformed);
  }
  return accepted({ grant, signature });
}

/** A chain that cannot be asked is no refusal (law 1): the tenant is told to come back. */
async function checkTenant(
  backend: GatewayBackend,
  network: string,
  grant: SignedGrant,
): Promise<Checked<SignedGrant>> {
  const ask = backend.isValidSignature?.bind(backend);
  const erc1271 =
    ask && ((contract: string, hash: string, signature: string) => ask(network, contract, hash, signature));
  try {
    if (await isSignedByTenant(grant, erc1271)) return accepted(grant);
  } catch {
    const message = "the chain cannot be asked whether the tenant's contract signed the grant";
    return refused(503, "ChainUnavailable", message, "Try again in a minute.");
  }
  const message = `the grant is not signed by its tenant ${grant.tenant}`;
  return refused(
    401,
    "BadGrantSignature",
    message,
    "Sign the grant with the tenant's wallet.",
    headerNames.authorization,
  );
}

function spendNonce(
  replays: ReplayCache,
  grant: SignedGrant,
  { nonce, timestampSeconds, bodyDigest }: RequestSignature,
  nowSeconds: number,
): Checked<Session> {
  switch (replays.admit(grant.sessionKey, nonce, timestampSeconds + clockSkewSeconds, nowSeconds)) {
    case "replayed":
      return refused(
        401,
        "Replayed",
        "the request was sent before",
        "Sign each request with a new nonce.",
        headerNames.nonce,
      );
    case "full":
      return refused(503, "Busy", "too many requests in the last minutes", "Try again in a minute.");
    case "fresh":
      return accepted({
        tenant: grant.tenant,
        leaseId: grant.lease === "0" ? undefined : grant.lease,
        scopes: grant.scopes,
        bodyDigest,
      });
  }
}
