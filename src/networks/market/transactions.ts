import type { Receipt } from "../../chain/client.ts";
import { marketAbi, tokenAbi } from "./abi.ts";

/** A call that a person signs. */
export interface MarketCall {
  readonly to: string;
  readonly data: string;
}

/** A signed ERC-2612 permit. */
export interface Permit {
  readonly deadline: bigint;
  readonly v: number;
  readonly r: string;
  readonly s: string;
}

export interface Registration {
  readonly operator: string;
  readonly payout: string;
  /** X25519 public key, 32 bytes hex. */
  readonly manifestKey: string;
}

/** A lease that a relayer may open for the tenant who signs this (EIP-712). */
export interface OpenRequest extends Opening {
  readonly tenant: string;
  /** The tenant's next nonce at the market. */
  readonly nonce: bigint;
  /** Last second at which it is good. */
  readonly deadline: bigint;
}

export interface Opening {
  readonly offerId: string;
  readonly units: number;
  /** Smallest token units. */
  readonly deposit: bigint;
  /** keccak256 of the sealed manifest; 32 zero bytes to name it later. */
  readonly manifestHash: string;
}

/** The calls of tenants and of a provider's owner on one market. */
export class MarketTransactions {
  readonly #market: string;

  constructor(market: string) {
    this.#market = market;
  }

  register({ operator, payout, manifestKey }: Registration): MarketCall {
    return this.#call("register", [operator, payout, manifestKey]);
  }

  setOperator(providerId: string, operator: string): MarketCall {
    return this.#call("setOperator", [providerId, operator]);
  }

  setPayout(providerId: string, payout: string): MarketCall {
    return this.#call("setPayout", [providerId, payout]);
  }

  setKey(providerId: string, manifestKey: string): MarketCall {
    return this.#call("setKey", [providerId, manifestKey]);
  }

  /** The tenant must have approved the market for the deposit, unless a permit is given. */
  open({ offerId, units, deposit, manifestHash }: Opening, permit?: Permit): MarketCall {
    const args = [offerId, units, deposit, manifestHash];
    return permit === undefined
      ? this.#call("open", args)
      : this.#call("openWithPermit", [...args, ...permitArguments(permit)]);
  }

  /** Opens for the tenant who signed the request; the sender pays the gas. */
  openFor(request: OpenRequest, signature: string): MarketCall {
    const { offerId, units, deposit, manifestHash, tenant, nonce, deadline } = request;
    return this.#call("openFor", [[offerId, units, deposit, manifestHash, tenant, nonce, deadline], signature]);
  }

  topUp(leaseId: string, amount: bigint, permit?: Permit): MarketCall {
    return permit === undefined
      ? this.#call("topUp", [leaseId, amount])
      : this.#call("topUpWithPermit", [leaseId, amount, ...permitArguments(permit)]);
  }

  setManifest(leaseId: string, manifestHash: string): MarketCall {
    return this.#call("setManifest", [leaseId, manifestHash]);
  }

  closeByTenant(leaseId: string): MarketCall {
    return this.#call("closeByTenant", [leaseId]);
  }

  closeAbandoned(leaseId: string): MarketCall {
    return this.#call("closeAbandoned", [leaseId]);
  }

  /** Offers the lease to another account, which must accept; the zero address takes the offer back. */
  transferLease(leaseId: string, to: string): MarketCall {
    return this.#call("transferLease", [leaseId, to]);
  }

  acceptLease(leaseId: string): MarketCall {
    return this.#call("acceptLease", [leaseId]);
  }

  settle(leaseIds: readonly string[]): MarketCall {
    return this.#call("settle", [leaseIds]);
  }

  /** Fetches what failed payments left for an account. */
  claim(account: string, token: string): MarketCall {
    return this.#call("claim", [account, token]);
  }

  /** Lets the market take `amount` of a token from the sender. */
  approve(token: string, amount: bigint): MarketCall {
    return { to: token, data: tokenAbi.encodeFunctionData("approve", [this.#market, amount]) };
  }

  #call(name: string, args: readonly unknown[]): MarketCall {
    return { to: this.#market, data: marketAbi.encodeFunctionData(name, args) };
  }
}

function permitArguments({ deadline, v, r, s }: Permit): readonly unknown[] {
  return [deadline, v, r, s];
}

/** The id of the provider that a registration created. */
export function registeredProvider(receipt: Receipt): string {
  return eventField(receipt, "ProviderUpdated", "providerId");
}

/** The id of the lease that an opening created. */
export function openedLease(receipt: Receipt): string {
  return eventField(receipt, "LeaseOpened", "leaseId");
}

/** What a close paid, smallest token units. */
export function closedLease(receipt: Receipt): { readonly paid: bigint; readonly refund: bigint } {
  return {
    paid: BigInt(eventField(receipt, "LeaseClosed", "paid")),
    refund: BigInt(eventField(receipt, "LeaseClosed", "refund")),
  };
}

/** @throws when the transaction did not emit the event */
function eventField(receipt: Receipt, event: string, field: string): string {
  for (const { topics, data } of receipt.logs) {
    const log = marketAbi.parseLog({ topics, data });
    if (log?.name === event) return String(log.args.getValue(field));
  }
  throw new Error(`transaction ${receipt.transactionHash} emitted no ${event}: was it sent to the market?`);
}
