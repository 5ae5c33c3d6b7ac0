import type { Definition, Schema } from "./schema.ts";

const banner = `// Generated from crds/ by \`npm run generate\`; change the definitions there and run it again.
import type { ObjectMeta } from "../kube/resource.ts";
`;

/** TypeScript types of custom resources: three a kind, and the `Condition` that they share. */
export function renderTypes(definitions: readonly Definition[]): string {
  const parts = [banner];
  const condition = definitions.map(conditionOf).find((schema) => schema !== undefined);
  if (condition !== undefined) parts.push(declare("Condition", condition));
  for (const definition of definitions) parts.push(...renderKind(definition));
  return parts.join("\n");
}

function renderKind({ spec: { group, names, versions } }: Definition): string[] {
  return versions.flatMap(({ name, schema: { openAPIV3Schema: root } }) => {
    const { spec, status } = root.properties ?? {};
    if (spec === undefined || status === undefined) throw new Error(`${names.kind} ${name} lacks spec or status`);
    const top = [
      docstring(root.description, ""),
      `export interface ${names.kind} {`,
      `  apiVersion?: "${group}/${name}";`,
      `  kind?: "${names.kind}";`,
      "  metadata: ObjectMeta;",
      `  spec: ${names.kind}Spec;`,
      `  status?: ${names.kind}Status;`,
      "}\n",
    ];
    return [top.join("\n").trimStart(), declare(`${names.kind}Spec`, spec), declare(`${names.kind}Status`, status)];
  });
}

function conditionOf(definition: Definition): Schema | undefined {
  const status = definition.spec.versions[0]?.schema.openAPIV3Schema.properties?.["status"];
  return status?.properties?.["conditions"]?.items;
}

function declare(name: string, schema: Schema): string {
  return `${docstring(schema.description, "")}\nexport interface ${name} ${objectType(schema, "")}\n`.trimStart();
}

function objectType(schema: Schema, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const mark = schema.required?.includes(name) ? "" : "?";
    return [docstring(describe(property), inner), `${inner}${name}${mark}: ${typeOf(name, property, inner)};`];
  });
  return ["{", ...lines.filter((line) => line !== ""), `${indent}}`].join("\n");
}

function typeOf(name: string, schema: Schema, indent: string): string {
  if (schema["x-kubernetes-int-or-string"]) return "number | string";
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  switch (schema.type) {
    case "string":
    case "boolean":
      return schema.type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return name === "conditions" ? "Condition[]" : listOf(itemType(schema, indent));
    case "object":
      if (schema.additionalProperties === undefined) return objectType(schema, indent);
      return `Record<string, ${typeOf("", schema.additionalProperties, indent)}>`;
    default:
      throw new Error(`field ${name} has no type this generator knows: ${schema.type ?? "none"}`);
  }
}

function itemType(schema: Schema, indent: string): string {
  if (schema.items === undefined) throw new Error(`a list has no items: ${schema.description ?? ""}`);
  return typeOf("", schema.items, indent);
}

function listOf(item: string): string {
  return item.includes(" | ") && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;
}

/** What a reader of the type must know besides it: description and default. */
function describe(schema: Schema): string | undefined {
  const hasDefault = schema.default !== undefined && schema.type !== "object";
  const rest = hasDefault ? `Default: ${JSON.stringify(schema.default)}.` : "";
  return [schema.description, rest].filter(Boolean).join(" ") || undefined;
}

function docstring(text: string | undefined, indent: string): string {
  return text === undefined ? "" : `${indent}/** ${text.replaceAll("*/", "*\\/")} */`;
}
