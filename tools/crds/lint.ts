import type { Definition, Schema } from "./schema.ts";

// What the API server's structural check lets pass, but a reader, CEL's cost budget or etcd does not: KEP-2876, API conventions.

/** Everything that is wrong with a definition, as `path: what to do`. */
export function lintDefinition(definition: Definition): string[] {
  return definition.spec.versions.flatMap(({ name, schema: { openAPIV3Schema } }) =>
    lintSchema(`${definition.spec.names.kind}.${name}`, openAPIV3Schema, openAPIV3Schema),
  );
}

function lintSchema(path: string, schema: Schema, root: Schema): string[] {
  const problems = [
    ...lintType(schema),
    ...lintBounds(schema),
    ...lintList(schema),
    ...lintRequired(schema),
    ...lintRules(schema),
  ].map((problem) => `${path}: ${problem}`);
  return [...problems, ...lintChildren(path, schema, root)];
}

function lintChildren(path: string, schema: Schema, root: Schema): string[] {
  const problems: string[] = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (schema === root && ["apiVersion", "kind", "metadata"].includes(name)) continue;
    const where = `${path}.${name}`;
    if (!/^[a-z][A-Za-z0-9]*$/.test(name)) problems.push(`${where}: write field names in camelCase`);
    if (!property.description?.endsWith(".")) problems.push(`${where}: say in a sentence what it is`);
    problems.push(...lintSchema(where, property, root));
  }
  if (schema.items !== undefined) problems.push(...lintSchema(`${path}[]`, schema.items, root));
  if (schema.additionalProperties !== undefined) {
    problems.push(...lintSchema(`${path}{}`, schema.additionalProperties, root));
  }
  return problems;
}

function lintType(schema: Schema): string[] {
  if (schema["x-kubernetes-int-or-string"]) return schema.type === undefined ? [] : ["an int-or-string has no type"];
  return schema.type === undefined ? ["give it a type"] : [];
}

function lintBounds(schema: Schema): string[] {
  const isText = schema.type === "string" || schema["x-kubernetes-int-or-string"];
  if (isText)
    return schema.maxLength === undefined && schema.enum === undefined ? ["bound it with maxLength or enum"] : [];
  switch (schema.type) {
    case "integer":
      return [
        ...(schema.minimum === undefined ? ["bound it with minimum"] : []),
        ...(schema.format === undefined ? ["give it format int32 or int64"] : []),
      ];
    case "number":
      return ["use an integer with its unit in the name, or a decimal string"];
    case "array":
      return schema.maxItems === undefined ? ["bound it with maxItems"] : [];
    case "object":
      if (schema.additionalProperties === undefined) {
        return schema.properties === undefined ? ["name its properties"] : [];
      }
      return schema.maxProperties === undefined ? ["bound it with maxProperties"] : [];
    default:
      return [];
  }
}

function lintList(schema: Schema): string[] {
  if (schema.type !== "array") return [];
  const kind = schema["x-kubernetes-list-type"];
  if (kind === undefined) return ["say with x-kubernetes-list-type how it merges"];
  if (kind !== "map") return [];
  const required = schema.items?.required ?? [];
  const optional = (schema["x-kubernetes-list-map-keys"] ?? []).filter((key) => !required.includes(key));
  return optional.map((key) => `require its list-map key ${key}`);
}

function lintRequired(schema: Schema): string[] {
  const properties = schema.properties ?? {};
  return (schema.required ?? []).flatMap((name) => {
    if (!(name in properties)) return [`remove required ${name}, which is no property`];
    return properties[name]?.default === undefined ? [] : [`${name} has a default, so do not require it`];
  });
}

function lintRules(schema: Schema): string[] {
  return (schema["x-kubernetes-validations"] ?? []).flatMap(({ rule, message }) => {
    if (message === undefined) return [`tell what to do when this fails: ${rule}`];
    return message.includes("\n") || message.length > 160 ? [`shorten the message of ${rule}`] : [];
  });
}
