import type { ComputeNetwork, ComputeOffer, ComputeOfferSpec } from "../../src/api/types.gen.ts";
import type { Chain } from "./chain.ts";
import type { TestMarket } from "./market.ts";
import { gpuNode, type NodeManifest } from "./nodes.ts";

export const operatorNamespace = "berthage-system";

/** The devices that the worlds of the scenarios have. */
export const h100 = { product: "NVIDIA-H100-80GB-HBM3", memoryMiB: 81_559 } as const;
export const a100 = { product: "NVIDIA-A100-SXM4-40GB", memoryMiB: 40_960 } as const;

/** A kwok node with 8 H100s, or as many as asked for. Offers of the same `pool` are sold from it and from no other. */
export function h100Node(name: string, { count = 8, pool = "any" } = {}): NodeManifest {
  return gpuNode(name, { ...h100, count, labels: { pool } });
}

/** Where an offer is sold from: nodes of one pool, so that scenarios in one world do not meet. */
export function inPool(pool: string): NonNullable<ComputeOfferSpec["placement"]> {
  return { nodeSelector: { pool }, tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }] };
}

/** A pod of somebody else that takes GPUs of one node. */
export function foreignPod(name: string, nodeName: string, gpus: number): object {
  const resources = { "nvidia.com/gpu": String(gpus) };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { nodeName, containers: [{ name: "main", image: "app:1", resources: { limits: resources } }] },
  };
}

/** What an admin applies before anything else: namespace, Secrets and the network. */
export function networkObjects(
  chain: Pick<Chain, "chainId" | "url">,
  market: TestMarket,
  endpoints: readonly string[] = [chain.url],
): object[] {
  const secret = (name: string, key: string): object => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: operatorNamespace },
    stringData: { key },
  });
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: operatorNamespace } },
    secret("market-operator", market.operator.privateKey),
    secret("market-manifest", market.manifestKey.privateKey),
    networkObject(chain, market, endpoints),
  ];
}

function networkObject(
  chain: Pick<Chain, "chainId">,
  market: TestMarket,
  endpoints: readonly string[],
): ComputeNetwork {
  return {
    apiVersion: "berthage.dev/v1alpha1",
    kind: "ComputeNetwork",
    metadata: { name: "market" },
    spec: {
      driver: "Market",
      market: {
        chainId: chain.chainId,
        address: market.address,
        endpoints: endpoints.map((url, index) => ({ name: index === 0 ? "local" : `local-${index + 1}`, url })),
        confirmations: 0,
        pollSeconds: 1,
      },
      signer: { rawKey: { secretRef: { name: "market-operator" } } },
      manifestKey: { secretRef: { name: "market-manifest" } },
      payout: market.payout,
    },
  };
}

/** What one unit of `offerObject` costs for a second, in the token's smallest units. */
export const UNIT_SECOND = 1_000_000n;

export type OfferChanges = Omit<Partial<ComputeOfferSpec>, "terms"> & { terms?: Partial<ComputeOfferSpec["terms"]> };

/** A ComputeOffer of single H100s with short times, changed where a scenario asks for it. */
export function offerObject(
  name: string,
  market: Pick<TestMarket, "token">,
  { terms, ...changes }: OfferChanges = {},
): ComputeOffer {
  return {
    apiVersion: "berthage.dev/v1alpha1",
    kind: "ComputeOffer",
    metadata: { name },
    spec: {
      networkRef: { name: "market" },
      unit: unitOf(h100),
      placement: { tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }] },
      capacity: { maxUnits: 16 },
      price: { token: market.token, perUnitHour: String(3600n * UNIT_SECOND) },
      terms: {
        minSeconds: 0,
        heartbeatWindowSeconds: 60,
        noticeSeconds: 0,
        unfundedGraceSeconds: 5,
        provisioningTimeoutSeconds: 3,
        ...terms,
      },
      ...changes,
    },
  };
}

/** A unit with one GPU of a device class. */
export function unitOf({ product, memoryMiB }: { product: string; memoryMiB: number }): ComputeOfferSpec["unit"] {
  return {
    accelerator: { resource: "nvidia.com/gpu", product, memoryMiB, count: 1 },
    cpu: "8",
    memory: "64Gi",
    ephemeralStorage: "50Gi",
  };
}
