import { recoverAddress, Signature } from "ethers";
import { isHexBytes } from "./encoding.ts";
import { grantHash, longestGrantSeconds, type SignedGrant } from "./grant.ts";
import { accepted, type Checked, refused } from "./refusal.ts";

/** Clocks of tenants and providers may differ by so much. */
export const clockSkewSeconds = 60;

/** Half of the order of secp256k1: a signature with a higher s is the mirror image of a valid one (EIP-2). */
const highestS = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** Whether the grant is for this market and for now. Pure. */
export function checkGrant(
  grant: SignedGrant,
  market: { readonly chainId: bigint; readonly address: string },
  nowSeconds: number,
): Checked<SignedGrant> {
  if (grant.chainId !== market.chainId.toString() || grant.market !== market.address.toLowerCase()) {
    const message = `the grant is for market ${grant.market} on chain ${grant.chainId}, not ${market.address} on ${market.chainId}`;
    return refused(401, "WrongMarket", message, "Sign a grant for the market that GET /v1/networks/{network} names.");
  }
  const lifetime = grant.expires - grant.notBefore;
  if (lifetime <= 0 || lifetime > longestGrantSeconds) {
    const message = `the grant is valid for ${lifetime} seconds; allowed are 1 to ${longestGrantSeconds}`;
    return refused(401, "GrantLifetime", message, "Sign a grant that expires within 24 hours of notBefore.");
  }
  if (nowSeconds >= grant.expires)
    return refused(401, "GrantExpired", `the grant expired at ${grant.expires}`, "Sign a new grant.");
  if (nowSeconds < grant.notBefore - clockSkewSeconds) {
    const message = `the grant is valid from ${grant.notBefore}; here it is ${nowSeconds}`;
    return refused(401, "GrantNotYetValid", message, "Set your clock, or wait.");
  }
  return accepted(grant);
}

/** ERC-1271 on the chain of the grant: whether `contract` takes `signature` for a signature of `hash`. */
export type IsValidSignature = (contract: string, hash: string, signature: string) => Promise<boolean>;

/** Whether the grant is the tenant's: by its key, or by its contract when the chain can be asked. */
export async function isSignedByTenant(grant: SignedGrant, isValidSignature?: IsValidSignature): Promise<boolean> {
  const hash = grantHash(grant);
  if (recoverSigner(hash, grant.signature) === grant.tenant.toLowerCase()) return true;
  return isValidSignature === undefined ? false : await isValidSignature(grant.tenant, hash, grant.signature);
}

/** The account whose key made a 65-byte signature, in lower case; undefined for any that is not canonical. */
function recoverSigner(hash: string, signature: string): string | undefined {
  if (!isHexBytes(signature, 65)) return undefined;
  const [s, v] = [BigInt(`0x${signature.slice(66, 130)}`), signature.slice(130).toLowerCase()];
  if (s > highestS || (v !== "1b" && v !== "1c")) return undefined;
  try {
    return recoverAddress(hash, Signature.from(signature)).toLowerCase();
  } catch {
    return undefined; // r is no point of the curve
  }
}
