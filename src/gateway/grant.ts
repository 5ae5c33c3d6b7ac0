import { type TypedDataDomain, TypedDataEncoder, type TypedDataField } from "ethers";

/** What a session key may do. */
export type GrantScope = "send-manifest" | "status";

/**
 * A tenant's permission for a short-lived session key, valid on one market: signed once by the wallet, so that the wallet
 * is not asked for every request. Ids are decimal strings because JSON numbers end at 2^53.
 */
export interface Grant {
  readonly chainId: string;
  /** The market's address: the verifying contract. */
  readonly market: string;
  readonly tenant: string;
  /** Id of the only lease that it is for; "0" for all of the tenant's. */
  readonly lease: string;
  /** Ed25519 public key, 32 bytes hex. */
  readonly sessionKey: string;
  /** GrantScopes, and whatever a newer client knows of. */
  readonly scopes: readonly string[];
  /** Seconds since the epoch. */
  readonly notBefore: number;
  /** Seconds since the epoch; at most 24 hours after `notBefore`. */
  readonly expires: number;
}

/** `signature` is the wallet's: 65 bytes r‖s‖v, or whatever the tenant's contract accepts (ERC-1271). */
export interface SignedGrant extends Grant {
  readonly signature: string;
}

export const longestGrantSeconds = 86_400;

/** The EIP-712 type of a grant. */
export const grantTypes: Record<string, TypedDataField[]> = {
  Grant: [
    { name: "tenant", type: "address" },
    { name: "lease", type: "uint256" },
    { name: "sessionKey", type: "bytes32" },
    { name: "scopes", type: "string[]" },
    { name: "notBefore", type: "uint64" },
    { name: "expires", type: "uint64" },
  ],
};

/** The EIP-712 domain: a grant for one market is void on any other, and on any other chain. */
export function grantDomain(grant: Pick<Grant, "chainId" | "market">): TypedDataDomain {
  return { name: "Berthage Gateway", version: "1", chainId: grant.chainId, verifyingContract: grant.market };
}

/** What the wallet signs (EIP-712), and what ERC-1271 contracts are asked about: 32 bytes hex. */
export function grantHash(grant: Grant): string {
  return TypedDataEncoder.hash(grantDomain(grant), grantTypes, messageOf(grant));
}

/** A wallet that signs EIP-712 typed data, with the shape of ethers' Wallet. */
export interface GrantSigner {
  signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string>;
}

/** Asks the tenant's wallet for its signature. */
export async function createGrant(grant: Grant, wallet: GrantSigner): Promise<SignedGrant> {
  return { ...grant, signature: await wallet.signTypedData(grantDomain(grant), grantTypes, messageOf(grant)) };
}

function messageOf({ tenant, lease, sessionKey, scopes, notBefore, expires }: Grant): Record<string, unknown> {
  return { tenant, lease, sessionKey, scopes, notBefore, expires };
}
