import type { Command } from "commander";
import type { Context } from "../../context.ts";
import { newCommand } from "../../options.ts";
import { sealCommand } from "./manifest-seal.ts";
import { sendCommand } from "./manifest-send.ts";

export function manifestCommands(context: Context): Command {
  return newCommand("manifest", "Seal manifests, and send them to the provider.")
    .addCommand(sealCommand(context))
    .addCommand(sendCommand(context));
}
