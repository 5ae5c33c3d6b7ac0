import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Definition, readDefinitions, type Schema } from "./schema.ts";
import { renderTypes } from "./types.ts";

const status: Schema = { type: "object", properties: {} };

function definitionOf(spec: Schema | undefined, observed: Schema | undefined = status): Definition {
  const root: Schema = {
    type: "object",
    description: "A thing.",
    properties: { ...(spec && { spec }), ...(observed && { status: observed }) },
  };
  return {
    metadata: { name: "things.example.com" },
    spec: {
      group: "example.com",
      names: { kind: "Thing", plural: "things" },
      versions: [{ name: "v1", schema: { openAPIV3Schema: root } }],
    },
  };
}

/** The lines of the interface `ThingSpec` for one field. */
function renderField(field: Schema, required: string[] = []): string {
  const text = renderTypes([definitionOf({ type: "object", required, properties: { field } })]);
  return /export interface ThingSpec \{\n([\s\S]*?)\n\}/.exec(text)?.[1] ?? "";
}

describe("the committed types", () => {
  it("are what crds/ says; else run `npm run generate`", () => {
    const committed = readFileSync(new URL("../../src/api/types.gen.ts", import.meta.url), "utf8");
    expect(committed).toBe(renderTypes(readDefinitions()));
  });
});

describe("renderTypes", () => {
  it.each<[string, Schema, string]>([
    ["text", { type: "string" }, "  field?: string;"],
    ["integers", { type: "integer" }, "  field?: number;"],
    ["booleans", { type: "boolean" }, "  field?: boolean;"],
    ["enumerations", { type: "string", enum: ["A", "B"] }, '  field?: "A" | "B";'],
    ["quantities", { anyOf: [], "x-kubernetes-int-or-string": true }, "  field?: number | string;"],
    ["lists", { type: "array", items: { type: "string" } }, "  field?: string[];"],
    [
      "lists of enumerations",
      { type: "array", items: { type: "string", enum: ["A", "B"] } },
      '  field?: ("A" | "B")[];',
    ],
    [
      "lists of objects",
      { type: "array", items: { type: "object", properties: { a: { type: "string", enum: ["A", "B"] } } } },
      '  field?: {\n    a?: "A" | "B";\n  }[];',
    ],
    ["maps", { type: "object", additionalProperties: { type: "string" } }, "  field?: Record<string, string>;"],
    [
      "objects",
      { type: "object", required: ["a"], properties: { a: { type: "integer" } } },
      "  field?: {\n    a: number;\n  };",
    ],
  ])("renders %s", (_, field, lines) => {
    expect(renderField(field)).toBe(lines);
  });

  it("marks what is required", () => {
    expect(renderField({ type: "string" }, ["field"])).toBe("  field: string;");
  });

  it("carries description and default into the docstring, and cannot be broken out of it", () => {
    expect(renderField({ type: "integer", description: "How many.", default: 0 })).toBe(
      "  /** How many. Default: 0. */\n  field?: number;",
    );
    expect(renderField({ type: "boolean", description: "Bad */ text." })).toBe(
      "  /** Bad *\\/ text. */\n  field?: boolean;",
    );
  });

  it("gives all kinds one Condition", () => {
    const condition: Schema = { type: "object", required: ["type"], properties: { type: { type: "string" } } };
    const observed: Schema = { type: "object", properties: { conditions: { type: "array", items: condition } } };
    const text = renderTypes([definitionOf(status, observed), definitionOf(status, observed)]);
    expect(text.match(/export interface Condition /g)).toHaveLength(1);
    expect(text.match(/ {2}conditions\?: Condition\[\];/g)).toHaveLength(2);
  });

  it("names the API version and kind of an object", () => {
    const text = renderTypes([definitionOf(status)]);
    expect(text).toContain(
      '/** A thing. */\nexport interface Thing {\n  apiVersion?: "example.com/v1";\n  kind?: "Thing";\n  metadata: ObjectMeta;',
    );
  });

  it("refuses what it cannot say", () => {
    expect(() => renderField({ type: "number-ish" })).toThrow(
      "field field has no type this generator knows: number-ish",
    );
    expect(() => renderField({ type: "array" })).toThrow("a list has no items");
    expect(() => renderTypes([definitionOf(undefined)])).toThrow("Thing v1 lacks spec or status");
  });
});
