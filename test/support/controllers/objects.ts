import { apiVersion, finalizers, leaseLabels } from "../../../src/api/names.ts";
import type {
  ComputeLease,
  ComputeLeaseStatus,
  ComputeNetwork,
  ComputeOffer,
  ComputeOfferSpec,
} from "../../../src/api/types.gen.ts";
import { gpuOffer } from "../workload/offers.ts";
import { tenant, token } from "./ledger.ts";

/** A ComputeLease of 2 units of offer h100 on network market. */
export function computeLease(
  id = "7",
  status?: ComputeLeaseStatus,
  metadata: ComputeLease["metadata"] = {},
): ComputeLease {
  const identity = { network: "market", leaseId: id, offer: "h100", tenant };
  return {
    apiVersion,
    kind: "ComputeLease",
    metadata: {
      name: `market-${id}`,
      labels: leaseLabels(identity),
      finalizers: [finalizers.lease],
      generation: 1,
      ...metadata,
    },
    spec: {
      networkRef: { name: "market" },
      leaseId: id,
      offerRef: { name: "h100" },
      offerId: "1",
      tenant,
      units: 2,
      price: { token, perHour: "7200" },
    },
    ...(status === undefined ? {} : { status }),
  };
}

export function computeOffer(name = "h100", changes: Partial<ComputeOfferSpec> = {}): ComputeOffer {
  return { apiVersion, kind: "ComputeOffer", metadata: { name, generation: 1 }, spec: gpuOffer(changes) };
}

export function computeNetwork(name = "market", changes: Partial<ComputeNetwork["spec"]> = {}): ComputeNetwork {
  return {
    apiVersion,
    kind: "ComputeNetwork",
    metadata: { name, generation: 1 },
    spec: {
      driver: "Market",
      market: {
        chainId: 31_337,
        address: `0x${"5f".repeat(20)}`,
        endpoints: [{ name: "local", url: "http://127.0.0.1:9" }],
      },
      signer: { rawKey: { secretRef: { name: "operator-key" } } },
      manifestKey: { secretRef: { name: "manifest-key" } },
      ...changes,
    },
  };
}
