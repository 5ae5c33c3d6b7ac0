import type { Command } from "commander";
import { computeLeases, computeNetworks, computeOffers } from "../../../controllers/resources.ts";
import {
  type LeaseRow,
  leaseRow,
  type NetworkRow,
  networkRow,
  type OfferRow,
  offerRow,
  totalsOf,
} from "../../cluster/rows.ts";
import { withCluster } from "../../cluster/session.ts";
import type { Context } from "../../context.ts";
import type { Flags } from "../../flags.ts";
import { acting, newCommand, sharedFlags, withFlags, withOutput } from "../../options.ts";
import { formatDuration } from "../../output/duration.ts";
import { printThing, usesColors } from "../../output/print.ts";
import { type Column, renderTable } from "../../output/table.ts";

const networkColumns: readonly Column<NetworkRow>[] = [
  { header: "NETWORK", value: ({ name }) => name },
  { header: "CHAIN", value: ({ chainId }) => String(chainId ?? "") },
  { header: "PROVIDER", value: ({ providerId }) => providerId ?? "" },
  { header: "OPERATOR", value: ({ operator }) => operator ?? "" },
  { header: "READY", value: ({ ready }) => ready },
];
const offerColumns: readonly Column<OfferRow>[] = [
  { header: "OFFER", value: ({ name }) => name },
  { header: "NETWORK", value: ({ network }) => network },
  { header: "ID", value: ({ offerId }) => offerId ?? "" },
  { header: "SELLS", value: ({ sells }) => sells },
  { header: "PRICE/H", align: "right", value: ({ pricePerUnitHour }) => pricePerUnitHour },
  { header: "LEASED", align: "right", value: ({ leasedUnits }) => String(leasedUnits) },
  { header: "TOTAL", align: "right", value: ({ totalUnits }) => String(totalUnits) },
  { header: "READY", value: ({ ready }) => ready },
];
const leaseColumns: readonly Column<LeaseRow>[] = [
  { header: "LEASE", value: ({ network, leaseId }) => `${network}/${leaseId}` },
  { header: "OFFER", value: ({ offer }) => offer },
  { header: "UNITS", align: "right", value: ({ units }) => String(units) },
  { header: "TENANT", value: ({ tenant }) => tenant },
  { header: "BILLED", value: ({ billedSeconds }) => formatDuration(billedSeconds) },
  { header: "RUNWAY", value: ({ runwaySeconds }) => formatDuration(runwaySeconds) },
  { header: "EARNED", align: "right", value: ({ earned }) => String(earned) },
  { header: "READY", value: ({ ready }) => ready },
];
const totalColumns: readonly Column<ReturnType<typeof totalsOf>[number]>[] = [
  { header: "TOKEN", value: ({ token }) => token },
  { header: "EARNED", align: "right", value: ({ earned }) => String(earned) },
  { header: "WITHDRAWN", align: "right", value: ({ withdrawn }) => String(withdrawn) },
  { header: "EARNED/H NOW", align: "right", value: ({ perHour }) => String(perHour) },
];

export function providerStatusCommand(context: Context): Command {
  const command = newCommand(
    "status",
    "Show what the cluster sells and earns. Amounts are in the tokens' smallest units.",
  );
  withOutput(withFlags(command, sharedFlags.cluster));
  return acting(command, (_, flags) => showStatus(flags, context));
}

async function showStatus(flags: Flags, context: Context): Promise<void> {
  await withCluster(flags, context, async ({ kube }) => {
    const [networks, offers, leases] = await Promise.all([
      kube.list(computeNetworks),
      kube.list(computeOffers),
      kube.list(computeLeases),
    ]);
    const status = {
      networks: networks.items.map(networkRow),
      offers: offers.items.map(offerRow),
      leases: leases.items.map(leaseRow),
    };
    const totals = totalsOf(status.leases);
    const colors = usesColors(flags, context);
    const lines = (): string[] => {
      const tables = [
        renderTable(networkColumns, status.networks, colors),
        renderTable(offerColumns, status.offers, colors),
        renderTable(leaseColumns, status.leases, colors),
        renderTable(totalColumns, totals, colors),
      ].filter((table) => table.length > 1);
      if (tables.length === 0) return ["nothing is sold here yet: apply a ComputeNetwork and a ComputeOffer"];
      return tables.flatMap((table, index) => (index === 0 ? table : ["", ...table]));
    };
    printThing({ ...status, totals }, lines, flags, context);
  });
}
