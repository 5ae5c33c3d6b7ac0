import fc from "fast-check";
import { expect, test } from "vitest";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { DelayedSet } from "./delayed-set.ts";

test("each key is due once, at the earliest time asked for, in order of time", async () => {
  const adds = fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), fc.integer({ min: 1, max: 50 })));
  await fc.assert(
    fc.asyncProperty(adds, async (list) => {
      const clock = new ManualClock();
      const due: [string, number][] = [];
      const set = new DelayedSet<string>(clock, (key) => due.push([key, clock.monotonic()]));
      const earliest = new Map<string, number>();
      for (const [key, at] of list) {
        set.add(key, at);
        earliest.set(key, Math.min(at, earliest.get(key) ?? at));
      }
      expect(set.size).toBe(earliest.size);
      expect(clock.timers).toBe(list.length > 0 ? 1 : 0);
      await clock.advance(50);
      expect(new Map(due)).toEqual(earliest);
      expect(due).toHaveLength(earliest.size);
      const times = due.map(([, at]) => at);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(clock.timers).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test("cleared, it holds no timer", () => {
  const clock = new ManualClock();
  const set = new DelayedSet<string>(clock, () => {});
  set.add("a", 10);
  set.clear();
  expect([set.size, clock.timers]).toEqual([0, 0]);
});
