import { randomBytes } from "node:crypto";
import { systemClock } from "../kube/clock.ts";
import { run } from "./run.ts";
import { processTerminal } from "./terminal.ts";

// A reader that has seen enough (`| head`) closes the pipe: that is no failure of ours.
process.stdout.on("error", (error) => {
  if (!("code" in error) || error.code !== "EPIPE") throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  terminal: processTerminal(process, process.env),
  clock: systemClock,
  random: randomBytes,
});
