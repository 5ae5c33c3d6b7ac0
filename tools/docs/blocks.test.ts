import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divide } from "./blocks.ts";

const blocksOf = (markdown: string) => divide(markdown).blocks;

describe("divide", () => {
  it("finds fenced blocks with language, line and text", () => {
    const markdown = "# Title\n\n```sh\necho one\n\necho two\n```\n\n~~~\nplain\n~~~\n";
    expect(blocksOf(markdown)).toEqual([
      { line: 3, language: "sh", text: "echo one\n\necho two\n", note: undefined },
      { line: 9, language: "", text: "plain\n", note: undefined },
    ]);
  });

  it("takes the indentation of a fence in a list from every line", () => {
    expect(blocksOf("1. First\n   ```yaml\n   a:\n     b: 1\n   ```\n")).toMatchObject([
      { language: "yaml", text: "a:\n  b: 1\n" },
    ]);
  });

  it("reads the comment on the line above, and no other", () => {
    const note = (above: string) => blocksOf(`${above}\n\`\`\`sh\nx\n\`\`\`\n`)[0]?.note;
    expect(note("<!-- file: a.yaml -->")).toBe("file: a.yaml");
    expect(note("<!-- file: a.yaml -->\n")).toBeUndefined();
    expect(note("Run <!-- this -->:")).toBeUndefined();
  });

  it("lets a longer fence hold a shorter one, and a fence with a language end nothing", () => {
    expect(blocksOf("````text\n```sh\nx\n```\n````\n")).toMatchObject([{ language: "text", text: "```sh\nx\n```\n" }]);
    expect(blocksOf("```text\n```sh\n```\n")).toMatchObject([{ text: "```sh\n" }]);
  });

  it("knows inline code from a fence", () => {
    expect(blocksOf("```inline``` code\n")).toEqual([]);
  });

  it("keeps every line of prose at its number, and empties those of code", () => {
    expect(divide("a\n```sh\nb\n```\nc").prose).toEqual(["a", "", "", "", "c"]);
  });

  it("says where a block that never ends begins", () => {
    expect(() => divide("a\n```sh\nb\n")).toThrow("the code block of line 2 never ends");
  });

  it("gives back what was fenced, whatever it was", () => {
    const line = fc.string().filter((text) => !/[\r\n]/.test(text) && !/^ *(`{3,}|~{3,})/.test(text));
    fc.assert(
      fc.property(fc.array(line), fc.nat(8), (lines, indent) => {
        const spaces = " ".repeat(indent);
        const text = lines.map((one) => `${one}\n`).join("");
        const fenced = lines.map((one) => `${spaces}${one}\n`).join("");
        expect(blocksOf(`${spaces}\`\`\`sh\n${fenced}${spaces}\`\`\`\n`)).toMatchObject([{ text }]);
      }),
    );
  });
});
