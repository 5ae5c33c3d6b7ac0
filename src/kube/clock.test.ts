import { describe, expect, test } from "vitest";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { sleep, systemClock } from "./clock.ts";

describe("sleep", () => {
  test("ends at its time and leaves nothing behind", async () => {
    const clock = new ManualClock();
    let awake = false;
    const sleeping = sleep(clock, 1_000).then(() => {
      awake = true;
    });
    await clock.advance(999);
    expect(awake).toBe(false);
    await clock.advance(1);
    await sleeping;
    expect(clock.timers).toBe(0);
  });

  test("ends early with its signal, also when that came before", async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const sleeping = sleep(clock, 1_000, controller.signal);
    controller.abort();
    await sleeping;
    await sleep(clock, 1_000, controller.signal);
    expect(clock.timers).toBe(0);
  });
});

describe("the system's clock", () => {
  test("fires timers, and never at once for a time beyond setTimeout's reach", async () => {
    let fired = false;
    const far = systemClock.setTimer(2 ** 40, () => {
      fired = true;
    });
    await new Promise<void>((resolve) => void systemClock.setTimer(1, resolve));
    far.cancel();
    expect(fired).toBe(false);
  });

  test("tells wall time and a time that only grows", () => {
    const before = systemClock.monotonic();
    expect(systemClock.now()).toBeGreaterThan(Date.UTC(2020, 0, 1));
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before);
  });
});
