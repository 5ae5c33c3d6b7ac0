import { styleText } from "node:util";

export interface Column<T> {
  readonly header: string;
  readonly align?: "right";
  value(row: T): string;
}

const GAP = "  ";

/** Aligned columns under their headers, one line a row. */
export function renderTable<T>(columns: readonly Column<T>[], rows: readonly T[], colors: boolean): string[] {
  const cells = rows.map((row) => columns.map((column) => column.value(row)));
  const widths = columns.map(({ header }, index) =>
    Math.max(header.length, ...cells.map((line) => widthOf(line[index] ?? ""))),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => pad(text, widths[index] ?? 0, columns[index]?.align === "right"))
      .join(GAP)
      .trimEnd();
  const head = line(columns.map(({ header }) => header));
  return [colors ? styleText("bold", head, { validateStream: false }) : head, ...cells.map(line)];
}

/** `name  value` lines; entries without a value are left out. */
export function renderFields(fields: readonly (readonly [name: string, value: string | undefined])[]): string[] {
  const shown = fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}${GAP}${value}`);
}

function pad(text: string, width: number, right: boolean): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return right ? space + text : text + space;
}

/** In characters as people count them. */
function widthOf(text: string): number {
  return [...text].length;
}
