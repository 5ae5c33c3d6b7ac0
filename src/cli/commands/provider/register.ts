import type { Command } from "commander";
import type { Signer } from "../../../chain/signer.ts";
import type { LedgerProvider } from "../../../networks/driver.ts";
import { type MarketCall, MarketTransactions, registeredProvider } from "../../../networks/market/transactions.ts";
import { parseKey, toHex } from "../../../sealing/key.ts";
import type { Context } from "../../context.ts";
import { Failure, UsageFailure } from "../../failure.ts";
import type { Flags } from "../../flags.ts";
import { readSigner } from "../../input/key-file.ts";
import { parseAddress } from "../../input/values.ts";
import { readProvider } from "../../market/facts.ts";
import { send } from "../../market/send.ts";
import { type MarketSession, withMarket } from "../../market/session.ts";
import { acting, newCommand, sharedFlags, withFlags, withOutput } from "../../options.ts";
import { printThing } from "../../output/print.ts";
import { renderFields } from "../../output/table.ts";

export function registerCommand(context: Context): Command {
  const command = newCommand("register", "Register a provider on a market; the key becomes its owner.")
    .requiredOption("--manifest-public-key <hex>", "what tenants seal manifests to; `provider keygen` prints it")
    .option("--operator <address>", "account of the operator in the cluster; default: the owner")
    .option("--payout <address>", "where earnings go; default: the owner")
    .option("--update", "change payout and manifest key where they differ");
  withOutput(withFlags(command, sharedFlags.market, sharedFlags.key));
  return acting(command, (_, flags) => register(flags, context));
}

/** What the provider should be. */
interface Wanted {
  readonly operator: string;
  readonly payout: string;
  readonly manifestKey: string;
}

async function register(flags: Flags, context: Context): Promise<void> {
  const manifestKey = parsePublicKey(flags.required("manifestPublicKey"));
  const owner = await readSigner(flags, context);
  const wanted: Wanted = {
    operator: parseAddress(flags.text("operator") ?? owner.address, "--operator"),
    payout: parseAddress(flags.text("payout") ?? owner.address, "--payout"),
    manifestKey,
  };
  await withMarket(flags, context, async (session) => {
    const id = await session.views.providerOf(wanted.operator);
    const providerId =
      id === undefined
        ? await registerNew(wanted, session, owner, context)
        : await reconcile(await readProvider(session, id), wanted, session, owner, flags, context);
    const provider = await readProvider(session, providerId);
    const lines = (): string[] =>
      renderFields([
        ["Provider", provider.id],
        ["Owner", provider.owner],
        ["Operator", provider.operator],
        ["Payout", provider.payout],
        ["Manifest public key", provider.manifestKey],
      ]);
    printThing(provider, lines, flags, context);
  });
}

async function registerNew(wanted: Wanted, session: MarketSession, owner: Signer, context: Context): Promise<string> {
  const call = new MarketTransactions(session.market).register(wanted);
  return registeredProvider(await send("registering", call, session, owner, context));
}

/** An operator serves one provider, so asking again finds it; differences change only on `--update`. */
async function reconcile(
  provider: LedgerProvider,
  wanted: Wanted,
  session: MarketSession,
  owner: Signer,
  flags: Flags,
  context: Context,
): Promise<string> {
  const { id } = provider;
  if (provider.owner !== owner.address) {
    throw new Failure(
      `operator ${wanted.operator} serves provider ${id} of ${provider.owner} already`,
      "give the owner's key, or make another operator key: `berthage provider keygen`",
    );
  }
  const changes = changesOf(provider, wanted, new MarketTransactions(session.market));
  if (changes.length > 0 && !flags.isSet("update")) {
    throw new Failure(
      `provider ${id} is registered, but with another ${changes.map(({ what }) => what).join(" and ")}`,
      "give --update to change it, or leave the flag as it was",
    );
  }
  for (const { what, call } of changes) await send(`changing the ${what}`, call, session, owner, context);
  if (changes.length === 0) context.terminal.note(`provider ${id} is registered already`);
  return id;
}

function changesOf(
  { id, payout, manifestKey }: LedgerProvider,
  wanted: Wanted,
  transactions: MarketTransactions,
): readonly { what: string; call: MarketCall }[] {
  return [
    ...(payout === wanted.payout ? [] : [{ what: "payout", call: transactions.setPayout(id, wanted.payout) }]),
    ...(manifestKey === wanted.manifestKey
      ? []
      : [{ what: "manifest key", call: transactions.setKey(id, wanted.manifestKey) }]),
  ];
}

function parsePublicKey(hex: string): string {
  try {
    return toHex(parseKey(hex, "public"));
  } catch {
    throw new UsageFailure(
      "--manifest-public-key is not 32 bytes of hex",
      "`berthage provider keygen` prints it as `Manifest public key`",
    );
  }
}
