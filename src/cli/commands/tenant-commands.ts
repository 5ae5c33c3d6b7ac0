import type { Command } from "commander";
import type { Context } from "../context.ts";
import { closeCommand } from "./tenant/close.ts";
import { leasesCommand } from "./tenant/leases.ts";
import { manifestCommands } from "./tenant/manifest.ts";
import { offersCommand } from "./tenant/offers.ts";
import { rentCommand } from "./tenant/rent.ts";
import { statusCommand } from "./tenant/status.ts";
import { topUpCommand } from "./tenant/top-up.ts";

/** What tenants do, in the order of a lease's life. */
export function tenantCommands(context: Context): readonly Command[] {
  return [
    offersCommand(context),
    rentCommand(context),
    manifestCommands(context),
    statusCommand(context),
    leasesCommand(context),
    topUpCommand(context),
    closeCommand(context),
  ];
}
