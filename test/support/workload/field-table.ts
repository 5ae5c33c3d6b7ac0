import { manifestFields } from "../../../src/workload/manifest/parse.ts";
import type { FieldRule } from "../../../src/workload/manifest/reader.ts";

/** The table of fields of docs/manifest.md, from the rules that the parser applies. Fields that jobs share are not repeated. */
export function fieldTable(): string {
  const rows = manifestFields().filter((row) => !isShared(row));
  return ["| field | | rule |", "|---|---|---|", ...rows.map(tableRow)].join("\n");
}

function isShared({ path }: FieldRule): boolean {
  const twin = path.replace(/^jobs\[\]\./, "services[].");
  return twin !== path && manifestFields().some((row) => row.path === twin);
}

function tableRow({ path, presence, rule }: FieldRule): string {
  return `| \`${path}\` | ${presence} | ${rule.replaceAll("|", "\\|")} |`;
}
