import { describe, expect, it } from "vitest";
import { renderValues, withValues } from "./readme.ts";
import { readValues } from "./values.ts";

const values = readValues(
  "# How many.\nreplicas: 2\n# The image.\nimage:\n  # Its tag, a|b.\n  tag: x\n  # More.\n  more:\n    # Deep.\n    deep: {}\n",
);

describe("renderValues", () => {
  it("makes a table of the values that stand alone, and one of each section", () => {
    expect(renderValues(values)).toBe(
      [
        "| value | default | meaning |",
        "|---|---|---|",
        "| `replicas` | `2` | How many. |",
        "",
        "### `image`",
        "",
        "The image.",
        "",
        "| value | default | meaning |",
        "|---|---|---|",
        '| `image.tag` | `"x"` | Its tag, a\\|b. |',
        "| `image.more` |  | More. |",
        "| `image.more.deep` | `{}` | Deep. |",
      ].join("\n"),
    );
  });
});

describe("withValues", () => {
  const start = "<!-- values: generated from values.yaml by `npm run generate` -->";

  it("replaces what is between the marks, and nothing else", () => {
    const made = withValues(`# Title\n${start}\nold\n<!-- /values -->\nEnd.\n`, values);
    expect(made).toBe(`# Title\n${start}\n${renderValues(values)}\n<!-- /values -->\nEnd.\n`);
    expect(withValues(made, values)).toBe(made);
  });

  it("says which mark is gone", () => {
    expect(() => withValues("# Title\n", values)).toThrow("the chart's README lacks");
    expect(() => withValues(`${start}\nno end`, values)).toThrow("the chart's README lacks");
  });
});
