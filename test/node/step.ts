import { it } from "vitest";

/** A test that says in one line what was done and how many seconds it took. The first failure ends the run (`--bail=1`). */
export function step(title: string, act: () => Promise<void>): void {
  it(title, async () => {
    const started = performance.now();
    await act();
    console.log(`${seconds(performance.now() - started)}  ${title}`);
  });
}

/** Milliseconds, as seconds in a column. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1).padStart(6)} s`;
}
