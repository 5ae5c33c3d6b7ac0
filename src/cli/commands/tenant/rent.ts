import type { Command } from "commander";
import type { Signer } from "../../../chain/signer.ts";
import type { LedgerOffer } from "../../../networks/driver.ts";
import { MarketTransactions, openedLease } from "../../../networks/market/transactions.ts";
import type { Context } from "../../context.ts";
import { Failure } from "../../failure.ts";
import type { Flags } from "../../flags.ts";
import { GatewayClient } from "../../gateway/client.ts";
import { confirm } from "../../input/confirm.ts";
import { writeNewFile } from "../../input/files.ts";
import { readSigner } from "../../input/key-file.ts";
import { parseOfferId, parseUnits } from "../../input/values.ts";
import { readManifestFile } from "../../manifest/read.ts";
import { type SealedManifest, sealFor } from "../../manifest/seal.ts";
import { depositFor, secondsFor } from "../../market/billing.ts";
import { readOffer, readProvider } from "../../market/facts.ts";
import { type Payment, pay, requireFunds } from "../../market/pay.ts";
import { type MarketSession, withMarket } from "../../market/session.ts";
import { formatMoney, type Token, Tokens } from "../../market/token.ts";
import { acting, newCommand, sharedFlags, withFlags, withOutput } from "../../options.ts";
import { formatDuration } from "../../output/duration.ts";
import { printThing } from "../../output/print.ts";
import { withProgress } from "../../output/progress.ts";
import { renderFields } from "../../output/table.ts";
import { readPayment } from "./deposit.ts";

export function rentCommand(context: Context): Command {
  const command = newCommand("rent", "Open a lease: pay a deposit, and name the manifest to run.")
    .argument("<offer>", "id of the offer")
    .requiredOption("--units <n>", "units to rent")
    .option("--hours <h>", "pay for so many hours, like 2 or 0.5")
    .option("--deposit <amount>", "or pay so much of the offer's token, like 12.5")
    .requiredOption("--manifest <file>", "what to run; sealed to the provider before anything is sent")
    .option("--no-approve", "never let the market take more than you allowed it already");
  withOutput(withFlags(command, sharedFlags.market, sharedFlags.key, sharedFlags.gateway, sharedFlags.money));
  return acting(command, ([offer = ""], flags) => rent(parseOfferId(offer), flags, context));
}

/** What the person agreed to pay for. */
interface Agreement {
  readonly offer: LedgerOffer;
  readonly token: Token;
  readonly units: number;
  readonly deposit: bigint;
  readonly fundedSeconds: number;
}

/** Whatever can fail without costing anything comes before the money: the manifest, the offer, the funds, the upload. */
async function rent(offerId: string, flags: Flags, context: Context): Promise<void> {
  const path = flags.required("manifest");
  const manifest = await readManifestFile(path);
  const signer = await readSigner(flags, context);
  await withMarket(flags, context, async (session) => {
    const agreement = await agree(offerId, session, signer, flags, context);
    const provider = await readProvider(session, agreement.offer.providerId);
    const sealed = await sealFor(manifest, provider, signer.address, session, context);
    const sealedFile = await deliver(sealed, path, provider.id, session, signer, flags, context);
    const { leaseId, transactionHash } = await open(agreement, sealed.hash, session, signer, flags, context);
    const { token, units, deposit, fundedSeconds } = agreement;
    const terms = { offerId, providerId: provider.id, units, token, deposit, fundedSeconds };
    const opened = { leaseId, ...terms, manifestHash: sealed.hash, transactionHash, sealedFile };
    printThing(opened, () => renderFields(fieldsOf(opened)), flags, context);
    context.terminal.note(nextStep(leaseId, sealedFile));
  });
}

/** Reads the offer, checks what was asked for against it and the tenant's funds, and asks the person. */
async function agree(
  offerId: string,
  session: MarketSession,
  signer: Signer,
  flags: Flags,
  context: Context,
): Promise<Agreement> {
  const units = parseUnits(flags.required("units"));
  const offer = await readOffer(session, offerId);
  const token = await new Tokens(session.client).get(offer.terms.token);
  const pricePerHour = offer.terms.pricePerUnitHour * BigInt(units);
  const deposit = readPayment(flags, "deposit", pricePerHour, token);
  checkTerms(offer, units, deposit, token);
  await requireFunds(session, signer.address, token, deposit);
  const fundedSeconds = secondsFor(pricePerHour, deposit);
  const what = `${formatMoney(deposit, token)} for ${units} ${units === 1 ? "unit" : "units"} of offer ${offerId} (${formatDuration(fundedSeconds)})`;
  await confirm(`Deposit ${what}, token ${token.address}?`, flags, context);
  return { offer, token, units, deposit, fundedSeconds };
}

async function open(
  { offer, token, units, deposit }: Agreement,
  manifestHash: string,
  session: MarketSession,
  signer: Signer,
  flags: Flags,
  context: Context,
): Promise<{ leaseId: string; transactionHash: string }> {
  const transactions = new MarketTransactions(session.market);
  const opening = { offerId: offer.id, units, deposit, manifestHash };
  const payment: Payment = {
    token,
    amount: deposit,
    what: "opening the lease",
    call: (permit) => transactions.open(opening, permit),
  };
  const receipt = await pay(payment, session, signer, flags, context);
  return { leaseId: openedLease(receipt), transactionHash: receipt.transactionHash };
}

function fieldsOf(
  opened: Omit<Agreement, "offer"> &
    Record<"leaseId" | "offerId" | "providerId", string> &
    Record<"manifestHash" | "transactionHash", string>,
): readonly (readonly [string, string])[] {
  return [
    ["Lease", opened.leaseId],
    ["Offer", `${opened.offerId} of provider ${opened.providerId}`],
    ["Units", String(opened.units)],
    ["Deposit", formatMoney(opened.deposit, opened.token)],
    ["Token", opened.token.address],
    ["Runway", formatDuration(opened.fundedSeconds)],
    ["Manifest", opened.manifestHash],
    ["Transaction", opened.transactionHash],
  ];
}

/** The contract would refuse all of these; here they cost nothing and are said in the token's decimals. */
function checkTerms(offer: LedgerOffer, units: number, deposit: bigint, token: Token): void {
  const { id, isOpen, capacityUnits, leasedUnits, terms } = offer;
  const other = "`berthage offers` lists what is for sale";
  if (!isOpen) throw new Failure(`offer ${id} takes no new leases`, other);
  const free = capacityUnits - leasedUnits;
  if (units > free) throw new Failure(`offer ${id} has ${free} free units, not ${units}`, `take fewer, or ${other}`);
  const least = depositFor(terms.pricePerUnitHour * BigInt(units), BigInt(Math.max(1, terms.minSeconds)));
  if (deposit >= least) return;
  throw new Failure(
    `offer ${id} asks for at least ${formatDuration(terms.minSeconds)}, which is ${formatMoney(least, token)}`,
    "deposit that much: --deposit, or --hours",
  );
}

/** Uploads the manifest, or keeps it in a file to be sent later; the file's path then. */
async function deliver(
  { envelope, hash }: SealedManifest,
  path: string,
  providerId: string,
  session: MarketSession,
  signer: Signer,
  flags: Flags,
  context: Context,
): Promise<string | undefined> {
  if (flags.text("gateway") === undefined) {
    const file = `${path}.${hash.slice(2, 10)}.sealed`;
    await writeNewFile(file, envelope);
    return file;
  }
  const gateway = await GatewayClient.connect(session, providerId, signer, "send-manifest", flags, context);
  await withProgress("sending the manifest", context, () => gateway.putManifest(hash, envelope));
  return undefined;
}

function nextStep(leaseId: string, sealedFile: string | undefined): string {
  return sealedFile === undefined
    ? `the provider starts it now; watch \`berthage status ${leaseId} --gateway …\``
    : `next: send the manifest with \`berthage manifest send ${leaseId} ${sealedFile} --gateway …\``;
}
