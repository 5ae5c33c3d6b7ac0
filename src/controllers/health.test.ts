import { describe, expect, test } from "vitest";
import { informersProblem, leadershipProblem, networksProblem } from "./health.ts";

const synced = (is: boolean): { hasSynced(): boolean } => ({ hasSynced: () => is });

test("leadership that is over gets time to end, and no more", () => {
  expect(leadershipProblem(0)).toBeUndefined();
  expect(leadershipProblem(29)).toBeUndefined();
  expect(leadershipProblem(31)).toBe("leadership could not be renewed for 31 s too long, and work goes on");
});

test("caches that are not filled are counted", () => {
  expect(informersProblem([synced(true), synced(true)])).toBeUndefined();
  expect(informersProblem([synced(true), synced(false), synced(false)])).toBe("2 of 3 caches are not filled yet");
});

describe("networks", () => {
  const ledgers: Record<string, { hasSynced(): boolean }> = { fresh: synced(true), stale: synced(false) };
  const problem = (...names: string[]): string | undefined => networksProblem(names, (name) => ledgers[name]);

  test("are no problem when there are none, or one answers", () => {
    expect(problem()).toBeUndefined();
    expect(problem("stale", "fresh", "unconnected")).toBeUndefined();
  });

  test("are one when none answers, by name", () => {
    expect(problem("stale", "unconnected")).toBe("no network was read within the last minute: stale, unconnected");
  });
});
