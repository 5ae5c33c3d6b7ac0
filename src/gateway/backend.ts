import type { ComputeLease } from "../api/types.gen.ts";

/** A network as tenants must know it to sign and seal. */
export interface GatewayNetwork {
  readonly chainId: bigint;
  /** Address of the market contract. */
  readonly market: string;
  readonly providerId: string;
  /** X25519 public key, 32 bytes hex, to which manifests are sealed. */
  readonly manifestKey: string;
}

/** What the gateway knows of the operator. Answers come from caches: they are quick and may be a moment old. */
export interface GatewayBackend {
  /** undefined when there is no such network; `connecting` when its chain has not been read yet. */
  network(name: string): GatewayNetwork | "connecting" | undefined;
  lease(network: string, leaseId: string): ComputeLease | undefined;
  /** All leases of a network; undefined while they are not known yet (law 4). */
  leases(network: string): readonly ComputeLease[] | undefined;
  /** ERC-1271: asks `contract` on the network's chain. @throws when the chain cannot be asked */
  isValidSignature?(network: string, contract: string, hash: string, signature: string): Promise<boolean>;
}
