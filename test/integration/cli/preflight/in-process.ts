import { randomBytes } from "node:crypto";
import { run } from "../../../../src/cli/run.ts";
import { systemClock } from "../../../../src/kube/clock.ts";
import { RecordingTerminal } from "../../../support/recording-terminal.ts";
import type { Outcome } from "../fixture.ts";

/** Runs one command line in this process: a process each would take most of the tests' time. */
export async function berthageHere(args: readonly string[]): Promise<Outcome> {
  const terminal = new RecordingTerminal();
  const code = await run(args, { terminal, clock: systemClock, random: randomBytes });
  const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
  return { code, stdout: text(terminal.printed), stderr: text(terminal.noted) };
}
