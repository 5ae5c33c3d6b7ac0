import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLError,
} from "yaml";
import type { Cell, MapCell, Position } from "./cell.ts";
import type { Problem, Rule } from "./problem.ts";

/** Bytes of UTF-8. The gateway takes no more either. */
export const maxManifestBytes = 64 * 1024;
/** Aliases repeat what they stand for, so a small text can mean a huge document ("billion laughs"). */
const maxCells = 10_000;
/** To resolve one, the parser walks the document. */
const maxAliases = 100;
const maxDepth = 16;

export type DocumentResult =
  | { readonly ok: true; readonly root: Cell }
  | { readonly ok: false; readonly problems: Problem[] };

/** Reads YAML 1.2 (core schema), and so JSON, into cells. Strict: one document, no duplicate keys, no tags. Never throws. */
export function readDocument(text: string): DocumentResult {
  if (Buffer.byteLength(text) > maxManifestBytes) {
    const message = `is larger than ${maxManifestBytes} bytes`;
    return refuse({ path: "", rule: "size", message, hint: "put large data into the image or a volume" });
  }
  const lines = new LineCounter();
  try {
    return fromDocuments(text, lines);
  } catch (error) {
    if (error instanceof Refusal) return refuse(error.problem);
    // The parser recurses: only absurd nesting gets here (RangeError).
    return refuse({ path: "", rule: "nesting", message: "cannot be read", hint: "nest less deeply" });
  }
}

/** Repeated keys are found by CellReader: the parser's own check is quadratic in the keys of a map. */
function fromDocuments(text: string, lineCounter: LineCounter): DocumentResult {
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false, strict: true, uniqueKeys: false });
  const [document, second] = "empty" in documents ? [] : documents;
  if (!document?.contents)
    return refuse({ path: "", rule: "syntax", message: "is empty", hint: "start with `version: 1`" });
  if (second) {
    const at = position(lineCounter, second.range[0]);
    const message = "holds more than one document";
    return refuse({ path: "", ...at, rule: "syntax", message, hint: "send one document, without `---` inside" });
  }
  const [fault] = [...document.errors, ...document.warnings]; // later ones mostly follow from the first
  if (fault) return refuse(syntaxProblem(fault, lineCounter));
  return { ok: true, root: new CellReader(document, lineCounter).read(document.contents, 0) };
}

class Refusal extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

class CellReader {
  readonly #document: Document;
  readonly #lines: LineCounter;
  #cells = 0;
  #aliases = 0;

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  read(node: unknown, depth: number): Cell {
    const at = this.#positionOf(node);
    this.#cells += 1;
    if (depth > maxDepth) throw this.#refusal(at, "nesting", `is nested deeper than ${maxDepth} levels`, "nest less");
    if (this.#cells > maxCells)
      throw this.#refusal(at, "size", `means more than ${maxCells} values`, "repeat less with aliases");
    if (hasTag(node)) throw this.#refusal(at, "syntax", "has a tag", "remove what starts with `!`");
    if (isAlias(node)) return this.read(this.#resolve(node, at), depth + 1);
    if (isMap(node)) return this.#map(node.items, at, depth);
    if (isSeq(node)) return { kind: "list", position: at, items: node.items.map((item) => this.read(item, depth + 1)) };
    return { kind: "scalar", position: at, value: this.#checked(scalarValue(node), at) };
  }

  /** What JSON and UTF-8 cannot carry would throw where the manifest is sealed, or come back from the API server as something else. */
  #checked<T extends string | number | boolean | null>(value: T, at: Position): T {
    if (typeof value === "number" && !Number.isFinite(value))
      throw this.#refusal(at, "range", "is not a finite number", "write a number with at most 15 digits");
    if (typeof value === "string" && !value.isWellFormed())
      throw this.#refusal(at, "syntax", "has half of a character", "remove escapes from \\ud800 to \\udfff");
    return value;
  }

  #resolve(alias: Alias, at: Position): unknown {
    this.#aliases += 1;
    if (this.#aliases > maxAliases)
      throw this.#refusal(at, "size", `uses more than ${maxAliases} aliases`, "write the values out");
    return alias.resolve(this.#document);
  }

  #map(items: readonly { readonly key: unknown; readonly value: unknown }[], at: Position, depth: number): MapCell {
    const entries = new Map<string, { key: Position; value: Cell }>();
    for (const { key, value } of items) {
      const keyAt = this.#positionOf(key);
      if (!isScalar(key)) throw this.#refusal(keyAt, "syntax", "has a key that is not plain text", "use text as key");
      const name = this.#checked(String(key.value), keyAt);
      if (entries.has(name)) throw this.#refusal(keyAt, "duplicate", "has the same key twice", "remove one of the two");
      entries.set(name, { key: keyAt, value: value === null ? emptyAt(keyAt) : this.read(value, depth + 1) });
    }
    return { kind: "map", position: at, entries };
  }

  #positionOf(node: unknown): Position {
    const range = hasRange(node) ? node.range : undefined;
    return position(this.#lines, range?.[0] ?? 0);
  }

  #refusal(at: Position, rule: Rule, message: string, hint: string): Refusal {
    return new Refusal({ path: "", ...at, rule, message, hint });
  }
}

function hasRange(node: unknown): node is Pick<Node, "range"> {
  return typeof node === "object" && node !== null && "range" in node;
}

/** Tags make types that no field has: bytes, dates, sets. */
function hasTag(node: unknown): boolean {
  return isNode(node) && node.tag !== undefined;
}

function emptyAt(position: Position): Cell {
  return { kind: "scalar", position, value: null };
}

function scalarValue(node: unknown): string | number | boolean | null {
  const value: unknown = isScalar(node) ? node.value : null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return value === null || value === undefined ? null : String(value);
}

function position(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** The parser's own message may quote the text, secrets and all: only its code is used. */
function syntaxProblem(fault: YAMLError, lines: LineCounter): Problem {
  const at = { path: "", ...position(lines, fault.pos[0]) };
  const what = fault.code.toLowerCase().replaceAll("_", " ");
  return {
    ...at,
    rule: "syntax",
    message: `is not valid YAML (${what})`,
    hint: "mend the indentation or quoting here",
  };
}

function refuse(problem: Problem): DocumentResult {
  return { ok: false, problems: [problem] };
}
