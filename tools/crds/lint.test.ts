import { describe, expect, it } from "vitest";
import { lintDefinition } from "./lint.ts";
import { type Definition, readDefinitions, type Schema } from "./schema.ts";

/** A definition whose only field of the spec is the given one. */
function withField(field: Schema, name = "field"): Definition {
  const spec: Schema = { type: "object", description: "Spec.", properties: { [name]: field } };
  return {
    metadata: { name: "things.example.com" },
    spec: {
      group: "example.com",
      names: { kind: "Thing", plural: "things" },
      versions: [{ name: "v1", schema: { openAPIV3Schema: { type: "object", properties: { spec } } } }],
    },
  };
}

const text: Schema = { type: "string", maxLength: 3, description: "A text." };
const list: Schema = {
  type: "array",
  maxItems: 3,
  description: "A list.",
  "x-kubernetes-list-type": "atomic",
  items: text,
};

describe("our definitions", () => {
  it.each(readDefinitions().map((definition) => [definition.spec.names.kind, definition] as const))(
    "%s is clean",
    (_, definition) => {
      expect(lintDefinition(definition)).toEqual([]);
    },
  );

  it("are found", () => {
    expect(readDefinitions().map(({ spec }) => spec.names.kind)).toEqual([
      "ComputeLease",
      "ComputeNetwork",
      "ComputeOffer",
    ]);
  });
});

describe("lintDefinition", () => {
  it.each<Schema>([
    text,
    list,
    { type: "string", enum: ["A"], description: "One of few." },
    { type: "integer", format: "int32", minimum: 0, description: "A number." },
    { type: "boolean", description: "A switch." },
    { type: "object", maxProperties: 2, additionalProperties: text, description: "A map." },
    { anyOf: [], "x-kubernetes-int-or-string": true, maxLength: 9, description: "A quantity." },
  ])("accepts %j", (field) => {
    expect(lintDefinition(withField(field))).toEqual([]);
  });

  it.each<[string, Schema]>([
    ["Thing.v1.spec.field: give it a type", { description: "A thing." }],
    ["Thing.v1.spec.field: bound it with maxLength or enum", { type: "string", description: "A text." }],
    [
      "Thing.v1.spec.field: bound it with maxLength or enum",
      { "x-kubernetes-int-or-string": true, description: "A text." },
    ],
    ["Thing.v1.spec.field: an int-or-string has no type", { ...text, "x-kubernetes-int-or-string": true }],
    ["Thing.v1.spec.field: bound it with minimum", { type: "integer", format: "int32", description: "A number." }],
    ["Thing.v1.spec.field: give it format int32 or int64", { type: "integer", minimum: 0, description: "A number." }],
    [
      "Thing.v1.spec.field: use an integer with its unit in the name, or a decimal string",
      { type: "number", description: "Money." },
    ],
    ["Thing.v1.spec.field: name its properties", { type: "object", description: "Anything." }],
    [
      "Thing.v1.spec.field: bound it with maxProperties",
      { type: "object", additionalProperties: text, description: "A map." },
    ],
    ["Thing.v1.spec.field: say in a sentence what it is", { type: "boolean" }],
    ["Thing.v1.spec.field: say in a sentence what it is", { type: "boolean", description: "a switch" }],
    [
      "Thing.v1.spec.field: tell what to do when this fails: false",
      { ...text, "x-kubernetes-validations": [{ rule: "false" }] },
    ],
    [
      "Thing.v1.spec.field: shorten the message of false",
      { ...text, "x-kubernetes-validations": [{ rule: "false", message: "x".repeat(161) }] },
    ],
    ["Thing.v1.spec.field[]: bound it with maxLength or enum", { ...list, items: { type: "string" } }],
    [
      "Thing.v1.spec.field: remove required b, which is no property",
      { type: "object", description: "A pair.", required: ["b"], properties: { a: text } },
    ],
    [
      "Thing.v1.spec.field: a has a default, so do not require it",
      { type: "object", description: "A pair.", required: ["a"], properties: { a: { ...text, default: "x" } } },
    ],
    [
      "Thing.v1.spec.field: require its list-map key name",
      {
        ...list,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        items: { type: "object", properties: { name: text } },
      },
    ],
  ])("finds %s", (problem, field) => {
    expect(lintDefinition(withField(field))).toEqual([problem]);
  });

  it("finds lists without bound or merge rule", () => {
    expect(lintDefinition(withField({ type: "array", description: "A list.", items: text }))).toEqual([
      "Thing.v1.spec.field: bound it with maxItems",
      "Thing.v1.spec.field: say with x-kubernetes-list-type how it merges",
    ]);
  });

  it("looks into maps", () => {
    const map: Schema = {
      type: "object",
      maxProperties: 1,
      description: "A map.",
      additionalProperties: { type: "string" },
    };
    expect(lintDefinition(withField(map))).toEqual(["Thing.v1.spec.field{}: bound it with maxLength or enum"]);
  });

  it("finds names that are not camelCase", () => {
    expect(lintDefinition(withField(text, "Bad_name"))).toEqual([
      "Thing.v1.spec.Bad_name: write field names in camelCase",
    ]);
  });
});
