import { beforeEach, describe, expect, test } from "vitest";
import { ManualClock, settle } from "../../test/support/manual-clock.ts";
import { firstAnswer } from "./first-answer.ts";

class Final extends Error {}
let clock: ManualClock;
let started: string[];
let aborted: string[];

beforeEach(() => {
  [clock, started, aborted] = [new ManualClock(), [], []];
});

type Attempt = (signal: AbortSignal) => Promise<string>;

/** Answers, or fails, at a time of the clock; never without one. */
function attempt(name: string, milliseconds: number | undefined, error?: Error): Attempt {
  return (signal) =>
    new Promise((resolve, reject) => {
      started.push(name);
      signal.addEventListener("abort", () => {
        aborted.push(name);
        reject(new Error("aborted"));
      });
      if (milliseconds === undefined) return;
      clock.setTimer(milliseconds, () => (error === undefined ? resolve(name) : reject(error)));
    });
}

function race(attempts: Attempt[], signal?: AbortSignal): Promise<string> {
  return firstAnswer(attempts, { clock, hedgeMilliseconds: 100, isFinal: (e) => e instanceof Final, signal });
}

describe("first answer", () => {
  test("one that is quick is asked alone", async () => {
    const answer = race([attempt("a", 50), attempt("b", 1)]);
    await clock.advance(1000);
    expect([await answer, started]).toEqual(["a", ["a"]]);
  });

  test("a second is asked when the first is slow, and the loser is told to stop", async () => {
    const answer = race([attempt("a", undefined), attempt("b", 10), attempt("c", 1)]);
    await clock.advance(1000);
    expect([await answer, started, aborted.includes("a")]).toEqual(["b", ["a", "b"], true]);
  });

  test("the next is asked when one fails", async () => {
    const answer = race([attempt("a", 1, new Error("dead")), attempt("b", 1, new Error("dead")), attempt("c", 1)]);
    await clock.advance(50);
    expect([await answer, started]).toEqual(["c", ["a", "b", "c"]]);
  });

  test("a final error is the answer", async () => {
    const answer = race([attempt("a", 1, new Final("reverts")), attempt("b", 1)]);
    const refused = expect(answer).rejects.toThrow("reverts");
    await clock.advance(50);
    await refused;
    expect(started).toEqual(["a"]);
  });

  test("the last error is told when all fail", async () => {
    const answer = race([attempt("a", 1, new Error("first")), attempt("b", 1, new Error("second"))]);
    const refused = expect(answer).rejects.toThrow("second");
    await clock.advance(50);
    await refused;
  });

  test("the caller's signal reaches those that run, and no timer stays", async () => {
    const caller = new AbortController();
    const answer = race([attempt("a", undefined), attempt("b", 1)], caller.signal);
    const refused = expect(answer).rejects.toThrow("aborted");
    await settle();
    caller.abort();
    await refused;
    await clock.advance(400);
    expect([started, aborted, clock.timers]).toEqual([["a"], ["a"], 0]);
  });
});
