import { beforeEach, expect, test } from "vitest";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { Breaker } from "./breaker.ts";

let clock: ManualClock;
let breaker: Breaker;

beforeEach(() => {
  clock = new ManualClock();
  breaker = new Breaker(clock);
});

function fail(times: number): void {
  for (let i = 0; i < times; i += 1) {
    breaker.started();
    breaker.failed();
  }
}

test("opens on five failures in a row, and not on four and a success", () => {
  fail(4);
  breaker.succeeded();
  fail(4);
  expect(breaker.state).toBe("closed");
  fail(1);
  expect([breaker.state, breaker.admits]).toEqual(["open", false]);
});

test("lets one trial through after ten seconds, which closes it", async () => {
  fail(5);
  await clock.advance(10_000);
  expect([breaker.state, breaker.admits]).toEqual(["half-open", true]);
  breaker.started();
  expect(breaker.admits).toBe(false);
  breaker.succeeded();
  expect([breaker.state, breaker.admits]).toEqual(["closed", true]);
});

test("doubles its pause while trials fail, up to 20 s", async () => {
  fail(5);
  for (const seconds of [10, 20, 20, 20]) {
    await clock.advance(seconds * 1000 - 1);
    expect(breaker.state).toBe("open");
    await clock.advance(1);
    expect(breaker.state).toBe("half-open");
    fail(1);
  }
});

test("a trial that its caller gave up lets the next one through", async () => {
  fail(5);
  await clock.advance(10_000);
  breaker.started();
  breaker.cancelled();
  expect(breaker.admits).toBe(true);
});

test("opens at once for as long as it is told", async () => {
  breaker.pause(30);
  await clock.advance(29_999);
  expect(breaker.state).toBe("open");
  await clock.advance(1);
  expect(breaker.state).toBe("half-open");
});
