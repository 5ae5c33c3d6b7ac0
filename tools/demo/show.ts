import { styleText } from "node:util";

const started = performance.now();

/** A heading of the story, with the seconds since its beginning. */
export function chapter(title: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`\n${styleText("bold", `── ${title}`)} ${styleText("dim", `(${seconds} s)`)}`);
}

export function say(words: string): void {
  console.log(styleText("dim", words));
}

/** A fact that the story depends on. @throws when it is not so: the demo ends with an error */
export function check(fact: string, holds: boolean, seen?: unknown): void {
  if (!holds) throw new Error(`not so: ${fact}${seen === undefined ? "" : ` (seen: ${String(seen)})`}`);
  console.log(`${styleText("green", "✓")} ${fact}`);
}
