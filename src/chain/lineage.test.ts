import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Header } from "./block.ts";
import { HeadRefused } from "./errors.ts";
import { Lineage } from "./lineage.ts";

/** A chain of blocks by number; branches differ in their hashes. */
class Blocks {
  readonly hashes: string[] = ["genesis"];
  #branch = 0;

  mine(blocks: number): void {
    for (let i = 0; i < blocks; i += 1) this.hashes.push(`${this.hashes.length}/${this.#branch}`);
  }

  /** Replaces the last blocks by others, as many. */
  reorganise(depth: number): void {
    this.#branch += 1;
    this.hashes.length -= depth;
    this.mine(depth);
  }

  get height(): number {
    return this.hashes.length - 1;
  }

  header(number: number): Header {
    const [hash = "", parentHash = ""] = [this.hashes[number], this.hashes[number - 1]];
    return { number: BigInt(number), hash, parentHash, timestampSeconds: number, baseFeePerGasWei: 1n };
  }
}

function accept(lineage: Lineage, blocks: Blocks, number = blocks.height): Promise<void> {
  return lineage.accept(blocks.header(number), async (n) => blocks.hashes[Number(n)] ?? "");
}

describe("lineage", () => {
  test("new blocks are believed, one by one or after a gap", async () => {
    const [lineage, blocks] = [new Lineage(64, "ReorgBeyondBudget"), new Blocks()];
    for (const more of [1, 1, 5, 0, 30, 1]) {
      blocks.mine(more);
      await accept(lineage, blocks);
    }
    expect(lineage.reorganisations).toBe(0);
  });

  test("an endpoint that is merely behind is refused", async () => {
    const [lineage, blocks] = [new Lineage(64, "ReorgBeyondBudget"), new Blocks()];
    blocks.mine(10);
    await accept(lineage, blocks);
    await expect(accept(lineage, blocks, 8)).rejects.toMatchObject({ reason: "Stale" });
    await accept(lineage, blocks);
  });

  test("what was recorded before a restart counts", async () => {
    const blocks = new Blocks();
    blocks.mine(10);
    const lineage = new Lineage(64, "ReorgBeyondBudget", { number: 10n, hash: "10/0" });
    await expect(accept(lineage, blocks, 9)).rejects.toMatchObject({ reason: "Stale" });
    blocks.reorganise(1);
    await accept(lineage, blocks);
    expect(lineage.reorganisations).toBe(1);
  });

  test("no block of a tier without budget may be replaced", async () => {
    const [lineage, blocks] = [new Lineage(0, "FinalityViolated"), new Blocks()];
    blocks.mine(10);
    await accept(lineage, blocks);
    blocks.mine(1);
    blocks.reorganise(1);
    await accept(lineage, blocks);
    blocks.reorganise(1);
    await expect(accept(lineage, blocks)).rejects.toMatchObject({ reason: "FinalityViolated" });
  });

  test("any history of blocks and reorganisations within the budget is believed; every replaced point is counted", async () => {
    const step = fc.record({ mine: fc.nat(5), reorganise: fc.nat(8) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const [lineage, blocks] = [new Lineage(8, "ReorgBeyondBudget"), new Blocks()];
        blocks.mine(10);
        await accept(lineage, blocks);
        let expected = 0;
        for (const { mine, reorganise } of steps) {
          blocks.reorganise(reorganise);
          if (reorganise > 0) expected += 1;
          blocks.mine(mine);
          await accept(lineage, blocks);
        }
        expect(lineage.reorganisations).toBe(expected);
      }),
    );
  });

  test("a reorganisation beyond the budget is refused for good", async () => {
    const [lineage, blocks] = [new Lineage(3, "ReorgBeyondBudget"), new Blocks()];
    for (let i = 0; i < 10; i += 1) {
      blocks.mine(1);
      await accept(lineage, blocks);
    }
    blocks.reorganise(4);
    for (let i = 0; i < 3; i += 1) {
      blocks.mine(1);
      await expect(accept(lineage, blocks)).rejects.toThrow(HeadRefused);
    }
  });
});
