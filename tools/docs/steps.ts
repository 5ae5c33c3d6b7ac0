import { type Block, divide } from "./blocks.ts";

/** What a reader does, block by block. */
export type Step =
  /** Types it into a shell. */
  | { readonly kind: "run"; readonly line: number; readonly script: string }
  /** Saves it under this name; below `examples/` the repository has it already. */
  | { readonly kind: "file"; readonly line: number; readonly path: string; readonly text: string }
  /** Reads it only, because it cannot be tried here. */
  | { readonly kind: "skip"; readonly line: number; readonly reason: string; readonly text: string };

/** Languages of blocks that ask for something to be done; all others (`text`, `console`, …) show something. */
const asking = new Set(["sh", "bash", "shell", "yaml", "yml"]);

/**
 * The steps of a document. A `sh` block is run. A comment on the line above says otherwise: `<!-- file: NAME -->` or
 * `<!-- not run: REASON -->`. A `yaml` block needs one of them, so that none is shown that nothing tries.
 * @throws with the line of a block that says nothing of the kind, or something unknown
 */
export function stepsOf(markdown: string): readonly Step[] {
  return divide(markdown)
    .blocks.filter(({ language }) => asking.has(language))
    .map(stepOf);
}

function stepOf({ line, language, text, note }: Block): Step {
  const [, kind, rest = ""] = /^(file|not run): (.+)$/.exec(note ?? "") ?? [];
  if (kind === "file") return { kind: "file", line, path: rest, text };
  if (kind === "not run") return { kind: "skip", line, reason: rest, text };
  if (language === "sh") return { kind: "run", line, script: text };
  throw new Error(
    `line ${line}: nothing says what becomes of this ${language} block; write <!-- file: NAME --> or <!-- not run: REASON --> above it`,
  );
}
