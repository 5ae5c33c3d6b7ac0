import type { Command } from "commander";
import { MarketTransactions } from "../../../networks/market/transactions.ts";
import type { Context } from "../../context.ts";
import type { Flags } from "../../flags.ts";
import { GatewayClient } from "../../gateway/client.ts";
import { readSigner } from "../../input/key-file.ts";
import { parseLeaseId } from "../../input/values.ts";
import { readManifestFile } from "../../manifest/read.ts";
import { sealFor } from "../../manifest/seal.ts";
import { readLease, readProvider, requireActive, requireTenant } from "../../market/facts.ts";
import { send } from "../../market/send.ts";
import { withMarket } from "../../market/session.ts";
import { acting, newCommand, sharedFlags, withFlags } from "../../options.ts";
import { withProgress } from "../../output/progress.ts";

export function sendCommand(context: Context): Command {
  const command = newCommand("send", "Send a manifest to a lease's provider, and name it on the chain if it is new.")
    .argument("<lease>", "id of the lease")
    .argument("<file>", "the manifest: plain, or sealed by `manifest seal` or `rent`");
  withFlags(command, sharedFlags.market, sharedFlags.key, sharedFlags.gateway);
  return acting(command, ([lease = "", file = ""], flags) => sendManifest(parseLeaseId(lease), file, flags, context));
}

/** The upload comes first: the provider never sees a hash whose manifest is not there. */
async function sendManifest(leaseId: string, path: string, flags: Flags, context: Context): Promise<void> {
  flags.required("gateway");
  const manifest = await readManifestFile(path);
  const signer = await readSigner(flags, context);
  await withMarket(flags, context, async (session) => {
    const facts = await readLease(session, leaseId);
    requireTenant(facts, signer.address);
    requireActive(facts);
    const provider = await readProvider(session, facts.providerId);
    const { envelope, hash } = await sealFor(manifest, provider, signer.address, session, context);
    const gateway = await GatewayClient.connect(session, provider.id, signer, "send-manifest", flags, context);
    await withProgress("sending the manifest", context, () => gateway.putManifest(hash, envelope));
    if (facts.lease.manifestHash !== hash) {
      const call = new MarketTransactions(session.market).setManifest(leaseId, hash);
      await send("naming it on the chain", call, session, signer, context);
    }
    context.terminal.print(hash);
    context.terminal.note(`lease ${leaseId} runs it next; watch \`berthage status ${leaseId} --gateway …\``);
  });
}
