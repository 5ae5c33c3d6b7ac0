import { TypedDataEncoder } from "ethers";
import { isRecord } from "../hex.ts";
import type { TypedData } from "../signer.ts";

/** The JSON that `eth_signTypedData_v4` takes (EIP-712): with the domain's type, whole numbers as decimal strings. */
export function typedDataPayload({ domain, types, value }: TypedData): Record<string, unknown> {
  const payload: unknown = TypedDataEncoder.getPayload(domain, types, value);
  if (!isRecord(payload)) throw new Error("the typed data has no JSON form");
  return payload;
}
