import type { Command } from "commander";
import { version } from "../version.ts";
import { marketCommands } from "./commands/market-commands.ts";
import { providerCommands } from "./commands/provider-commands.ts";
import { tenantCommands } from "./commands/tenant-commands.ts";
import type { Context } from "./context.ts";
import { UsageFailure } from "./failure.ts";
import { newCommand } from "./options.ts";

/** What ends a call that was not wrong: help or the version was printed. */
const asked: ReadonlySet<string> = new Set(["commander.help", "commander.helpDisplayed", "commander.version"]);

/** The whole command tree. Wrong calls throw UsageFailure; help and version throw commander's own error once printed. */
export function buildProgram(context: Context): Command {
  const program = newCommand("berthage", "Rent and sell spare compute on an open market.")
    .version(version, "-V, --version", "print the version")
    .option("--no-color", "plain text")
    .option("--debug", "show where an error came from");
  for (const command of tenantCommands(context)) program.addCommand(command);
  program.addCommand(providerCommands(context));
  program.addCommand(marketCommands(context));
  wire(program, context);
  return program;
}

function wire(command: Command, context: Context): void {
  command
    .helpCommand(false)
    .exitOverride((error) => {
      if (asked.has(error.code)) throw error;
      throw new UsageFailure(...usageOf(command, error.message));
    })
    .configureOutput({
      writeOut: (text) => context.terminal.print(text.trimEnd()),
      writeErr: (text) => context.terminal.note(text.trimEnd()),
      outputError: () => undefined, // reported with all other failures
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    });
  for (const child of command.commands) wire(child, context);
}

/** commander puts its suggestion on a second line. */
function usageOf(command: Command, message: string): [what: string, next: string] {
  const [what = "", suggestion] = message.replace(/^error: /, "").split("\n");
  const help = `see \`${pathOf(command)} --help\``;
  return [what, suggestion === undefined ? help : `${suggestion.replace(/^\((.*)\)$/, "$1").toLowerCase()} ${help}`];
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
