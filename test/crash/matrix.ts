import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CrashWorld, type Run } from "./crash.ts";
import type { Life } from "./lives.ts";

/** Which of the writes of a life to die after, given how many there are. */
export type Choice = (count: number) => readonly number[];

/**
 * For each life: lived undisturbed, then once for each chosen write with the operator dead right after it, before it saw the
 * answer. All of them must end alike. Reads between two writes leave nothing behind, so a death after one of them is a death
 * after the write before it.
 */
export function crashMatrix(chosen: readonly Life[], choose: Choice): void {
  describe.each(chosen)("a lease $title", (life) => {
    let world: CrashWorld;
    let calm: Run;
    beforeAll(async () => {
      world = await CrashWorld.open(life);
      calm = await world.live();
    });
    afterAll(() => world.stop());

    it("ends the same wherever the operator is killed", async () => {
      expect(calm.end).toMatchObject({ leftovers: [], isMoneyExact: true, transactionsInFlight: 0 });
      const killed: string[] = [];
      for (const killAt of choose(calm.writes.length)) {
        const run = await world.live(killAt);
        const where = run.writes[killAt - 1] ?? "(the life was over before)";
        expect(run.end, `killed after write ${killAt}, ${where}`).toEqual(calm.end);
        killed.push(where);
      }
      console.log(`${life.title}: ${calm.writes.length} writes, killed after ${killed.length}: ${killed.join(", ")}`);
    });
  });
}

/** So many of the writes, spread from the first to the last. */
export function spread(times: number): Choice {
  return (count) => {
    const step = Math.max(1, (count - 1) / Math.max(1, times - 1));
    return [...new Set(Array.from({ length: times }, (_, i) => Math.round(1 + i * step)))].filter((k) => k <= count);
  };
}

/** Every one. */
export const all: Choice = (count) => Array.from({ length: count }, (_, i) => i + 1);
