import { SealingError } from "./errors.ts";
import { toHex } from "./key.ts";

/** Between whom a manifest passes. The lease is not among it: a tenant seals before it has an id. */
export interface SealingContext {
  readonly chainId: number | bigint;
  /** Address of the market. */
  readonly market: string;
  /** Decimal. */
  readonly providerId: string;
  /** Address of the tenant. */
  readonly tenant: string;
}

const address = /^0x[0-9a-f]{40}$/;
const decimal = /^(0|[1-9][0-9]{0,77})$/;

/**
 * Additional authenticated data, `chainId|market|providerId|tenant|nonce`: an envelope opens only for the tenant and the
 * provider that it was made for. No field can hold the separator, so two contexts never give the same bytes.
 * @throws SealingError when a field is not what it should be
 */
export function authenticatedData(context: SealingContext, nonce: Uint8Array): Uint8Array {
  const market = context.market.toLowerCase();
  const tenant = context.tenant.toLowerCase();
  const chainId = String(context.chainId);
  check(decimal.test(chainId), "chainId is not a whole number");
  check(address.test(market), "market is not an address");
  check(decimal.test(context.providerId), "providerId is not a decimal number");
  check(address.test(tenant), "tenant is not an address");
  return new TextEncoder().encode([chainId, market, context.providerId, tenant, toHex(nonce)].join("|"));
}

function check(holds: boolean, fault: string): void {
  if (!holds) throw new SealingError("BadContext", `cannot seal or open a manifest: ${fault}`);
}
