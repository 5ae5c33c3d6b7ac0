import { randomBytes } from "node:crypto";
import { Wallet } from "ethers";
import { createGrant } from "../../src/gateway/grant.ts";
import { signRequest } from "../../src/gateway/request-signature.ts";
import { createSessionKey } from "../../src/gateway/session-key.ts";
import { manifestHash, sealManifest } from "../../src/sealing/manifest.ts";
import type { Account, TestMarket } from "./market.ts";
import { eventually } from "./wait.ts";

export interface Rent {
  /** On chain. */
  readonly offerId: string;
  readonly units: number;
  /** Smallest token units. */
  readonly deposit: bigint;
  readonly manifest?: string;
}

/** A tenant with a wallet who rents, uploads and closes through the chain and the gateway only. */
export interface Tenant {
  readonly account: Account;
  /** @returns the lease's id */
  rent(what: Rent): Promise<string>;
  /** Seals and uploads a manifest. @returns its hash */
  upload(manifest: string): Promise<string>;
  /** Seals and uploads a manifest and points the lease at it. */
  sendManifest(leaseId: string, manifest: string): Promise<void>;
  topUp(leaseId: string, amount: bigint): Promise<void>;
  close(leaseId: string): Promise<{ paid: bigint; refund: bigint }>;
  /** Asks the gateway for a lease's status. */
  status(leaseId: string): Promise<Response>;
}

export interface TenantSettings {
  readonly chainId: number;
  readonly market: TestMarket;
  readonly account: Account;
  /** The gateway may move when the operator starts again. */
  gatewayUrl(): string;
}

const FUNDS = 10n ** 15n;
const NO_MANIFEST = `0x${"0".repeat(64)}`;

/** Gives an account tokens and the means of a tenant. */
export async function createTenant(settings: TenantSettings): Promise<Tenant> {
  const { chainId, market, account } = settings;
  await market.fund(account, FUNDS);
  const ask = gatewayRequests(settings);
  const upload = async (manifest: string): Promise<string> => {
    const context = { chainId, market: market.address, providerId: market.providerId, tenant: account.address };
    const sealed = new Uint8Array(await sealManifest(manifest, market.manifestKey.publicKey, context));
    const hash = manifestHash(sealed);
    // Right after its start the operator has not connected to the network yet, and asks to wait.
    const put = async (): Promise<string> => {
      const answer = await ask("PUT", `/v1/networks/market/manifests/${hash}`, sealed);
      if (!answer.ok) throw new Error(`it answers ${answer.status} ${await answer.text()}`);
      return hash;
    };
    return eventually("the gateway takes the manifest", put, { timeoutSeconds: 90, intervalMilliseconds: 500 }); // longer than rates are limited for
  };
  return {
    account,
    upload,
    rent: async ({ offerId, units, deposit, manifest }) =>
      market.open(account, {
        offerId,
        units,
        deposit,
        manifestHash: manifest === undefined ? NO_MANIFEST : await upload(manifest),
      }),
    async sendManifest(leaseId, manifest) {
      await market.send(market.calls.setManifest(leaseId, await upload(manifest)), account);
    },
    async topUp(leaseId, amount) {
      await market.send(market.calls.topUp(leaseId, amount), account);
    },
    close: (leaseId) => market.close(account, leaseId),
    status: (leaseId) => ask("GET", `/v1/networks/market/leases/${leaseId}`),
  };
}

type Ask = (method: string, path: string, body?: Uint8Array<ArrayBuffer>) => Promise<Response>;

/** Requests signed by a session key for which the wallet has signed a grant. */
function gatewayRequests({ chainId, market, account, gatewayUrl }: TenantSettings): Ask {
  const wallet = new Wallet(account.privateKey);
  const session = createSessionKey();
  return async (method, path, body) => {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const grant = await createGrant(
      {
        chainId: String(chainId),
        market: market.address.toLowerCase(),
        tenant: account.address.toLowerCase(),
        lease: "0",
        sessionKey: session.publicKey,
        scopes: ["send-manifest", "status"],
        notBefore: nowSeconds - 5,
        expires: nowSeconds + 3600,
      },
      { signTypedData: (domain, types, value) => wallet.signTypedData(domain, types, value) },
    );
    const content = body === undefined ? {} : { body };
    const headers = signRequest({
      grant,
      sessionKey: session,
      providerId: market.providerId,
      nowSeconds,
      nonce: randomBytes(16),
      method,
      path,
      ...content,
    });
    return fetch(`${gatewayUrl()}${path}`, { method, headers, ...content });
  };
}
