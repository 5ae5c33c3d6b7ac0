import { describe, expect, it } from "vitest";
import { figure, percent, spread, table } from "./table.ts";

describe("table", () => {
  it("has a head, numbers to the right and words to the left", () => {
    expect(
      table(
        ["what", "ms"],
        [
          ["first write", "12 (10–15)"],
          ["last", "1,200"],
        ],
      ),
    ).toBe(["| what | ms |", "| :-- | --: |", "| first write | 12 (10–15) |", "| last | 1,200 |"].join("\n"));
  });

  it("keeps a bar inside its cell", () => {
    expect(table(["a"], [["x|y"]])).toContain("| x\\|y |");
  });
});

describe("figure", () => {
  it.each([
    [0, "0"],
    [0.01234, "0.012"],
    [1.2345, "1.23"],
    [12.345, "12.3"],
    [123.45, "123"],
    [12_345.6, "12,346"],
  ])("writes %d as %s", (value, text) => {
    expect(figure(value)).toBe(text);
  });
});

describe("spread and percent", () => {
  it("shows the extremes only where there are any", () => {
    expect(spread({ median: 12, min: 10, max: 15 })).toBe("12 (10–15)");
    expect(spread({ median: 0, min: 0, max: 0 })).toBe("0");
  });

  it("rounds to whole per cent", () => {
    expect(percent(0.8049)).toBe("80 %");
  });
});
