import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { conditions } from "../../src/api/conditions.ts";
import { no, yes } from "../../src/api/reason.ts";
import { root } from "./markdown-files.ts";
import { begin, end, fixesOf, type Kinds, withReasons } from "./troubleshooting.ts";

const document = await readFile(`${root}/docs/troubleshooting.md`, "utf8");

describe("docs/troubleshooting.md", () => {
  it("has a row for every reason in the code, with its meaning, and for no other", () => {
    expect(document, "write it anew with `npm run generate`").toBe(withReasons(document, conditions));
  });

  it("says what to do about every reason", () => {
    const silent = [...fixesOf(document)].filter(([, fix]) => fix === "").map(([key]) => key);
    expect(silent).toEqual([]);
  });
});

describe("withReasons", () => {
  const empty = `Before.

${begin}
${end}

After.
`;
  const kinds: Kinds = { Thing: { Ready: { Fine: yes("All is well."), Broken: no("A | B.") } } };
  const written = withReasons(empty, kinds).replace("A \\| B. |  |", "A \\| B. | Mend a \\| b. |");

  it("writes a section a kind, a table a condition, a row a reason, between what was there", () => {
    expect(withReasons(empty, kinds)).toMatch(
      /^Before\.\n[\s\S]*### Thing\n\n#### Thing Ready\n[\s\S]*\| `Fine` \| True \| All is well\. \| {2}\|\n\| `Broken` \| False \| A \\\| B\. \| {2}\|\n[\s\S]*After\.\n$/,
    );
  });

  it("keeps what people wrote when the rest changes, and changes nothing by itself", () => {
    expect(fixesOf(written).get("Thing/Ready/Broken")).toBe("Mend a | b.");
    expect(withReasons(written, kinds)).toBe(written);
    const changed: Kinds = { Thing: { Ready: { New: no("New."), Broken: no("Otherwise.") } } };
    expect(withReasons(written, changed)).toContain("| `New` | False | New. |  |");
    expect(withReasons(written, changed)).toContain("| `Broken` | False | Otherwise. | Mend a \\| b. |");
    expect(fixesOf(withReasons(written, changed)).has("Thing/Ready/Fine")).toBe(false);
  });

  it("says what a document without a place for it lacks", () => {
    expect(() => withReasons("# Nothing\n", kinds)).toThrow("the document has no place for the reasons");
  });
});
