import type { Context } from "../context.ts";
import type { Flags } from "../flags.ts";
import { formatOf } from "../options.ts";
import { renderDocument } from "./document.ts";
import { type Column, renderTable } from "./table.ts";

/** Whether `flags` and the terminal allow ANSI styles. */
export function usesColors(flags: Flags, { terminal }: Context): boolean {
  return terminal.hasColors && flags.isSet("color");
}

/** Prints a list in the asked format. An empty table says so on stderr, so that pipes see nothing. */
export function printList<T>(
  items: readonly T[],
  columns: readonly Column<T>[],
  none: string,
  flags: Flags,
  context: Context,
): void {
  const format = formatOf(flags);
  if (format !== "table") context.terminal.print(renderDocument(items, format));
  else if (items.length === 0) context.terminal.note(none);
  else for (const line of renderTable(columns, items, usesColors(flags, context))) context.terminal.print(line);
}

/** Prints one thing in the asked format; `lines` is its table form. */
export function printThing(thing: unknown, lines: () => readonly string[], flags: Flags, context: Context): void {
  const format = formatOf(flags);
  if (format !== "table") context.terminal.print(renderDocument(thing, format));
  else for (const line of lines()) context.terminal.print(line);
}
