import type { Command } from "commander";
import type { Context } from "../context.ts";
import { newCommand } from "../options.ts";
import { deployCommand } from "./market/deploy.ts";

/** What whoever runs a market does. */
export function marketCommands(context: Context): Command {
  return newCommand("market", "Put the market on a chain.").addCommand(deployCommand(context));
}
