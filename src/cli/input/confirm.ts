import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import type { Flags } from "../flags.ts";

/** Asks a person before money moves. Scripts (no terminal on stdin) are not asked, nor is who said `--yes`. */
export async function confirm(what: string, flags: Flags, { terminal }: Context): Promise<void> {
  if (flags.isSet("yes") || !terminal.canAsk) return;
  const answer = await terminal.ask(`${what} Go on? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure("you said no", "nothing was sent; run it again when ready");
}
