import { describe, expect, test } from "vitest";
import { type Column, renderFields, renderTable } from "./table.ts";

interface Row {
  readonly name: string;
  readonly count: number;
}
const columns: readonly Column<Row>[] = [
  { header: "NAME", value: ({ name }) => name },
  { header: "COUNT", align: "right", value: ({ count }) => String(count) },
  { header: "NOTE", value: ({ count }) => (count > 9 ? "many" : "") },
];

describe("renderTable", () => {
  test("aligns columns under their headers, without trailing space", () => {
    const rows = [
      { name: "web", count: 3 },
      { name: "a-long-name", count: 1234 },
    ];
    expect(renderTable(columns, rows, false)).toEqual([
      "NAME         COUNT  NOTE",
      "web              3",
      "a-long-name   1234  many",
    ]);
  });

  test("counts characters as people do", () => {
    const rows = [
      { name: "8 × H100", count: 1 },
      { name: "ab😀", count: 22 },
    ];
    expect(renderTable(columns, rows, false)).toEqual([
      "NAME      COUNT  NOTE",
      "8 × H100      1",
      "ab😀          22  many",
    ]);
  });

  test("has its headers when there are no rows", () => {
    expect(renderTable(columns, [], false)).toEqual(["NAME  COUNT  NOTE"]);
  });

  test("prints headers bold on terminals that can", () => {
    expect(renderTable(columns, [], true)).toEqual(["\x1b[1mNAME  COUNT  NOTE\x1b[22m"]);
  });
});

test("renderFields leaves out what has no value", () => {
  expect(
    renderFields([
      ["Lease", "7"],
      ["Notice", undefined],
      ["Runway", "2h"],
    ]),
  ).toEqual(["Lease   7", "Runway  2h"]);
});
