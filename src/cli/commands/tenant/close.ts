import type { Command } from "commander";
import { closedLease, MarketTransactions } from "../../../networks/market/transactions.ts";
import type { Context } from "../../context.ts";
import type { Flags } from "../../flags.ts";
import { confirm } from "../../input/confirm.ts";
import { readSigner } from "../../input/key-file.ts";
import { parseLeaseId } from "../../input/values.ts";
import { readLease, requireActive, requireTenant } from "../../market/facts.ts";
import { send } from "../../market/send.ts";
import { withMarket } from "../../market/session.ts";
import { formatMoney, Tokens } from "../../market/token.ts";
import { acting, newCommand, sharedFlags, withFlags, withOutput } from "../../options.ts";
import { printThing } from "../../output/print.ts";
import { renderFields } from "../../output/table.ts";

export function closeCommand(context: Context): Command {
  const command = newCommand("close", "End a lease at once, and get back what is not billed.").argument(
    "<lease>",
    "id of the lease",
  );
  withOutput(withFlags(command, sharedFlags.market, sharedFlags.key, sharedFlags.money));
  return acting(command, ([lease = ""], flags) => closeLease(parseLeaseId(lease), flags, context));
}

async function closeLease(leaseId: string, flags: Flags, context: Context): Promise<void> {
  const signer = await readSigner(flags, context);
  await withMarket(flags, context, async (session) => {
    const facts = await readLease(session, leaseId);
    requireTenant(facts, signer.address);
    requireActive(facts);
    await confirm(`Close lease ${leaseId}? Its workload and its data end.`, flags, context);
    const call = new MarketTransactions(session.market).closeByTenant(leaseId);
    const receipt = await send("closing the lease", call, session, signer, context);
    const { refund } = closedLease(receipt);
    const { deposit } = (await readLease(session, leaseId)).lease; // again: a top-up may have come in between
    const paid = deposit - refund; // by earlier settlements and the last one
    const token = await new Tokens(session.client).get(facts.lease.token);
    const { transactionHash } = receipt;
    const lines = (): string[] =>
      renderFields([
        ["Lease", leaseId],
        ["Deposit", formatMoney(deposit, token)],
        ["Paid", `${formatMoney(paid, token)} to the provider`],
        ["Refunded", `${formatMoney(refund, token)} to ${signer.address}`],
        ["Transaction", transactionHash],
      ]);
    printThing({ leaseId, token, deposit, paid, refunded: refund, transactionHash }, lines, flags, context);
  });
}
