import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { RecordingTerminal } from "../../test/support/recording-terminal.ts";
import { environmentVariables } from "./flags.ts";
import { buildProgram } from "./program.ts";

const context = {
  terminal: new RecordingTerminal(),
  clock: new ManualClock(),
  random: (bytes: number) => new Uint8Array(bytes),
};
const program = buildProgram(context);
const text = await readFile(resolve(import.meta.dirname, "../../docs/cli.md"), "utf8");

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function withDescendants(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withDescendants)];
}

const commands = withDescendants(program);

test.each(commands.map((command) => [pathOf(command), command] as const))(
  "%s: the document has its --help",
  (path, command) => {
    const [, block] = new RegExp(`\n\\$ ${path} --help\n([\\s\\S]*?)\n\`\`\`\n`).exec(text) ?? [];
    expect(block).toBe(command.createHelp().formatHelp(command, helperOf(command)).trimEnd());
  },
);

/** commander's helper with the width that the program prints with. */
function helperOf(command: Command) {
  const helper = command.createHelp();
  helper.helpWidth = 100;
  return helper;
}

test("the document shows no command that is gone", () => {
  const shown = [...text.matchAll(/^\$ (berthage.*) --help$/gm)].map(([, path]) => path);
  expect(shown).toEqual(commands.map(pathOf));
});

describe("the examples", () => {
  const lines = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = ""]) => block.trim().split("\n"));

  test.each(lines.filter((line) => line.startsWith("berthage ")))("%s", (line) => {
    const [, ...words] = line.split(" ");
    let command = program;
    for (const word of words) command = command.commands.find((child) => child.name() === word) ?? command;
    expect(command.commands).toEqual([]);
    const known = command.options.flatMap(({ long, short }) => [long, short]);
    expect(words.filter((word) => word.startsWith("-") && !known.includes(word))).toEqual([]);
    const given = command.options.filter(({ mandatory, long }) => mandatory && !words.includes(long ?? ""));
    expect(given.filter(({ defaultValue }) => defaultValue === undefined)).toEqual([]);
  });

  test("set variables that are read", () => {
    const set = [...text.matchAll(/\b(BERTHAGE_[A-Z_]+)/g)].map(([, name]) => name);
    expect(new Set(set)).toEqual(new Set(environmentVariables.values()));
  });
});
