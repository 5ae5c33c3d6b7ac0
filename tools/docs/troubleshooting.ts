import type { Conditions } from "../../src/api/reason.ts";

/** Conditions by kind, as src/api/conditions.ts has them. */
export type Kinds = Readonly<Record<string, Conditions>>;

/** The part of the document between these is written by `npm run generate`; its last column is written by hand. */
export const begin =
  "<!-- reasons: `npm run generate` writes the first three columns, people write the last; a test compares -->";
export const end = "<!-- end of reasons -->";

const head = ["| Reason | Status | What it means | What to do |", "| --- | --- | --- | --- |"];

/**
 * The document with one section a kind, one table a condition and one row a reason. What was written under "What to do"
 * stays; a new reason has nothing there yet. @throws when the document lacks the place for them
 */
export function withReasons(document: string, kinds: Kinds): string {
  const { before, after } = parts(document);
  const fixes = fixesOf(document);
  const sections = Object.entries(kinds).map(([kind, conditions]) => {
    const tables = Object.entries(conditions).map(([type, reasons]) => {
      const rows = Object.entries(reasons).map(([reason, { status, meaning }]) =>
        row([`\`${reason}\``, status, meaning, fixes.get(keyOf(kind, type, reason)) ?? ""]),
      );
      return [`#### ${kind} ${type}`, "", ...head, ...rows, ""].join("\n");
    });
    return [`### ${kind}`, "", ...tables].join("\n");
  });
  return `${before}${begin}\n\n${sections.join("\n")}\n${end}${after}`;
}

/** What the document says to do, by `Kind/Condition/Reason`. Rows without it have the empty text. */
export function fixesOf(document: string): ReadonlyMap<string, string> {
  const fixes = new Map<string, string>();
  let place: { kind: string; type: string } | undefined;
  for (const line of parts(document).tables.split("\n")) {
    const [, kind, type] = /^#### (\w+) (\w+)$/.exec(line) ?? [];
    if (kind !== undefined && type !== undefined) place = { kind, type };
    const [reason, , , fix] = cells(line);
    const name = /^`(\w+)`$/.exec(reason ?? "")?.[1];
    if (place !== undefined && name !== undefined) fixes.set(keyOf(place.kind, place.type, name), fix ?? "");
  }
  return fixes;
}

function keyOf(kind: string, type: string, reason: string): string {
  return `${kind}/${type}/${reason}`;
}

function parts(document: string): { before: string; tables: string; after: string } {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from)
    throw new Error(`the document has no place for the reasons: write\n${begin}\n${end}\ninto it`);
  return { before: document.slice(0, from), tables: document.slice(from, to), after: document.slice(to + end.length) };
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function cells(line: string): readonly string[] {
  if (!line.startsWith("| ")) return [];
  return line
    .slice(1, line.lastIndexOf("|"))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}
