import { createHash } from "node:crypto";
import { fromBase64Url, toBase64Url } from "./encoding.ts";
import { grantHash, type SignedGrant } from "./grant.ts";
import { grantToken } from "./grant-token.ts";
import { isSignedWith, type SessionKey, signWith } from "./session-key.ts";

/**
 * How a request is signed. Headers:
 *
 *     Authorization:       Berthage <base64url(JSON of the signed grant)>
 *     Berthage-Timestamp:  <seconds since the epoch>
 *     Berthage-Nonce:      <base64url(16 random bytes)>
 *     Berthage-Signature:  <base64url(Ed25519 signature, 64 bytes)>
 *     Content-Digest:      sha-256=:<base64>:        (RFC 9530; only with a body)
 *
 * The signature covers, joined by line feeds: `berthage-request-v1`, the grant's EIP-712 hash, the provider's id, the
 * method, path with query, SHA-256 of the body in hex, timestamp, nonce. The provider's id keeps one provider from
 * passing a request on to another; the digest travels ahead so that nobody's body is read before they are known.
 */
export const headerNames = {
  authorization: "authorization",
  timestamp: "berthage-timestamp",
  nonce: "berthage-nonce",
  signature: "berthage-signature",
  digest: "content-digest",
} as const;

/** What a request's signature covers besides time and nonce. */
export interface SignedParts {
  readonly grant: SignedGrant;
  readonly providerId: string;
  readonly method: string;
  /** With query, as on the request line. */
  readonly path: string;
  /** SHA-256 of the body, hex. */
  readonly bodyDigest: string;
}

export interface RequestToSign {
  readonly grant: SignedGrant;
  readonly sessionKey: SessionKey;
  readonly providerId: string;
  readonly method: string;
  readonly path: string;
  readonly body?: Uint8Array;
  readonly nowSeconds: number;
  /** 16 random bytes, never used before. */
  readonly nonce: Uint8Array;
}

/** The headers that authorise one request, once, within a minute. */
export function signRequest(request: RequestToSign): Record<string, string> {
  const { grant, sessionKey, providerId, method, path, body = new Uint8Array() } = request;
  const timestamp = String(Math.floor(request.nowSeconds));
  const nonce = toBase64Url(request.nonce);
  const message = signedText({ grant, providerId, method, path, bodyDigest: sha256(body, "hex") }, timestamp, nonce);
  return {
    [headerNames.authorization]: grantToken(grant),
    [headerNames.timestamp]: timestamp,
    [headerNames.nonce]: nonce,
    [headerNames.signature]: toBase64Url(signWith(sessionKey, message)),
    ...(body.length === 0 ? {} : { [headerNames.digest]: `sha-256=:${sha256(body, "base64")}:` }),
  };
}

/** A request's own headers, in the right form but not yet believed. */
export interface RequestSignature {
  readonly timestampSeconds: number;
  readonly nonce: string;
  readonly signature: Uint8Array;
  /** SHA-256 of the body, hex; of no body when the header is absent. */
  readonly bodyDigest: string;
}

/** Reads the headers; the name of the first that is missing or malformed otherwise. */
export function parseRequestSignature(
  header: (name: string) => string | undefined,
): RequestSignature | { readonly malformed: string } {
  const timestamp = header(headerNames.timestamp) ?? "";
  if (!/^[1-9]\d{0,12}$/.test(timestamp)) return { malformed: headerNames.timestamp };
  const nonce = header(headerNames.nonce) ?? "";
  if (fromBase64Url(nonce)?.length !== 16) return { malformed: headerNames.nonce };
  const signature = fromBase64Url(header(headerNames.signature) ?? "");
  if (signature?.length !== 64) return { malformed: headerNames.signature };
  const bodyDigest = digestOf(header(headerNames.digest));
  if (bodyDigest === undefined) return { malformed: headerNames.digest };
  return { timestampSeconds: Number(timestamp), nonce, signature, bodyDigest };
}

/** Whether the grant's session key signed exactly this request. */
export function isSignedBySession(parts: SignedParts, request: RequestSignature): boolean {
  const message = signedText(parts, String(request.timestampSeconds), request.nonce);
  return isSignedWith(parts.grant.sessionKey, message, request.signature);
}

/** SHA-256 of a body, as `SignedParts.bodyDigest` has it. */
export function bodyDigestOf(body: Uint8Array): string {
  return sha256(body, "hex");
}

function signedText(parts: SignedParts, timestamp: string, nonce: string): string {
  const { grant, providerId, method, path, bodyDigest } = parts;
  return ["berthage-request-v1", grantHash(grant), providerId, method, path, bodyDigest, timestamp, nonce].join("\n");
}

function digestOf(header: string | undefined): string | undefined {
  if (header === undefined) return sha256(new Uint8Array(), "hex");
  const base64 = /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(header)?.[1];
  const bytes = base64 === undefined ? undefined : Buffer.from(base64, "base64");
  return bytes?.toString("base64") === base64 ? bytes?.toString("hex") : undefined;
}

function sha256(bytes: Uint8Array, encoding: "hex" | "base64"): string {
  return createHash("sha256").update(bytes).digest(encoding);
}
