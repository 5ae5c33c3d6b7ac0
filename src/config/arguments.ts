import { parseArgs } from "node:util";
import { quoted } from "./quoted.ts";
import { suggestionFor } from "./suggestion.ts";

export interface Arguments {
  /** Text of each setting by flag name; the last one given counts. */
  readonly values: ReadonlyMap<string, string>;
  readonly wantsHelp: boolean;
  readonly problems: readonly string[];
}

/** Splits a command line into flags. Everything wrong is told at once, with a suggestion for a mistyped flag. */
export function readArguments(argv: readonly string[], names: readonly string[]): Arguments {
  const known = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...known, help: { type: "boolean", short: "h" } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string>();
  const problems: string[] = [];
  let wantsHelp = false;
  for (const token of tokens) {
    if (token.kind === "positional") problems.push(`${quoted(token.value)} is not a flag; see --help`);
    if (token.kind !== "option") continue;
    if (token.name === "help") wantsHelp = true;
    else if (!names.includes(token.name)) problems.push(unknownFlag(token.rawName, names));
    else if (token.value === undefined) problems.push(`--${token.name} needs a value`);
    else values.set(token.name, token.value);
  }
  return { values, wantsHelp, problems };
}

function unknownFlag(rawName: string, names: readonly string[]): string {
  const meant = suggestionFor(rawName.replace(/^-+/, ""), [...names, "help"]);
  const shown = /^[-\w]{1,60}$/.test(rawName) ? rawName : quoted(rawName);
  return `${shown} is not a flag; ${meant === undefined ? "see --help" : `did you mean --${meant}?`}`;
}
