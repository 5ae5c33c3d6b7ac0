import { CommanderError } from "commander";
import type { Context } from "./context.ts";
import { explain } from "./explain.ts";
import { UsageFailure } from "./failure.ts";
import { buildProgram } from "./program.ts";

const SUCCESS = 0;
const FAILED = 1;
const USAGE = 2;

/** Runs one command line (without program names) and returns its exit code: 0 done, 1 failed, 2 wrongly called. */
export async function run(argv: readonly string[], context: Context): Promise<number> {
  try {
    await buildProgram(context).parseAsync([...argv], { from: "user" });
    return SUCCESS;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? SUCCESS : USAGE; // help was asked for, or shown
    report(error, argv.includes("--debug"), context);
    return error instanceof UsageFailure ? USAGE : FAILED;
  }
}

function report(error: unknown, debug: boolean, { terminal }: Context): void {
  const { what, next } = explain(error);
  terminal.note(`error: ${what}`);
  terminal.note(`  next: ${next}`);
  if (!debug) return;
  for (let cause = error; cause instanceof Error; cause = cause.cause) terminal.note(cause.stack ?? cause.message);
}
