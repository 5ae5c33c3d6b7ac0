import { fromBase64Url, isHexBytes, toBase64Url } from "./encoding.ts";
import type { SignedGrant } from "./grant.ts";

const scheme = "Berthage ";
const mostScopes = 16;
const longestSignatureBytes = 2048;

/** `Authorization: Berthage <base64url of the signed grant's JSON>`, hex in lower case: one grant has one spelling. */
export function grantToken(grant: SignedGrant): string {
  const { chainId, lease, scopes, notBefore, expires } = grant;
  const [market, tenant] = [grant.market.toLowerCase(), grant.tenant.toLowerCase()];
  const [sessionKey, signature] = [grant.sessionKey.toLowerCase(), grant.signature.toLowerCase()];
  const fields = { chainId, market, tenant, lease, sessionKey, scopes, notBefore, expires, signature };
  return `${scheme}${toBase64Url(Buffer.from(JSON.stringify(fields)))}`;
}

/** The reverse of `grantToken`: the grant, or what is wrong with the text. Nothing in it is believed yet. */
export function parseGrantToken(header: string): SignedGrant | { readonly problem: string } {
  if (!header.startsWith(scheme)) return { problem: `it does not start with "${scheme.trim()}"` };
  const bytes = fromBase64Url(header.slice(scheme.length));
  if (bytes === undefined) return { problem: "the grant is not base64url" };
  const value = parseJson(bytes);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { problem: "the grant is not JSON" };
  const field = (name: keyof SignedGrant): unknown => Reflect.get(value, name);
  const [chainId, market, tenant, lease] = [field("chainId"), field("market"), field("tenant"), field("lease")];
  const [sessionKey, scopes, signature] = [field("sessionKey"), field("scopes"), field("signature")];
  const [notBefore, expires] = [field("notBefore"), field("expires")];
  if (!isDecimal(chainId)) return { problem: "chainId is not a decimal string" };
  if (!isHexBytes(market, 20)) return { problem: "market is not an address" };
  if (!isHexBytes(tenant, 20)) return { problem: "tenant is not an address" };
  if (!isDecimal(lease)) return { problem: "lease is not a decimal string" };
  if (!isHexBytes(sessionKey, 32)) return { problem: "sessionKey is not 32 bytes hex" };
  if (!isScopes(scopes)) return { problem: `scopes is not a list of at most ${mostScopes} words` };
  if (!isTime(notBefore) || !isTime(expires)) return { problem: "notBefore and expires are not whole seconds" };
  if (!isSignature(signature)) return { problem: "signature is not hex" };
  const grant = { chainId, market, tenant, lease, sessionKey, scopes, notBefore, expires, signature };
  return grantToken(grant) === header
    ? grant
    : { problem: "fields are missing, unknown, out of order or in upper case" };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function isDecimal(value: unknown): value is string {
  return typeof value === "string" && /^(?:0|[1-9]\d{0,76})$/.test(value);
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isScopes(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length <= mostScopes &&
    value.every((scope) => typeof scope === "string" && /^[a-z][a-z-]{0,31}$/.test(scope))
  );
}

function isSignature(value: unknown): value is string {
  return (
    typeof value === "string" && /^0x(?:[0-9a-fA-F]{2})+$/.test(value) && value.length <= 2 + 2 * longestSignatureBytes
  );
}
