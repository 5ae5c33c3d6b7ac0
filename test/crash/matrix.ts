import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Choice, shareOut } from "./choice.ts";
import { CrashWorld } from "./crash.ts";
import type { Life } from "./lives.ts";

const folder = fileURLToPath(new URL("../../.berthage/crash", import.meta.url));

/**
 * For each life: lived undisturbed, then again until the operator has died right after each of the chosen writes, before it saw
 * the answer. All of them must end alike. Reads between two writes leave nothing behind, so a death after one of them is a death
 * after the write before it. A life of very many writes is shared out over worlds, and has several deaths each time.
 */
export function crashMatrix(chosen: readonly Life[], choose: Choice): void {
  const parts = chosen.flatMap((life) => {
    const { title, worlds = 1 } = life;
    const name = (part: number): string => (worlds === 1 ? title : `${title} (part ${part + 1} of ${worlds})`);
    return Array.from({ length: worlds }, (_, part) => ({ life, part, worlds, title: name(part) }));
  });
  describe("ends the same wherever the operator is killed: a lease", () => {
    for (const { life, title, part, worlds } of parts) {
      it.concurrent(title, async () => {
        const world = await CrashWorld.open(life);
        try {
          const calm = await world.live();
          expect(calm.end).toMatchObject({ leftovers: [], isMoneyExact: true, transactionsInFlight: 0 });
          let died = 0;
          const repetitions = shareOut(choose(calm.writes.length), life.deaths).filter((_, i) => i % worlds === part);
          for (const deaths of repetitions) {
            const run = await world.live(deaths);
            const where = deaths.map((k) => `${k}, ${run.writes[k - 1] ?? "when the life was over"}`).join("; ");
            expect(run.end, `killed after write ${where}`).toEqual(calm.end);
            died += deaths.filter((k) => k <= run.writes.length).length;
            console.log(`${title}: as ever, killed after write ${where} (of ${calm.writes.length})`);
          }
          console.log(`${title}: done, ${died} deaths in ${repetitions.length} lives`);
        } catch (error) {
          // At once: the rest takes hours, and the report comes after it.
          console.log(`${title}: FAILED, ${String(error)}`);
          console.log(await world.history().then((text) => keep(title, text), String));
          throw error;
        } finally {
          await world.stop();
        }
      });
    }
  });
}

/** Keeps what was told until a life failed: its world is gone afterwards. @returns where */
async function keep(title: string, text: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${title.replaceAll(/[^a-z0-9]+/g, "-")}.txt`);
  await writeFile(file, `${text}\n`);
  return file;
}
