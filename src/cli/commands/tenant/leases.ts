import type { Command } from "commander";
import { decodeResult, marketAbi } from "../../../networks/market/abi.ts";
import type { PackedLease } from "../../../networks/market/codec.ts";
import type { Context } from "../../context.ts";
import { UsageFailure } from "../../failure.ts";
import type { Flags } from "../../flags.ts";
import { readSigner } from "../../input/key-file.ts";
import { parseAddress } from "../../input/values.ts";
import { type LeaseRecord, leaseRecord } from "../../market/lease-record.ts";
import { type MarketSession, withMarket } from "../../market/session.ts";
import { formatMoney, Tokens } from "../../market/token.ts";
import { acting, newCommand, sharedFlags, withFlags, withOutput } from "../../options.ts";
import { formatDuration } from "../../output/duration.ts";
import { printList } from "../../output/print.ts";
import { withProgress } from "../../output/progress.ts";
import type { Column } from "../../output/table.ts";

/** Leases read at a time: some nodes limit how much one round may ask. */
const LEASES_A_ROUND = 2048;

const columns: readonly Column<LeaseRecord>[] = [
  { header: "LEASE", value: ({ id }) => id },
  { header: "OFFER", value: ({ offerId }) => offerId },
  { header: "PROVIDER", value: ({ providerId }) => providerId },
  { header: "UNITS", align: "right", value: ({ units }) => String(units) },
  { header: "PRICE/H", align: "right", value: ({ pricePerHour, token }) => formatMoney(pricePerHour, token) },
  { header: "DEPOSIT", align: "right", value: ({ deposit, token }) => formatMoney(deposit, token) },
  { header: "BILLED", align: "right", value: ({ earned, token }) => formatMoney(earned, token) },
  { header: "RUNWAY", value: ({ state, runwaySeconds }) => (state === "Active" ? formatDuration(runwaySeconds) : "-") },
  { header: "STATE", value: ({ state, closeReason }) => closeReason ?? state },
];

export function leasesCommand(context: Context): Command {
  const command = newCommand("leases", "List your leases.")
    .option("--tenant <address>", "whose leases; default: the key's")
    .option("--all", "closed leases too");
  withOutput(withFlags(command, sharedFlags.market, sharedFlags.key));
  return acting(command, (_, flags) => listLeases(flags, context));
}

async function listLeases(flags: Flags, context: Context): Promise<void> {
  const tenant = await tenantOf(flags, context);
  await withMarket(flags, context, async (session) => {
    const found = await withProgress("reading the market's leases", context, () => leasesOf(session, tenant));
    const shown = found.filter(({ lease }) => lease.state === "Active" || flags.isSet("all"));
    const offers = new Map((await session.views.offers("0")).map((offer) => [offer.id, offer]));
    const tokens = new Tokens(session.client);
    const records = await Promise.all(
      shown.flatMap(({ lease, providerId }) => {
        const token = offers.get(lease.offerId)?.terms.token;
        if (token === undefined) return []; // a lease always has an offer
        return [tokens.get(token).then((info) => leaseRecord({ lease: { ...lease, token }, providerId }, info))];
      }),
    );
    printList(records, columns, `${tenant} has no leases on this market`, flags, context);
  });
}

async function tenantOf(flags: Flags, context: Context): Promise<string> {
  const tenant = flags.text("tenant");
  if (tenant !== undefined) return parseAddress(tenant, "--tenant");
  if (flags.text("keyFile") !== undefined) return (await readSigner(flags, context)).address;
  throw new UsageFailure("whose leases?", "give --tenant, or --key-file (BERTHAGE_KEY_FILE)");
}

/** All records are looked through: event logs would miss transfers, and many nodes keep or serve few of them. */
async function leasesOf({ client, market, views }: MarketSession, tenant: string): Promise<PackedLease[]> {
  const data = await client.call({ to: market, data: marketAbi.encodeFunctionData("leaseCount") });
  const count = Number(decodeResult("leaseCount", data));
  const found: PackedLease[] = [];
  for (let first = 1; first <= count; first += LEASES_A_ROUND) {
    const length = Math.min(LEASES_A_ROUND, count - first + 1);
    const round = await views.leases(new Set(Array.from({ length }, (_, index) => String(first + index))));
    found.push(...round.filter(({ lease }) => lease.tenant === tenant));
  }
  return found;
}
