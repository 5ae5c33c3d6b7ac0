import fc from "fast-check";
import { expect, test } from "vitest";
import { ReadySet } from "./ready-set.ts";

test("keys leave by priority, and by arrival within one", () => {
  const add = fc.tuple(fc.constantFrom("a", "b", "c", "d", "e", "f"), fc.constantFrom(-100, 0, 5));
  fc.assert(
    fc.property(fc.array(add), (adds) => {
      const set = new ReadySet<string>();
      const model: { key: string; priority: number; order: number }[] = [];
      adds.forEach(([key, priority], order) => {
        const known = model.find((entry) => entry.key === key);
        expect(set.add(key, priority)).toBe(known === undefined);
        if (known === undefined) model.push({ key, priority, order });
        else if (priority > known.priority) Object.assign(known, { priority, order });
      });
      expect(set.size).toBe(model.length);
      model.sort((a, b) => b.priority - a.priority || a.order - b.order);
      expect(model.map(() => set.take())).toEqual(model.map(({ key }) => key));
      expect(set.take()).toBeUndefined();
    }),
  );
});
