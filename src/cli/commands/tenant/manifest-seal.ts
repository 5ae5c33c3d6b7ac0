import type { Command } from "commander";
import type { Context } from "../../context.ts";
import { Failure, UsageFailure } from "../../failure.ts";
import type { Flags } from "../../flags.ts";
import { writeNewFile } from "../../input/files.ts";
import { readSigner } from "../../input/key-file.ts";
import { parseAddress, parseProviderId } from "../../input/values.ts";
import { readManifestFile } from "../../manifest/read.ts";
import { sealFor } from "../../manifest/seal.ts";
import { readProvider } from "../../market/facts.ts";
import { withMarket } from "../../market/session.ts";
import { acting, newCommand, sharedFlags, withFlags } from "../../options.ts";

export function sealCommand(context: Context): Command {
  const command = newCommand("seal", "Seal a manifest so that only one provider can read it.")
    .argument("<file>", "the manifest, YAML or JSON")
    .requiredOption("--provider <id>", "who may open it")
    .requiredOption("-o, --out <path>", "where to write the sealed manifest")
    .option("--tenant <address>", "who will send it; default: the key's");
  withFlags(command, sharedFlags.market, sharedFlags.key);
  return acting(command, ([file = ""], flags) => sealToFile(file, flags, context));
}

async function sealToFile(path: string, flags: Flags, context: Context): Promise<void> {
  const providerId = parseProviderId(flags.required("provider"));
  const out = flags.required("out");
  const manifest = await readManifestFile(path);
  if (manifest.kind === "sealed") throw new Failure(`${path} is sealed already`, "seal the manifest's plain text");
  const tenant = await tenantOf(flags, context);
  await withMarket(flags, context, async (session) => {
    const provider = await readProvider(session, providerId);
    const { envelope, hash } = await sealFor(manifest, provider, tenant, session, context);
    await writeNewFile(out, envelope);
    context.terminal.print(hash);
    context.terminal.note(`sealed for provider ${providerId} and tenant ${tenant}: ${out}`);
  });
}

async function tenantOf(flags: Flags, context: Context): Promise<string> {
  const tenant = flags.text("tenant");
  if (tenant !== undefined) return parseAddress(tenant, "--tenant");
  if (flags.text("keyFile") !== undefined) return (await readSigner(flags, context)).address;
  throw new UsageFailure("who will send it?", "give --tenant, or --key-file (BERTHAGE_KEY_FILE)");
}
