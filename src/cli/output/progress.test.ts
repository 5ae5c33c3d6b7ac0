import { expect, test } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { RecordingTerminal } from "../../../test/support/recording-terminal.ts";
import { withProgress } from "./progress.ts";

test("a terminal gets a spinner with the seconds passed, wiped at the end", async () => {
  const [terminal, clock] = [new RecordingTerminal("y"), new ManualClock()];
  const { promise, resolve } = Promise.withResolvers<string>();
  const running = withProgress("opening the lease", { terminal, clock }, () => promise);
  await clock.advance(2500);
  expect(terminal.drawn.at(-1)).toContain("opening the lease (2 s)");
  expect(new Set(terminal.drawn.map((text) => text.charAt(5))).size).toBe(10);
  resolve("done");
  expect(await running).toBe("done");
  expect(terminal.drawn.at(-1)).toBe("\r\x1b[2K");
  expect(clock.timers).toBe(0);
  expect(terminal.noted).toEqual([]);
});

test("a log gets one line, and no control characters", async () => {
  const [terminal, clock] = [new RecordingTerminal(), new ManualClock()];
  await withProgress("opening the lease", { terminal, clock }, () => Promise.resolve());
  expect([terminal.noted, terminal.drawn]).toEqual([["opening the lease …"], []]);
});

test("a failure goes through, and the spinner ends", async () => {
  const [terminal, clock] = [new RecordingTerminal("y"), new ManualClock()];
  const failing = withProgress("opening", { terminal, clock }, () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  expect(clock.timers).toBe(0);
});
