import type { TypedData } from "../../chain/signer.ts";
import type { OpenRequest } from "./transactions.ts";

/** The EIP-712 data that the tenant signs for `openFor`. */
export function openRequestTypedData(market: string, chainId: bigint, request: OpenRequest): TypedData {
  return {
    domain: { name: "ComputeMarket", version: "1", chainId, verifyingContract: market },
    types: {
      OpenRequest: [
        { name: "offerId", type: "uint32" },
        { name: "units", type: "uint16" },
        { name: "deposit", type: "uint128" },
        { name: "manifestHash", type: "bytes32" },
        { name: "tenant", type: "address" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
    },
    value: { ...request },
  };
}
