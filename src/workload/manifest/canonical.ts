import { canonicalJson, type Json } from "./canonical-json.ts";
import type { Cell } from "./cell.ts";
import { readDocument } from "./document.ts";
import type { Problem } from "./problem.ts";

/** The same manifest as canonical JSON (RFC 8785): what a tenant seals. Comments, order and aliases are gone. */
export function canonicalManifest(
  text: string,
): { readonly ok: true; readonly json: string } | { readonly ok: false; readonly problems: readonly Problem[] } {
  const document = readDocument(text);
  return document.ok ? { ok: true, json: canonicalJson(plain(document.root)) } : document;
}

function plain(cell: Cell): Json {
  if (cell.kind === "scalar") return cell.value;
  if (cell.kind === "list") return cell.items.map(plain);
  return Object.fromEntries([...cell.entries].map(([key, { value }]) => [key, plain(value)]));
}
