import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IntentQueue } from "./intent-queue.ts";

const dueKeys = (queue: IntentQueue<string>, now = 0): string[] => [...queue.due(now).keys()];

describe("what is wanted", () => {
  test("the last wish under a key counts", () => {
    const queue = new IntentQueue<string>();
    queue.submit("a", "old", 1n, 0);
    queue.submit("a", "new", 1n, 0);
    expect([...queue.due(0)]).toEqual([["a", "new"]]);
    expect([queue.depth, queue.keys()]).toEqual([1, ["a"]]);
  });

  test("what is withdrawn is not due", () => {
    const queue = new IntentQueue<string>();
    queue.submit("a", "x", 1n, 0);
    queue.withdraw("a");
    expect(dueKeys(queue)).toEqual([]);
  });
});

describe("what was done", () => {
  test("counts as fulfilled for wishes from before its block, and not for later ones", () => {
    const queue = new IntentQueue<string>();
    queue.submit("a", "x", 10n, 0);
    queue.submit("b", "x", 12n, 0);
    queue.done(["a", "b"], 12n);
    expect(dueKeys(queue)).toEqual(["b"]);
  });

  test("is wanted again only on a view that knows it", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 99n }), fc.bigInt({ min: 0n, max: 99n }), (block, basedOn) => {
        const queue = new IntentQueue<string>();
        queue.done(["a"], block);
        queue.submit("a", "again", basedOn, 0);
        expect(dueKeys(queue)).toEqual(basedOn >= block ? ["a"] : []);
      }),
    );
  });
});

describe("what was refused", () => {
  test("waits longer each time, up to five minutes, and starts afresh when withdrawn or done", () => {
    const queue = new IntentQueue<string>();
    queue.submit("a", "x", 1n, 0);
    const pauses = Array.from({ length: 9 }, () => {
      queue.refused("a", "no", 100);
      return (queue.refusals().get("a")?.retryAtSeconds ?? 0) - 100;
    });
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
    expect([dueKeys(queue, 399), dueKeys(queue, 400)]).toEqual([[], ["a"]]);
    queue.done(["a"], 5n);
    expect(queue.refusals().size).toBe(0);
  });

  test("does not hold up others", () => {
    const queue = new IntentQueue<string>();
    queue.submit("a", "x", 1n, 0);
    queue.submit("b", "x", 1n, 0);
    queue.refused("a", "no", 0);
    expect(dueKeys(queue, 1)).toEqual(["b"]);
  });
});

test("an intent's age counts from the first wish under its key, until it is done", () => {
  const queue = new IntentQueue<string>();
  expect(queue.oldestSinceSeconds()).toBeUndefined();
  queue.submit("a", "x", 1n, 100);
  queue.submit("b", "x", 1n, 110);
  queue.submit("a", "y", 2n, 120);
  expect(queue.oldestSinceSeconds()).toBe(100);
  queue.done(["a"], 5n);
  expect(queue.oldestSinceSeconds()).toBe(110);
  queue.submit("a", "z", 5n, 130);
  queue.withdraw("b");
  expect(queue.oldestSinceSeconds()).toBe(130);
});
