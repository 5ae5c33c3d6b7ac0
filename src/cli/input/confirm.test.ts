import { expect, test } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { RecordingTerminal } from "../../../test/support/recording-terminal.ts";
import { Flags } from "../flags.ts";
import { confirm } from "./confirm.ts";

function contextOf(answer?: string) {
  const terminal = new RecordingTerminal(answer);
  return { terminal, clock: new ManualClock(), random: (bytes: number) => new Uint8Array(bytes) };
}

test.each(["y", "Y", "yes", " yes "])("%j goes on", async (answer) => {
  const context = contextOf(answer);
  await confirm("Deposit 5 BTD?", new Flags({}), context);
  expect(context.terminal.asked).toEqual(["Deposit 5 BTD? Go on? [y/N] "]);
});

test.each(["", "n", "no", "yesterday", "ok"])("%j stops before anything is sent", async (answer) => {
  await expect(confirm("Deposit 5 BTD?", new Flags({}), contextOf(answer))).rejects.toThrow("you said no");
});

test("neither scripts nor --yes are asked", async () => {
  const [script, sure] = [contextOf(), contextOf("n")];
  await confirm("Deposit 5 BTD?", new Flags({}), script);
  await confirm("Deposit 5 BTD?", new Flags({ yes: true }), sure);
  expect([...script.terminal.asked, ...sure.terminal.asked]).toEqual([]);
});
