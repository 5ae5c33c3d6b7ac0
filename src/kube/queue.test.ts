import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ManualClock, settle } from "../../test/support/manual-clock.ts";
import { LOW_PRIORITY, WorkQueue } from "./queue.ts";

const forever = new AbortController().signal;

function fixture(options: { baseDelaySeconds?: number; maxDelaySeconds?: number } = {}) {
  const clock = new ManualClock();
  return { clock, queue: new WorkQueue({ clock, ...options }) };
}

/** What the queue gives out now, worked off one by one. */
async function drain(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.depth > 0) {
    const key = (await queue.get(forever)) ?? "";
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

describe("a key", () => {
  test("waits once however often it is added", async () => {
    const { queue } = fixture();
    for (const key of ["a", "b", "a", "a"]) queue.add(key);
    expect(await drain(queue)).toEqual(["a", "b"]);
  });

  test("added while worked on comes back after done, once", async () => {
    const { queue } = fixture();
    queue.add("a");
    expect(await queue.get(forever)).toBe("a");
    queue.add("a");
    queue.add("a");
    expect(queue.depth).toBe(0);
    queue.done("a");
    expect(await drain(queue)).toEqual(["a"]);
  });

  test("of higher priority goes first, and an add can raise but not lower it", async () => {
    const { queue } = fixture();
    queue.add("start-1", LOW_PRIORITY);
    queue.add("start-2", LOW_PRIORITY);
    queue.add("fresh");
    queue.add("start-2");
    queue.add("fresh", LOW_PRIORITY);
    expect(await drain(queue)).toEqual(["fresh", "start-2", "start-1"]);
  });

  test("that is not being worked on has no done", () => {
    const { queue } = fixture();
    queue.done("a");
    expect(queue.depth).toBe(0);
  });
});

describe("a waiting worker", () => {
  test("gets the next key that is added", async () => {
    const { queue } = fixture();
    const first = queue.get(forever);
    const second = queue.get(forever);
    queue.add("a");
    queue.add("b");
    expect([await first, await second]).toEqual(["a", "b"]);
  });

  test("leaves with undefined when its signal aborts, and takes no key with it", async () => {
    const { queue } = fixture();
    const controller = new AbortController();
    const waiting = queue.get(controller.signal);
    controller.abort();
    expect(await waiting).toBeUndefined();
    queue.add("a");
    expect(await queue.get(controller.signal)).toBeUndefined();
    expect(queue.depth).toBe(1);
  });
});

describe("delays", () => {
  test("keep the earliest of several times", async () => {
    const { queue, clock } = fixture();
    queue.addAfter("a", 10);
    queue.addAfter("a", 5);
    queue.addAfter("a", 20);
    await clock.advance(4_999);
    expect([queue.depth, queue.delayed]).toEqual([0, 1]);
    await clock.advance(1);
    expect([queue.depth, queue.delayed]).toEqual([1, 0]);
    expect(await drain(queue)).toEqual(["a"]);
    await clock.advance(60_000);
    expect(queue.depth).toBe(0);
  });

  test("of nothing are none", () => {
    const { queue } = fixture();
    queue.addAfter("a", 0);
    expect(queue.depth).toBe(1);
  });

  test("by backoff double for each key on its own, up to the cap, until forgotten", async () => {
    const { queue, clock } = fixture({ baseDelaySeconds: 1, maxDelaySeconds: 4 });
    const waits = async (key: string): Promise<number> => {
      queue.addRateLimited(key);
      for (let seconds = 0; ; seconds++) {
        if (queue.depth > 0) return (await drain(queue)).length * seconds;
        await clock.advance(1_000);
      }
    };
    expect([await waits("a"), await waits("a"), await waits("a"), await waits("a")]).toEqual([1, 2, 4, 4]);
    expect(await waits("b")).toBe(1);
    expect(queue.failures("a")).toBe(4);
    queue.forget("a");
    expect([queue.failures("a"), await waits("a")]).toEqual([0, 1]);
  });

  test("end with the queue, and hold no timer then", () => {
    const { queue, clock } = fixture();
    queue.addAfter("a", 5);
    queue.close();
    expect([queue.delayed, clock.timers]).toEqual([0, 0]);
  });
});

test("metrics tell depth, adds, retries, waiting and work", async () => {
  const clock = new ManualClock();
  const calls: string[] = [];
  const metrics = {
    queueDepth: (_: string, depth: number): void => void calls.push(`depth ${depth}`),
    queueAdded: (queue: string): void => void calls.push(`added ${queue}`),
    queueRetried: (): void => void calls.push("retried"),
    queueWaited: (_: string, seconds: number): void => void calls.push(`waited ${seconds}`),
    queueCreated: () => undefined,
    queueWorked: (_: string, seconds: number): void => void calls.push(`worked ${seconds}`),
  };
  const queue = new WorkQueue({ name: "q", clock, metrics, baseDelaySeconds: 1 });
  queue.addRateLimited("a");
  await clock.advance(1_000);
  await clock.advance(2_000);
  await queue.get(forever);
  queue.add("a"); // while worked on: counted once, waiting from done on
  queue.add("a");
  await clock.advance(3_000);
  queue.done("a");
  await queue.get(forever);
  expect(calls).toEqual([
    ...["retried", "added q", "depth 1", "waited 2", "depth 0", "added q"],
    ...["worked 3", "depth 1", "waited 0", "depth 0"],
  ]);
});

test("work in progress is told by its age", async () => {
  const { queue, clock } = fixture();
  queue.add("a");
  queue.add("b");
  await queue.get(forever);
  await clock.advance(2_000);
  await queue.get(forever);
  await clock.advance(1_000);
  expect(queue.unfinished()).toEqual({ seconds: 4, longestSeconds: 3 });
});

test("whatever happens, no key is worked on twice at once, and none that was added is lost", async () => {
  const key = fc.constantFrom("a", "b", "c");
  const step = fc.oneof(
    fc.record({ op: fc.constant("add" as const), key, priority: fc.constantFrom(0, LOW_PRIORITY) }),
    fc.record({ op: fc.constant("later" as const), key, seconds: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ op: fc.constant("get" as const) }),
    fc.record({ op: fc.constant("done" as const), key }),
    fc.record({ op: fc.constant("tick" as const), seconds: fc.integer({ min: 1, max: 5 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      const { queue, clock } = fixture();
      const working = new Set<string>();
      const owed = new Set<string>(); // added (or due) since it was last given out
      const delayed = new Map<string, number>();
      for (const s of steps) {
        if (s.op === "add") {
          queue.add(s.key, s.priority);
          owed.add(s.key);
        } else if (s.op === "later") {
          queue.addAfter(s.key, s.seconds);
          const at = clock.monotonic() + s.seconds * 1000;
          delayed.set(s.key, Math.min(at, delayed.get(s.key) ?? at));
        } else if (s.op === "get" && queue.depth > 0) {
          const got = (await queue.get(forever)) ?? "";
          expect(working.has(got)).toBe(false);
          expect(owed.delete(got)).toBe(true);
          working.add(got);
        } else if (s.op === "done") {
          queue.done(s.key);
          working.delete(s.key);
        } else if (s.op === "tick") {
          await clock.advance(s.seconds * 1000);
          for (const [name, at] of delayed) {
            if (at > clock.monotonic()) continue;
            delayed.delete(name);
            owed.add(name);
          }
        }
        expect(queue.depth).toBe([...owed].filter((name) => !working.has(name)).length);
        expect(queue.delayed).toBe(delayed.size);
      }
      await settle();
      for (const name of working) queue.done(name);
      expect(new Set(await drain(queue))).toEqual(owed);
    }),
    { numRuns: 200 },
  );
});
