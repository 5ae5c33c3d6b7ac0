import type { Command } from "commander";
import { MarketTransactions } from "../../../networks/market/transactions.ts";
import type { Context } from "../../context.ts";
import type { Flags } from "../../flags.ts";
import { confirm } from "../../input/confirm.ts";
import { readSigner } from "../../input/key-file.ts";
import { parseLeaseId } from "../../input/values.ts";
import { runwayOf } from "../../market/billing.ts";
import { readLease, requireActive } from "../../market/facts.ts";
import { pay, requireFunds } from "../../market/pay.ts";
import { withMarket } from "../../market/session.ts";
import { formatMoney, Tokens } from "../../market/token.ts";
import { acting, newCommand, sharedFlags, withFlags, withOutput } from "../../options.ts";
import { formatDuration } from "../../output/duration.ts";
import { printThing } from "../../output/print.ts";
import { renderFields } from "../../output/table.ts";
import { readPayment } from "./deposit.ts";

export function topUpCommand(context: Context): Command {
  const command = newCommand("top-up", "Pay more into a lease. Anyone may.")
    .argument("<lease>", "id of the lease")
    .option("--hours <h>", "pay for so many more hours")
    .option("--amount <amount>", "or pay so much more of the lease's token")
    .option("--no-approve", "never let the market take more than you allowed it already");
  withOutput(withFlags(command, sharedFlags.market, sharedFlags.key, sharedFlags.money));
  return acting(command, ([lease = ""], flags) => topUp(parseLeaseId(lease), flags, context));
}

async function topUp(leaseId: string, flags: Flags, context: Context): Promise<void> {
  const signer = await readSigner(flags, context);
  await withMarket(flags, context, async (session) => {
    const facts = await readLease(session, leaseId);
    requireActive(facts);
    const token = await new Tokens(session.client).get(facts.lease.token);
    const amount = readPayment(flags, "amount", facts.lease.pricePerHour, token);
    await requireFunds(session, signer.address, token, amount);
    await confirm(`Pay ${formatMoney(amount, token)} into lease ${leaseId}?`, flags, context);
    const transactions = new MarketTransactions(session.market);
    const { transactionHash } = await pay(
      { token, amount, what: "topping up", call: (permit) => transactions.topUp(leaseId, amount, permit) },
      session,
      signer,
      flags,
      context,
    );
    const { lease } = await readLease(session, leaseId);
    const runwaySeconds = runwayOf(lease);
    const done = { leaseId, amount, token, deposit: lease.deposit, runwaySeconds, transactionHash };
    const lines = (): string[] =>
      renderFields([
        ["Lease", leaseId],
        ["Paid in", formatMoney(amount, token)],
        ["Deposit", formatMoney(lease.deposit, token)],
        ["Runway", formatDuration(runwaySeconds)],
        ["Transaction", transactionHash],
      ]);
    printThing(done, lines, flags, context);
  });
}
