import { beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { Controller, type ControllerOptions } from "./controller.ts";
import { pods } from "./core.ts";
import { apiError, operation } from "./errors.ts";
import type { Logger } from "./logger.ts";
import { noMetrics } from "./metrics.ts";
import type { Source } from "./source.ts";

let clock: ManualClock;
let stop: AbortController;
let results: string[];
let errors: string[];
beforeEach(() => {
  clock = new ManualClock();
  stop = new AbortController();
  results = [];
  errors = [];
});

function start(options: Partial<ControllerOptions> & Pick<ControllerOptions, "reconcile">) {
  const logger: Logger = {
    debug() {},
    info() {},
    warn() {},
    error: (_, fields) => void errors.push(JSON.stringify(fields)),
  };
  const metrics = { ...noMetrics, reconcileFinished: (_: string, result: string): void => void results.push(result) };
  const controller = new Controller({ name: "test", sources: [], ...options }, { logger, metrics, clock });
  return { controller, ended: controller.run(stop.signal) };
}

test("nothing is decided before every source has synced", async () => {
  const synced = { a: false, b: false };
  const source = (name: "a" | "b"): Source => ({
    subscribe: (enqueue) => enqueue(name),
    hasSynced: () => synced[name],
  });
  const seen: string[] = [];
  start({ sources: [source("a"), source("b")], reconcile: async (key) => void seen.push(key) });
  synced.a = true;
  await clock.advance(60_000);
  expect(seen).toEqual([]);
  synced.b = true;
  await clock.advance(100);
  expect(seen).toEqual(["a", "b"]);
});

test("a result asks for another look, which comes at its time", async () => {
  const times: number[] = [];
  const { controller } = start({
    async reconcile() {
      times.push(clock.monotonic());
      return times.length < 3 ? { requeueAfterSeconds: 30 } : undefined;
    },
  });
  controller.enqueue("a");
  await clock.advance(600_000);
  expect(times).toEqual([0, 30_000, 60_000]);
  expect(results).toEqual(["requeue_after", "requeue_after", "success"]);
});

describe("a failing key", () => {
  test("is tried again with growing delays, and delays nobody else", async () => {
    const seen: string[] = [];
    const { controller } = start({
      maxBackoffSeconds: 10,
      async reconcile(key) {
        seen.push(key);
        if (key === "poison") throw new Error("always");
        return undefined;
      },
    });
    controller.enqueue("poison");
    controller.enqueue("good");
    await clock.advance(0);
    expect(seen).toEqual(["poison", "good"]);
    await clock.advance(60_000);
    const tries = seen.filter((key) => key === "poison").length;
    expect(tries).toBeGreaterThan(10); // 5 ms, 10 ms, … 10 s
    expect(tries).toBeLessThan(25);
    expect(errors[0]).toContain('"key":"poison","failures":1,"error":"always"');
  });

  test("begins its backoff anew once it worked", async () => {
    const times: number[] = [];
    let failing = true;
    const { controller } = start({
      async reconcile() {
        times.push(clock.monotonic());
        if (failing) throw new Error("not yet");
        return undefined;
      },
    });
    controller.enqueue("a");
    await clock.advance(100);
    failing = false;
    await clock.advance(1_000);
    failing = true;
    times.length = 0;
    controller.enqueue("a");
    await clock.advance(5);
    expect(times).toHaveLength(2);
  });

  test("by a conflict is no error, just another try", async () => {
    const conflict = apiError(operation("update", pods), { status: 409, message: "", reason: "Conflict", causes: [] });
    let tries = 0;
    const { controller } = start({
      async reconcile() {
        tries += 1;
        if (tries === 1) throw conflict;
        return undefined;
      },
    });
    controller.enqueue("a");
    await clock.advance(5);
    expect([results, errors]).toEqual([["conflict", "success"], []]);
  });

  test("waits as long as the server asks", async () => {
    const busy = apiError(operation("update", pods), {
      status: 429,
      message: "",
      reason: "TooManyRequests",
      causes: [],
      retryAfterSeconds: 7,
    });
    const times: number[] = [];
    const { controller } = start({
      async reconcile() {
        times.push(clock.monotonic());
        if (times.length === 1) throw busy;
        return undefined;
      },
    });
    controller.enqueue("a");
    await clock.advance(60_000);
    expect(times).toEqual([0, 7_000]);
  });
});

test("a call that takes too long is told, and its key is not worked on meanwhile", async () => {
  let running = 0;
  let most = 0;
  const { controller } = start({
    concurrency: 4,
    timeoutSeconds: 30,
    reconcile: (_, signal) =>
      new Promise((_resolve, reject) => {
        running += 1;
        most = Math.max(most, running);
        signal.addEventListener("abort", () => {
          running -= 1;
          reject(signal.reason);
        });
      }),
  });
  controller.enqueue("a");
  await clock.advance(29_000);
  controller.enqueue("a");
  await clock.advance(0);
  expect([running, most]).toEqual([1, 1]);
  await clock.advance(1_000);
  expect(results).toEqual(["timeout"]);
  expect(errors[0]).toContain("test a: not done after 30 s");
  expect(most).toBe(1);
  expect(running).toBe(1); // the add of meanwhile
});

test("no more calls run at once than allowed", async () => {
  const releases: (() => void)[] = [];
  const { controller } = start({
    concurrency: 3,
    reconcile: () => new Promise((resolve) => releases.push(() => resolve(undefined))),
  });
  for (const key of ["a", "b", "c", "d", "e"]) controller.enqueue(key);
  await clock.advance(0);
  expect(releases).toHaveLength(3);
  releases[0]?.();
  await clock.advance(0);
  expect(releases).toHaveLength(4);
});

describe("shutdown", () => {
  test("takes nothing new, lets what runs finish, and leaves no timer", async () => {
    let release = (): void => {};
    const seen: string[] = [];
    const { controller, ended } = start({
      reconcile(key) {
        seen.push(key);
        return new Promise((resolve) => {
          release = (): void => resolve({ requeueAfterSeconds: 60 });
        });
      },
    });
    controller.enqueue("a");
    await clock.advance(0);
    controller.enqueue("b");
    stop.abort();
    await clock.advance(1_000);
    release();
    await ended;
    expect(seen).toEqual(["a"]);
    expect(clock.timers).toBe(0);
  });

  test("aborts what does not finish in time", async () => {
    const { controller, ended } = start({
      drainSeconds: 20,
      reconcile: (_, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    controller.enqueue("a");
    await clock.advance(0);
    stop.abort();
    await clock.advance(20_000);
    await ended;
    expect(errors[0]).toContain("shutting down");
  });

  test("while waiting for sources ends at once", async () => {
    const { ended } = start({
      sources: [{ subscribe() {}, hasSynced: () => false }],
      reconcile: async () => undefined,
    });
    stop.abort();
    await clock.advance(0);
    await ended;
    expect(results).toEqual([]);
  });
});
