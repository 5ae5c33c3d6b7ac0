import type { Receipt } from "../../chain/client.ts";
import { type SendOptions, sendTransaction } from "../../chain/send.ts";
import type { Signer } from "../../chain/signer.ts";
import { explainRevert } from "../../networks/market/explain.ts";
import type { MarketCall } from "../../networks/market/transactions.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { withProgress } from "../output/progress.ts";
import type { ChainSession } from "./session.ts";

/** Sends a call and waits until it is mined; `what` tells the person, like `opening the lease`. */
export async function send(
  what: string,
  call: MarketCall,
  session: ChainSession,
  signer: Signer,
  context: Context,
): Promise<Receipt> {
  await requireGas(session, signer);
  return await withProgress(what, context, () => sendTransaction(call, sendOptions(session, signer, context)));
}

export function sendOptions({ client }: ChainSession, signer: Signer, { clock }: Context): SendOptions {
  return { client, signer, clock, explain: explainRevert };
}

/** Nodes tell in many ways that an account is empty: the plainest case is told here. */
export async function requireGas({ client, chainId }: ChainSession, { address }: Signer): Promise<void> {
  if ((await client.balanceWei(address)) > 0n) return;
  throw new Failure(
    `${address} has no coins on chain ${chainId} to pay for gas`,
    `send some of the chain's native coin to ${address}`,
  );
}
