import type { DocumentedValue } from "./values.ts";

const start = "<!-- values: generated from values.yaml by `npm run generate` -->";
const end = "<!-- /values -->";

/** The README with its reference of values made anew. Throws when the marks around it are gone. */
export function withValues(readme: string, values: readonly DocumentedValue[]): string {
  const [before, rest] = readme.split(`${start}\n`);
  const [, after] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined) throw new Error(`the chart's README lacks ${start} or ${end}`);
  return `${before}${start}\n${renderValues(values)}\n${end}${after}`;
}

/** Tables of values: one for those that stand alone, one a section. */
export function renderValues(values: readonly DocumentedValue[]): string {
  const tops = values.filter(({ path }) => path.length === 1);
  const alone = tops.filter(({ isSection }) => !isSection);
  const sections = tops.filter(({ isSection }) => isSection);
  return [
    table(alone),
    ...sections.map(({ path: [name = ""], description }) => {
      const inside = values.filter(({ path }) => path.length > 1 && path[0] === name);
      return `### \`${name}\`\n\n${description}\n\n${table(inside)}`;
    }),
  ].join("\n\n");
}

function table(values: readonly DocumentedValue[]): string {
  const rows = values.map(({ path, fallback, isSection, description }) => {
    const shown = isSection ? "" : `\`${JSON.stringify(fallback)}\``;
    const cells = [`\`${path.join(".")}\``, shown, description];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return ["| value | default | meaning |", "|---|---|---|", ...rows].join("\n");
}
