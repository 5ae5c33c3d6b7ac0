import type { Command } from "commander";
import { withCluster } from "../../cluster/session.ts";
import type { Context } from "../../context.ts";
import { explain } from "../../explain.ts";
import { Failure } from "../../failure.ts";
import type { Flags } from "../../flags.ts";
import { acting, newCommand, sharedFlags, withFlags, withOutput } from "../../options.ts";
import { printList } from "../../output/print.ts";
import { withProgress } from "../../output/progress.ts";
import type { Column } from "../../output/table.ts";
import { chainFindings } from "../../preflight/chain-checks.ts";
import { clusterFindings } from "../../preflight/cluster-checks.ts";
import { type Finding, fail } from "../../preflight/finding.ts";

const columns: readonly Column<Finding>[] = [
  { header: "CHECK", value: ({ check }) => check },
  { header: "RESULT", value: ({ result }) => result },
  { header: "DETAIL", value: ({ detail }) => detail },
  { header: "FIX", value: ({ fix }) => fix ?? "" },
];

export function preflightCommand(context: Context): Command {
  const command = newCommand("preflight", "Check cluster, chain and keys before selling.").option(
    "--operator <address>",
    "the operator's account; default: the key's",
  );
  withOutput(withFlags(command, sharedFlags.cluster, sharedFlags.market, sharedFlags.key));
  return acting(command, (_, flags) => preflight(flags, context));
}

async function preflight(flags: Flags, context: Context): Promise<void> {
  const findings = await withProgress("checking", context, async () => [
    ...(await inCluster(flags, context)),
    ...(await chainFindings(flags, context)),
  ]);
  printList(findings, columns, "", flags, context);
  const failed = findings.filter(({ result }) => result === "fail").length;
  if (failed === 0) return;
  throw new Failure(`${failed} of ${findings.length} checks failed`, "mend what FIX says, then run it again");
}

async function inCluster(flags: Flags, context: Context): Promise<readonly Finding[]> {
  try {
    return await withCluster(flags, context, clusterFindings);
  } catch (error) {
    const { what, next } = explain(error);
    return [fail("API server", what, next)];
  }
}
