import { describe, expect, it } from "vitest";
import { type Definition, readDefinitions, type Schema } from "../crds/schema.ts";
import { completeSchema, type JsonSchema } from "./schema.ts";
import { readValues } from "./values.ts";

function definition(kind: string, spec: Schema): Definition {
  return {
    metadata: { name: kind },
    spec: {
      group: "example.com",
      names: { kind, plural: kind },
      versions: [{ name: "v1", schema: { openAPIV3Schema: { properties: { spec } } } }],
    },
  };
}

const defaults = readValues("# A.\na: 1\n# B.\nb:\n  # C.\n  c: ''\n");
const hand: JsonSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    a: { type: "integer" },
    b: { type: "object", additionalProperties: false, properties: { c: { enum: ["", "x"] } } },
    free: { type: "object", additionalProperties: { type: "string" } },
  },
};

function specAs(spec: Schema): unknown {
  const definitions = [definition("ComputeNetwork", spec), definition("ComputeOffer", { type: "object" })];
  return completeSchema(hand, definitions, defaults)["$defs"];
}

describe("completeSchema", () => {
  const completed = completeSchema(hand, readDefinitions(), defaults);

  it("requires what has a default, so that null is answered by name", () => {
    expect(completed).toMatchObject({ required: ["a", "b"], properties: { b: { required: ["c"] } } });
  });

  it("lists the names of each closed object, and leaves open ones alone", () => {
    expect(completed).toMatchObject({
      propertyNames: { enum: ["a", "b", "free"] },
      properties: { b: { propertyNames: { enum: ["c"] } }, free: { additionalProperties: { type: "string" } } },
    });
    expect(completed["properties"]).not.toHaveProperty("free.propertyNames");
  });

  it("changes nothing when done again", () => {
    expect(completeSchema(completed, readDefinitions(), defaults)).toEqual(completed);
  });

  it("finds a value that the schema forgot", () => {
    expect(() => completeSchema(hand, readDefinitions(), readValues("# D.\nd: 1\n"))).toThrow(
      "values.schema.json does not know d",
    );
  });

  it("finds a definition that is gone", () => {
    expect(() => completeSchema(hand, [], defaults)).toThrow("crds/ defines no spec of ComputeNetwork");
  });
});

describe("the spec of a definition", () => {
  it("is closed, at every depth", () => {
    const inner: Schema = { type: "object", required: ["b"], properties: { b: { type: "string", pattern: "^x$" } } };
    expect(specAs({ type: "object", properties: { list: { type: "array", items: inner } } })).toMatchObject({
      networkSpec: {
        additionalProperties: false,
        propertyNames: { enum: ["list"] },
        properties: {
          list: { items: { additionalProperties: false, required: ["b"], properties: { b: { pattern: "^x$" } } } },
        },
      },
    });
  });

  it("keeps maps open and typed, and quantities both number and text", () => {
    const quantity: Schema = { anyOf: [], "x-kubernetes-int-or-string": true, maxLength: 32 };
    const labels: Schema = { type: "object", additionalProperties: { type: "string" } };
    expect(specAs({ type: "object", properties: { quantity, labels } })).toMatchObject({
      networkSpec: {
        properties: {
          quantity: { type: ["integer", "string"], maxLength: 32 },
          labels: { type: "object", additionalProperties: { type: "string" } },
        },
      },
    });
  });

  it("carries no keyword of Kubernetes, which a validator of values does not know", () => {
    expect(JSON.stringify(completeSchema(hand, readDefinitions(), defaults))).not.toContain("x-kubernetes");
  });
});
