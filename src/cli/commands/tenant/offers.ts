import type { Command } from "commander";
import type { LedgerOffer } from "../../../networks/driver.ts";
import type { Context } from "../../context.ts";
import type { Flags } from "../../flags.ts";
import { formatAmount } from "../../input/amount.ts";
import { parseProviderId } from "../../input/values.ts";
import { withMarket } from "../../market/session.ts";
import { type Token, Tokens } from "../../market/token.ts";
import { acting, newCommand, sharedFlags, withFlags, withOutput } from "../../options.ts";
import { formatDuration } from "../../output/duration.ts";
import { printList } from "../../output/print.ts";
import type { Column } from "../../output/table.ts";

const ALL_PROVIDERS = "0";

/** An offer as `-o json` shows it. */
interface OfferRecord {
  readonly id: string;
  readonly providerId: string;
  /** Of one unit, in the token's smallest units. */
  readonly pricePerUnitHour: bigint;
  readonly token: Token;
  readonly capacityUnits: number;
  readonly leasedUnits: number;
  readonly freeUnits: number;
  readonly minSeconds: number;
  readonly noticeSeconds: number;
  readonly heartbeatWindowSeconds: number;
  readonly isOpen: boolean;
  readonly specHash: string;
}

const columns: readonly Column<OfferRecord>[] = [
  { header: "OFFER", value: ({ id }) => id },
  { header: "PROVIDER", value: ({ providerId }) => providerId },
  {
    header: "PRICE/UNIT/H",
    align: "right",
    value: ({ pricePerUnitHour, token }) => formatAmount(pricePerUnitHour, token.decimals),
  },
  { header: "TOKEN", value: ({ token }) => token.symbol },
  { header: "FREE", align: "right", value: ({ freeUnits }) => String(freeUnits) },
  { header: "UNITS", align: "right", value: ({ capacityUnits }) => String(capacityUnits) },
  { header: "MIN", value: ({ minSeconds }) => formatDuration(minSeconds) },
  { header: "NOTICE", value: ({ noticeSeconds }) => formatDuration(noticeSeconds) },
  { header: "WINDOW", value: ({ heartbeatWindowSeconds }) => formatDuration(heartbeatWindowSeconds) },
  { header: "OPEN", value: ({ isOpen }) => (isOpen ? "yes" : "no") },
];

export function offersCommand(context: Context): Command {
  const command = newCommand("offers", "List what is for sale on a market.")
    .option("--provider <id>", "only this provider's offers")
    .option("--all", "closed offers too");
  withOutput(withFlags(command, sharedFlags.market));
  return acting(command, (_, flags) => listOffers(flags, context));
}

async function listOffers(flags: Flags, context: Context): Promise<void> {
  const provider = flags.text("provider");
  const providerId = provider === undefined ? ALL_PROVIDERS : parseProviderId(provider);
  await withMarket(flags, context, async ({ client, views }) => {
    const tokens = new Tokens(client);
    const offers = (await views.offers(providerId)).filter(({ isOpen }) => isOpen || flags.isSet("all"));
    const records = await Promise.all(
      offers.map(async (offer) => recordOf(offer, await tokens.get(offer.terms.token))),
    );
    printList(records, columns, "no open offers on this market", flags, context);
  });
}

function recordOf({ terms, ...offer }: LedgerOffer, token: Token): OfferRecord {
  const { pricePerUnitHour, minSeconds, noticeSeconds, heartbeatWindowSeconds, specHash } = terms;
  const { id, providerId, capacityUnits, leasedUnits, isOpen } = offer;
  return {
    id,
    providerId,
    pricePerUnitHour,
    token,
    capacityUnits,
    leasedUnits,
    freeUnits: capacityUnits - leasedUnits,
    minSeconds,
    noticeSeconds,
    heartbeatWindowSeconds,
    isOpen,
    specHash,
  };
}
