import { randomBytes } from "node:crypto";
import { Wallet } from "ethers";
import { createGrant, type Grant, type GrantSigner, type SignedGrant } from "../../src/gateway/grant.ts";
import { signRequest } from "../../src/gateway/request-signature.ts";
import { createSessionKey, type SessionKey } from "../../src/gateway/session-key.ts";

/** A tenant with a wallet and a session key, as the CLI is one. */
export interface Tenant {
  readonly address: string;
  readonly session: SessionKey;
  readonly wallet: GrantSigner;
  grant(changes?: Partial<Grant>): Promise<SignedGrant>;
}

export const market = { chainId: "31337", market: "0x5fbdb2315678afecb367f032d93f642f64180aa3" } as const;
export const providerId = "1";
const now = (): number => Math.floor(Date.now() / 1000);

export function createTenant(privateKey: string = `0x${randomBytes(32).toString("hex")}`): Tenant {
  const wallet = new Wallet(privateKey);
  const session = createSessionKey();
  const address = wallet.address.toLowerCase();
  return {
    address,
    session,
    wallet,
    grant: (changes = {}) =>
      createGrant(
        {
          ...market,
          tenant: address,
          lease: "0",
          sessionKey: session.publicKey,
          scopes: ["send-manifest", "status"],
          notBefore: now(),
          expires: now() + 3600,
          ...changes,
        },
        wallet,
      ),
  };
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: Uint8Array;
  readonly nowSeconds?: number;
  readonly nonce?: Uint8Array;
}

/** The signed headers of a request under a grant. */
export function headersFor(tenant: Tenant, grant: SignedGrant, asked: Asked): Record<string, string> {
  const { nowSeconds = now(), nonce = randomBytes(16), ...request } = asked;
  return signRequest({ grant, sessionKey: tenant.session, providerId, nowSeconds, nonce, ...request });
}
