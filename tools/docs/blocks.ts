/** A fenced code block of a Markdown document. */
export interface Block {
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** First word after the fence; empty without one. */
  readonly language: string;
  /** Without the fence's indentation, ending in a line end unless empty. */
  readonly text: string;
  /** Text of the HTML comment on the line above, if one is there. */
  readonly note: string | undefined;
}

/** Lines of a document, apart: its code blocks, and the prose around them with code lines blanked (line numbers hold). */
export interface Divided {
  readonly blocks: readonly Block[];
  readonly prose: readonly string[];
}

interface Fence {
  readonly indent: string;
  readonly marks: string;
  readonly language: string;
}

/** Divides Markdown into code and prose (CommonMark's fenced code blocks; indented code is prose here). */
export function divide(markdown: string): Divided {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { fence: Fence; line: number; note: string | undefined; lines: string[] } | undefined;
  for (const [index, line] of markdown.split(/\r?\n/).entries()) {
    const fence = fenceOf(line);
    if (open === undefined && fence === undefined) {
      prose.push(line);
      continue;
    }
    if (open === undefined && fence !== undefined) {
      open = { fence, line: index + 1, note: noteOf(prose.at(-1)), lines: [] };
    } else if (open !== undefined && fence !== undefined && closes(fence, open.fence)) {
      const text = open.lines.map((one) => `${one}\n`).join("");
      blocks.push({ line: open.line, language: open.fence.language, text, note: open.note });
      open = undefined;
    } else if (open !== undefined) {
      open.lines.push(unindented(line, open.fence.indent.length));
    }
    prose.push("");
  }
  if (open !== undefined)
    throw new Error(`the code block of line ${open.line} never ends: close it with ${open.fence.marks}`);
  return { blocks, prose };
}

function fenceOf(line: string): Fence | undefined {
  const [, indent, marks, language] = /^( *)(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/.exec(line) ?? [];
  return indent === undefined || marks === undefined || language === undefined
    ? undefined
    : { indent, marks, language };
}

function closes(fence: Fence, opening: Fence): boolean {
  return fence.language === "" && fence.marks.startsWith(opening.marks);
}

function unindented(line: string, columns: number): string {
  const spaces = /^ */.exec(line)?.[0].length ?? 0;
  return line.slice(Math.min(spaces, columns));
}

function noteOf(line: string | undefined): string | undefined {
  return /^\s*<!--\s*(.*?)\s*-->\s*$/.exec(line ?? "")?.[1];
}
