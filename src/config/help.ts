import { type Option, variableOf } from "./options.ts";

const indent = " ".repeat(6);

/** The text of `--help`. */
export function helpText(options: readonly Option<unknown>[]): string {
  const blocks = options.map((option) =>
    [`  --${option.name} ${option.placeholder}`, `${indent}${option.help}`, `${indent}${defaultOf(option)}`].join("\n"),
  );
  return [
    "The Berthage operator: sells this cluster's spare compute.",
    "",
    "Usage: berthage-operator [--FLAG VALUE]...",
    "",
    ...blocks,
    "  --help",
    `${indent}Prints this.`,
    "",
  ].join("\n");
}

function defaultOf(option: Option<unknown>): string {
  const fallback = option.fallback === "" ? "none" : (option.fallback ?? option.absent ?? "none");
  return `Default: ${fallback}. Environment: ${variableOf(option.name)}.`;
}
