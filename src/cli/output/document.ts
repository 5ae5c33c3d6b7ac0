import { stringify } from "yaml";
import type { Format } from "../options.ts";

/** What JSON can say, without undefined fields. */
export type Document = string | number | boolean | null | Document[] | { [field: string]: Document };

/** A value as JSON and YAML show it: bigints as decimal strings, absent fields left out. */
export function documentOf(value: unknown): Document {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map(documentOf);
  if (typeof value !== "object") return null;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, documentOf(field)]));
}

/** The value as text in a machine's format. */
export function renderDocument(value: unknown, format: Exclude<Format, "table">): string {
  const document = documentOf(value);
  return format === "json" ? JSON.stringify(document, null, 2) : stringify(document).trimEnd();
}
