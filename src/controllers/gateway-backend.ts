import { leaseObjectName } from "../api/names.ts";
import type { GatewayBackend } from "../gateway/backend.ts";
import { byNetwork, type Informers } from "./informers.ts";
import type { Connections } from "./network/connections.ts";

/** What tenants may ask of the operator, answered from its caches. */
export function gatewayBackend(informers: Informers, connections: Connections): GatewayBackend {
  const { networks, leases } = informers;
  return {
    network(name) {
      const market = networks.store.get(name)?.spec.market;
      const provider = connections.get(name)?.provider;
      if (market === undefined) return undefined;
      if (provider === undefined) return "connecting";
      const { id: providerId, manifestKey } = provider;
      return { chainId: BigInt(market.chainId), market: market.address, providerId, manifestKey };
    },
    lease: (network, leaseId) => leases.store.get(leaseObjectName(network, leaseId)),
    async isValidSignature(name, contract, hash, signature) {
      const connection = connections.live().get(name);
      if (connection === undefined) throw new Error(`network ${name} is not connected`);
      return connection.network.isValidSignature(contract, hash, signature);
    },
    leases: (network) => (leases.hasSynced() ? leases.store.byIndex(byNetwork, network) : undefined),
  };
}
