import type { Command } from "commander";
import type { Context } from "../context.ts";
import { newCommand } from "../options.ts";
import { keygenCommand } from "./provider/keygen.ts";
import { preflightCommand } from "./provider/preflight.ts";
import { registerCommand } from "./provider/register.ts";
import { providerStatusCommand } from "./provider/status.ts";

/** What providers do, in the order of setting up. */
export function providerCommands(context: Context): Command {
  return newCommand("provider", "Sell a cluster's spare compute.")
    .addCommand(keygenCommand(context))
    .addCommand(registerCommand(context))
    .addCommand(preflightCommand(context))
    .addCommand(providerStatusCommand(context));
}
