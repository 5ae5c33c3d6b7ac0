import type { Receipt } from "../../chain/client.ts";
import type { Signer } from "../../chain/signer.ts";
import { signPermit } from "../../networks/market/permit.ts";
import { TokenReader } from "../../networks/market/token.ts";
import { type MarketCall, MarketTransactions, type Permit } from "../../networks/market/transactions.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import type { Flags } from "../flags.ts";
import { send } from "./send.ts";
import type { MarketSession } from "./session.ts";
import { formatMoney, type Token } from "./token.ts";

const PERMIT_SECONDS = 1800n;

export interface Payment {
  readonly token: Token;
  readonly amount: bigint;
  /** What the person reads while it is sent. */
  readonly what: string;
  /** The call that takes the money, with the permit when there is one. */
  call(permit: Permit | undefined): MarketCall;
}

/**
 * Sends a call that makes the market take tokens from the signer. Where the allowance does not cover it, the token's
 * permit rides along (one transaction), or exactly the amount is approved first. `--no-approve` forbids both.
 */
export async function pay(
  payment: Payment,
  session: MarketSession,
  signer: Signer,
  flags: Flags,
  context: Context,
): Promise<Receipt> {
  const { token, amount, what } = payment;
  await requireFunds(session, signer.address, token, amount);
  const reader = new TokenReader(session.client, token.address);
  const allowance = await reader.allowance(signer.address, session.market);
  if (allowance >= amount) return await send(what, payment.call(undefined), session, signer, context);
  if (!flags.isSet("approve")) throw insufficientAllowance(session.market, allowance, payment);
  const { timestampSeconds } = await session.client.header("latest"); // the chain's clock judges, not this machine's
  const permit = await signPermit(session.client, signer, {
    token: token.address,
    spender: session.market,
    amount,
    deadline: BigInt(timestampSeconds) + PERMIT_SECONDS,
  });
  if (permit === undefined) {
    const approval = new MarketTransactions(session.market).approve(token.address, amount);
    await send(`approving ${formatMoney(amount, token)}`, approval, session, signer, context);
  }
  return await send(what, payment.call(permit), session, signer, context);
}

/** @throws Failure when the account holds less than the amount */
export async function requireFunds(
  { client }: MarketSession,
  account: string,
  token: Token,
  amount: bigint,
): Promise<void> {
  const balance = await new TokenReader(client, token.address).balance(account);
  if (balance >= amount) return;
  throw new Failure(
    `${account} has ${formatMoney(balance, token)}, but ${formatMoney(amount, token)} are needed`,
    `send ${formatMoney(amount - balance, token)} (token ${token.address}) to it, or take less time`,
  );
}

function insufficientAllowance(market: string, allowance: bigint, { token, amount }: Payment): Failure {
  return new Failure(
    `the market may take ${formatMoney(allowance, token)} from you, but ${formatMoney(amount, token)} are needed`,
    `approve ${market} for that much in your wallet, or leave out --no-approve`,
  );
}
