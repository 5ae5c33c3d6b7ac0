export interface Position {
  readonly line: number;
  readonly column: number;
}

interface Placed {
  readonly position: Position;
}

/** A value of the document with the place where it stands. */
export type Cell = ScalarCell | ListCell | MapCell;

export interface ScalarCell extends Placed {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
}

export interface ListCell extends Placed {
  readonly kind: "list";
  readonly items: readonly Cell[];
}

export interface MapCell extends Placed {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, { readonly key: Position; readonly value: Cell }>;
}

/** In words, for messages. */
export function describeCell(cell: Cell): string {
  if (cell.kind === "list") return "a list";
  if (cell.kind === "map") return "a map";
  if (cell.value === null) return "empty";
  return { string: "text", number: "a number", boolean: "true or false" }[
    typeof cell.value as "string" | "number" | "boolean"
  ];
}
