import { isMap, isPair, isScalar, type Pair, parseDocument, type YAMLMap } from "yaml";

/** One value of `values.yaml` as its comment describes it. */
export interface DocumentedValue {
  readonly path: readonly string[];
  readonly description: string;
  /** Absent for a section, whose values follow it. */
  readonly fallback: unknown;
  readonly isSection: boolean;
}

/**
 * Reads what `values.yaml` says of each value: the comment above its key. A map whose keys have comments is a section;
 * a map whose keys have none is one value. Throws for a key without a comment that is no part of such a value.
 */
export function readValues(text: string): readonly DocumentedValue[] {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new Error(`values.yaml is no YAML: ${document.errors.join("; ")}`);
  if (!isMap(document.contents)) throw new Error("values.yaml must be a map");
  // The parser gives a comment on the first line to the document.
  return readMap(document.contents, [], document.commentBefore ?? document.contents.commentBefore ?? undefined);
}

function readMap(map: YAMLMap, above: readonly string[], firstComment: string | undefined): readonly DocumentedValue[] {
  return map.items.flatMap((pair, index) => {
    const path = [...above, keyOf(pair)];
    const description = commentOf(pair) ?? (index === 0 ? tidy(firstComment) : undefined);
    if (description === undefined) throw new Error(`values.yaml: say in a comment above it what ${path.join(".")} is`);
    const inner = isMap(pair.value) ? pair.value : undefined;
    if (inner === undefined || !isSection(inner))
      return [{ path, description, fallback: plain(pair.value), isSection: false }];
    const rest = readMap(inner, path, inner.commentBefore ?? undefined);
    return [{ path, description, fallback: undefined, isSection: true }, ...rest];
  });
}

/** Whether its values are described one by one. */
function isSection(map: YAMLMap): boolean {
  return map.items.some((pair) => commentOf(pair) !== undefined) || tidy(map.commentBefore) !== undefined;
}

function keyOf({ key }: Pair): string {
  if (!isScalar(key)) throw new Error("values.yaml has a key that is no text");
  return String(key.value);
}

function commentOf(pair: unknown): string | undefined {
  return isPair(pair) && isScalar(pair.key) ? tidy(pair.key.commentBefore) : undefined;
}

function tidy(comment: string | null | undefined): string | undefined {
  const text = (comment ?? "")
    .split("\n")
    .map((line) => line.trim())
    .join(" ");
  return text === "" ? undefined : text;
}

function plain(node: unknown): unknown {
  return typeof node === "object" && node !== null && "toJSON" in node && typeof node.toJSON === "function"
    ? node.toJSON()
    : null;
}
