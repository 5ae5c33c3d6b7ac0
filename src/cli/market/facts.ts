import type { LedgerLease, LedgerOffer, LedgerProvider } from "../../networks/driver.ts";
import { decodeResult, marketAbi } from "../../networks/market/abi.ts";
import { decodeOffers } from "../../networks/market/codec.ts";
import { Failure } from "../failure.ts";
import type { MarketSession } from "./session.ts";

/** @throws Failure when there is no such offer */
export async function readOffer({ client, market }: MarketSession, id: string): Promise<LedgerOffer> {
  const data = await client.call({ to: market, data: marketAbi.encodeFunctionData("offerPacked", [id]) });
  const [offer] = decodeOffers(String(decodeResult("offerPacked", data)));
  if (offer === undefined)
    throw new Failure(`the market has no offer ${id}`, "`berthage offers` lists what is for sale");
  return offer;
}

/** @throws Failure when there is no such provider */
export async function readProvider({ views }: MarketSession, id: string): Promise<LedgerProvider> {
  const provider = await views.provider(id);
  if (provider === undefined)
    throw new Failure(`the market has no provider ${id}`, "`berthage offers` shows who sells");
  return provider;
}

/** A lease with what its offer says of it. */
export interface LeaseFacts {
  readonly lease: LedgerLease;
  readonly providerId: string;
  readonly offer: LedgerOffer;
}

/** @throws Failure when there is no such lease */
export async function readLease(session: MarketSession, id: string): Promise<LeaseFacts> {
  const [packed] = await session.views.leases(new Set([id]));
  if (packed === undefined) throw new Failure(`the market has no lease ${id}`, "`berthage leases` lists yours");
  const offer = await readOffer(session, packed.lease.offerId);
  return { lease: { ...packed.lease, token: offer.terms.token }, providerId: packed.providerId, offer };
}

/** @throws Failure when the lease has ended */
export function requireActive({ lease }: LeaseFacts): void {
  if (lease.state === "Active") return;
  throw new Failure(
    `lease ${lease.id} is closed (${lease.closeReason ?? "Unspecified"})`,
    "open another one with `berthage rent`",
  );
}

/** @throws Failure when the key is not the tenant's */
export function requireTenant({ lease }: LeaseFacts, signer: string): void {
  if (lease.tenant.toLowerCase() === signer.toLowerCase()) return;
  throw new Failure(
    `lease ${lease.id} belongs to ${lease.tenant}, but the key is of ${signer}`,
    "give the tenant's key with --key-file (BERTHAGE_KEY_FILE)",
  );
}
