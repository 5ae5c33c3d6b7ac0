import type { Cell, Position } from "./cell.ts";
import { readDocument } from "./document.ts";
import { manifest as grammar } from "./grammar.ts";
import type { Manifest } from "./manifest.ts";
import type { Problem } from "./problem.ts";
import { type FieldRule, type Journal, Place } from "./reader.ts";

export type ParseResult =
  | {
      readonly ok: true;
      readonly manifest: Manifest;
      /** Of every field that stands in the text, by path. */
      readonly positions: ReadonlyMap<string, Position>;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** More help nobody. */
const maxProblems = 100;

/** Reads a manifest, YAML or JSON. Never throws; reports every problem (at most 100), in the order of the text. */
export function parseManifest(text: string): ParseResult {
  const document = readDocument(text);
  return document.ok ? parseCell(document.root) : document;
}

function parseCell(root: Cell): ParseResult {
  const journal: Journal = { problems: [], positions: new Map([["", root.position]]) };
  const manifest = grammar.read(root, new Place("", journal));
  if (journal.problems.length === 0) return { ok: true, manifest, positions: journal.positions };
  return { ok: false, problems: journal.problems.sort(byPosition).slice(0, maxProblems) };
}

function byPosition(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** Every field of the language with its rule, as the parser applies it: the rows of docs/manifest.md. */
export function manifestFields(): readonly FieldRule[] {
  return (grammar.fields ?? []).map((row) => ({ ...row, path: row.path.replace(/^\./, "") }));
}
