import { type Command, Option } from "commander";
import type { Context } from "../../context.ts";
import { Failure } from "../../failure.ts";
import type { Flags } from "../../flags.ts";
import { acting, newCommand, sharedFlags, withFlags, withOutput } from "../../options.ts";
import { printList } from "../../output/print.ts";
import { withProgress } from "../../output/progress.ts";
import type { Column } from "../../output/table.ts";
import type { Finding } from "../../preflight/finding.ts";
import { interruptible } from "../../preflight/interrupt.ts";
import { preflight } from "../../preflight/run.ts";

const columns: readonly Column<Finding>[] = [
  { header: "CHECK", value: ({ check }) => check },
  { header: "SUBJECT", value: ({ subject }) => subject ?? "" },
  { header: "RESULT", value: ({ result }) => result },
  { header: "DETAIL", value: ({ detail }) => detail },
  { header: "FIX", value: ({ fix }) => fix ?? "" },
];

export function preflightCommand(context: Context): Command {
  const command = newCommand("preflight", "Check cluster, networks and keys before selling.")
    .addOption(
      new Option("--network <name>", "the ComputeNetwork to check; default: --rpc if given, else all of them").env(
        "BERTHAGE_NETWORK",
      ),
    )
    .option("--namespace <name>", "the operator's namespace", "berthage-system")
    .option("--operator <address>", "the operator's account, before there is a ComputeNetwork; default: the key's")
    .addOption(
      new Option("--gateway <url>", "where tenants reach the gateway; default: the chart's Ingress").env(
        "BERTHAGE_GATEWAY",
      ),
    )
    .option("--no-probe", "do not run pods to see whether NetworkPolicy is enforced")
    .option("--probe-image <image>", "image of those pods, with node on its PATH; default: the operator's")
    .option("--probe-node <name>", "node that they run on; default: the first that can be sold");
  withOutput(withFlags(command, sharedFlags.cluster, sharedFlags.market, sharedFlags.key));
  return acting(command, (_, flags) => check(flags, context));
}

async function check(flags: Flags, context: Context): Promise<void> {
  const findings = await interruptible((signal) =>
    withProgress("checking", context, () => preflight(flags, context, signal)),
  );
  printList(findings, columns, "", flags, context);
  const failed = findings.filter(({ result }) => result === "fail").length;
  if (failed === 0) return;
  throw new Failure(`${failed} of ${findings.length} checks failed`, "mend what FIX says, then run it again");
}
