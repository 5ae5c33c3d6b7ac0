import type { Definition } from "../crds/schema.ts";
import type { DocumentedValue } from "./values.ts";

/** A JSON schema, as far as it is read here. */
export type JsonSchema = { [keyword: string]: unknown };

/**
 * Completes the hand-written `values.schema.json`: the specs of networks and offers come from the definitions of
 * `crds/`; every closed object lists its keys, so that a mistyped one is answered with them; and what has a default is
 * required, so that a value set to null is answered by its name and not by an error of a template.
 */
export function completeSchema(
  schema: JsonSchema,
  definitions: readonly Definition[],
  values: readonly DocumentedValue[],
): JsonSchema {
  const specs = {
    networkSpec: fromOpenApi(specOf(definitions, "ComputeNetwork")),
    offerSpec: fromOpenApi(specOf(definitions, "ComputeOffer")),
  };
  const full = { ...schema, $defs: { ...record(schema["$defs"]), ...specs } };
  return listKeys(requireDefaults(full, values, []));
}

function specOf(definitions: readonly Definition[], kind: string): unknown {
  const definition = definitions.find(({ spec }) => spec.names.kind === kind);
  const spec = definition?.spec.versions[0]?.schema.openAPIV3Schema.properties?.["spec"];
  if (spec === undefined) throw new Error(`crds/ defines no spec of ${kind}`);
  return spec;
}

const kept = new Set(
  "type description enum anyOf required pattern minLength maxLength minimum maximum minItems maxItems maxProperties".split(
    " ",
  ),
);

/** JSON schema of a structural OpenAPI schema. Objects are closed; what CEL says stays the API server's to check. */
function fromOpenApi(given: unknown): JsonSchema {
  const schema = record(given);
  const result: JsonSchema = Object.fromEntries(Object.entries(schema).filter(([keyword]) => kept.has(keyword)));
  if (schema["x-kubernetes-int-or-string"] === true) {
    delete result["anyOf"];
    result["type"] = ["integer", "string"];
  }
  if (schema["items"] !== undefined) result["items"] = fromOpenApi(schema["items"]);
  if (schema["additionalProperties"] !== undefined)
    result["additionalProperties"] = fromOpenApi(schema["additionalProperties"]);
  if (schema["properties"] === undefined) return result;
  const properties = Object.entries(record(schema["properties"])).map(([name, inner]) => [name, fromOpenApi(inner)]);
  return { ...result, additionalProperties: false, properties: Object.fromEntries(properties) };
}

/** Follows the sections of `values.yaml`. */
function requireDefaults(schema: JsonSchema, values: readonly DocumentedValue[], at: readonly string[]): JsonSchema {
  const inside = values.filter(({ path }) => path.length === at.length + 1 && at.every((name, i) => path[i] === name));
  const properties = { ...record(schema["properties"]) };
  const names = inside.map(({ path, isSection }) => {
    const name = path.at(-1) ?? "";
    if (properties[name] === undefined) throw new Error(`values.schema.json does not know ${path.join(".")}`);
    if (isSection) properties[name] = requireDefaults(record(properties[name]), values, path);
    return name;
  });
  return { ...schema, required: names, properties };
}

/** Adds to each closed object the names that it has. */
function listKeys(schema: JsonSchema): JsonSchema {
  const inner = Object.entries(schema).map(([keyword, value]) => [keyword, keyword === "enum" ? value : visit(value)]);
  const result: JsonSchema = Object.fromEntries(inner);
  if (schema["additionalProperties"] !== false) return result;
  return { ...result, propertyNames: { enum: Object.keys(record(schema["properties"])) } };
}

function visit(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(visit);
  return typeof value === "object" && value !== null ? listKeys(record(value)) : value;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
