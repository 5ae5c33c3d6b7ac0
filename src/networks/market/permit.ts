import { Signature } from "ethers";
import type { ChainClient } from "../../chain/client.ts";
import type { Signer, TypedData } from "../../chain/signer.ts";
import { TokenReader } from "./token.ts";
import type { Permit } from "./transactions.ts";

export interface PermitRequest {
  readonly token: string;
  /** The market. */
  readonly spender: string;
  readonly amount: bigint;
  /** Last second at which it is good. */
  readonly deadline: bigint;
}

/** Signs an ERC-2612 permit; undefined where the token has none, so that the caller approves instead. */
export async function signPermit(
  client: ChainClient,
  signer: Signer,
  request: PermitRequest,
  signal?: AbortSignal,
): Promise<Permit | undefined> {
  const token = new TokenReader(client, request.token);
  const permit = await token.permitDomain(signer.address, signal);
  if (permit === undefined) return undefined;
  const data = permitTypedData({ ...request, ...permit, chainId: client.pool.chainId, owner: signer.address });
  const { v, r, s } = Signature.from(await signer.signTypedData(data, signal));
  return { deadline: request.deadline, v, r, s };
}

/** The EIP-712 data of an ERC-2612 permit. */
export function permitTypedData(
  permit: PermitRequest & { name: string; version: string; chainId: bigint; owner: string; nonce: bigint },
): TypedData {
  const { name, version, chainId, token, owner, spender, amount, nonce, deadline } = permit;
  return {
    domain: { name, version, chainId, verifyingContract: token },
    types: {
      Permit: [
        { name: "owner", type: "address" },
        { name: "spender", type: "address" },
        { name: "value", type: "uint256" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
    },
    value: { owner, spender, value: amount, nonce, deadline },
  };
}
