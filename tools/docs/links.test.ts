import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { anchorsOf, slugOf } from "./headings.ts";
import { brokenLinks, linksOf } from "./links.ts";
import { markdownFiles, root } from "./markdown-files.ts";

const documents = await markdownFiles();

it("every relative link and anchor of every document leads somewhere", () => {
  expect([...documents.keys()]).toEqual(expect.arrayContaining(["README.md", "docs/architecture.md"]));
  expect(brokenLinks({ documents, exists: (path) => existsSync(`${root}/${path}`) })).toEqual([]);
});

it("every document below docs/ can be reached from the README", () => {
  const reached = new Set(["README.md"]);
  for (const path of reached) {
    const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
    for (const { target } of linksOf(documents.get(path) ?? "")) {
      const to = new URL(target.split("#")[0] ?? "", `file:///${folder}x`).pathname.slice(1);
      if (documents.has(to)) reached.add(to);
    }
  }
  expect([...documents.keys()].filter((path) => path.startsWith("docs/") && !reached.has(path))).toEqual([]);
});

describe("linksOf", () => {
  it("finds inline links, pictures and references with their lines", () => {
    const markdown = '[a](a.md), [b](b.md "B")\n![c](c.png)\n[d]: d.md#e\n';
    expect(linksOf(markdown)).toEqual([
      { line: 1, target: "a.md" },
      { line: 1, target: "b.md" },
      { line: 2, target: "c.png" },
      { line: 3, target: "d.md#e" },
    ]);
  });

  it("overlooks code", () => {
    expect(linksOf("`[a](a.md)`\n```text\n[b](b.md)\n```\n")).toEqual([]);
  });
});

describe("anchors", () => {
  it.each([
    ["What it looks like", "what-it-looks-like"],
    ["`berthage.dev/paused`, and why?", "berthagedevpaused-and-why"],
    ["ComputeOffer CapacityAvailable", "computeoffer-capacityavailable"],
    ["See [the chart](x.md) — now", "see-the-chart--now"],
    ["Größe", "größe"],
  ])("%s is #%s", (title, slug) => {
    expect(slugOf(title)).toBe(slug);
  });

  it("are numbered where titles repeat, and taken from anchors in HTML", () => {
    const markdown = '# A\n## A\n### A #\n<a id="here"></a>\n```sh\n# not a title\n```\n';
    expect(anchorsOf(markdown)).toEqual(new Set(["a", "a-1", "a-2", "here"]));
  });
});

describe("brokenLinks", () => {
  const check = (files: Readonly<Record<string, string>>): readonly string[] =>
    brokenLinks({ documents: new Map(Object.entries(files)), exists: (path) => path in files || path === "docs" });

  it("follows files, folders and anchors, in this document and in others", () => {
    const good = "[a](docs/b.md#two) [b](docs/) [c](#one) [d](https://example.com/x#y) [e](mailto:a@b.c)\n# One\n";
    expect(check({ "README.md": good, "docs/b.md": "# Two\n[up](../README.md#one)\n", "docs/": "" })).toEqual([]);
  });

  it.each([
    ["a file that is not there", "[x](docs/c.md)", "README.md:1: docs/c.md: there is no docs/c.md"],
    ["a heading that is not there", "[x](#two)", "README.md:1: #two: README.md has no heading #two"],
    ["a way out", "[x](../y.md)", "README.md:1: ../y.md: leads out of the repository"],
  ])("reports %s", (_what, text, problem) => {
    expect(check({ "README.md": text })).toEqual([problem]);
  });
});
