import { describe, expect, it } from "vitest";
import { stepsOf } from "./steps.ts";

const fenced = (language: string, text: string, note?: string): string =>
  `${note === undefined ? "Text." : `<!-- ${note} -->`}\n\`\`\`${language}\n${text}\n\`\`\`\n`;

describe("stepsOf", () => {
  it("runs sh, writes files and skips what cannot be tried, in the order of the document", () => {
    const markdown = [
      fenced("sh", "one"),
      fenced("yaml", "a: 1", "file: values.yaml"),
      fenced("sh", "two", "not run: needs a registry"),
      fenced("sh", "three"),
    ].join("\n");
    expect(stepsOf(markdown)).toEqual([
      { kind: "run", line: 2, script: "one\n" },
      { kind: "file", line: 7, path: "values.yaml", text: "a: 1\n" },
      { kind: "skip", line: 12, reason: "needs a registry", text: "two\n" },
      { kind: "run", line: 17, script: "three\n" },
    ]);
  });

  it("passes over what only shows something", () => {
    expect(
      stepsOf(`${fenced("text", "x")}${fenced("console", "$ x")}${fenced("", "x")}${fenced("json", "{}")}`),
    ).toEqual([]);
  });

  it.each([
    ["yaml without a word", fenced("yaml", "a: 1")],
    ["yaml with an unknown word", fenced("yaml", "a: 1", "see below")],
    ["bash, which would escape the runner", fenced("bash", "rm x")],
    ["a skip without a reason", fenced("yaml", "x", "not run:")],
  ])("refuses %s", (_what, markdown) => {
    expect(() => stepsOf(markdown)).toThrow("line 2: nothing says what becomes of this");
  });
});
