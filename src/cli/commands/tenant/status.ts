import type { Command } from "commander";
import type { Context } from "../../context.ts";
import type { Flags } from "../../flags.ts";
import { GatewayClient } from "../../gateway/client.ts";
import { type LeaseReport, parseLeaseReport } from "../../gateway/lease-report.ts";
import { readSigner } from "../../input/key-file.ts";
import { parseLeaseId } from "../../input/values.ts";
import { type LeaseFacts, readLease, requireTenant } from "../../market/facts.ts";
import { leaseFields, leaseRecord } from "../../market/lease-record.ts";
import { type MarketSession, withMarket } from "../../market/session.ts";
import { Tokens } from "../../market/token.ts";
import { acting, newCommand, sharedFlags, withFlags, withOutput } from "../../options.ts";
import { printThing, usesColors } from "../../output/print.ts";
import { type Column, renderFields, renderTable } from "../../output/table.ts";

const conditionColumns: readonly Column<LeaseReport["conditions"][number]>[] = [
  { header: "CONDITION", value: ({ type }) => type },
  { header: "STATUS", value: ({ status }) => status },
  { header: "REASON", value: ({ reason }) => reason },
  { header: "MESSAGE", value: ({ message }) => message },
];
const serviceColumns: readonly Column<LeaseReport["services"][number]>[] = [
  { header: "SERVICE", value: ({ name }) => name },
  { header: "READY", value: ({ ready, desired }) => `${ready}/${desired}` },
  { header: "MESSAGE", value: ({ message }) => message ?? "" },
];
const endpointColumns: readonly Column<LeaseReport["endpoints"][number]>[] = [
  { header: "ENDPOINT", value: ({ service }) => service },
  { header: "PORT", value: ({ port, protocol }) => `${port}/${protocol}` },
  { header: "ADDRESS", value: ({ url, address }) => url ?? address },
];

export function statusCommand(context: Context): Command {
  const command = newCommand("status", "Show a lease: the chain's facts, and with --gateway the workload's.").argument(
    "<lease>",
    "id of the lease",
  );
  withOutput(withFlags(command, sharedFlags.market, sharedFlags.key, sharedFlags.gateway));
  return acting(command, ([lease = ""], flags) => showStatus(parseLeaseId(lease), flags, context));
}

async function showStatus(leaseId: string, flags: Flags, context: Context): Promise<void> {
  await withMarket(flags, context, async (session) => {
    const facts = await readLease(session, leaseId);
    const record = leaseRecord(facts, await new Tokens(session.client).get(facts.lease.token));
    const workload = flags.text("gateway") === undefined ? undefined : await askGateway(facts, session, flags, context);
    const colors = usesColors(flags, context);
    const lines = (): readonly string[] => [
      ...renderFields(leaseFields(record)),
      ...(workload === undefined ? [] : workloadLines(workload, colors)),
    ];
    printThing({ ...record, workload }, lines, flags, context);
  });
}

async function askGateway(
  facts: LeaseFacts,
  session: MarketSession,
  flags: Flags,
  context: Context,
): Promise<LeaseReport> {
  const signer = await readSigner(flags, context);
  requireTenant(facts, signer.address);
  const gateway = await GatewayClient.connect(session, facts.providerId, signer, "status", flags, context);
  return parseLeaseReport(await gateway.lease(facts.lease.id));
}

function workloadLines({ conditions, services, endpoints }: LeaseReport, colors: boolean): readonly string[] {
  const tables = [
    renderTable(conditionColumns, conditions, colors),
    ...(services.length === 0 ? [] : [renderTable(serviceColumns, services, colors)]),
    ...(endpoints.length === 0 ? [] : [renderTable(endpointColumns, endpoints, colors)]),
  ];
  return tables.flatMap((table) => ["", ...table]);
}
