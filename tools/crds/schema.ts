import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** The part of a structural OpenAPI v3 schema that the resources of `crds/` use. */
export interface Schema {
  type?: string;
  description?: string;
  format?: string;
  enum?: string[];
  anyOf?: Schema[];
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
  default?: unknown;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  maxProperties?: number;
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-list-type"?: string;
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-validations"?: { rule: string; message?: string; fieldPath?: string }[];
}

export interface Version {
  name: string;
  schema: { openAPIV3Schema: Schema };
}

export interface Definition {
  metadata: { name: string };
  spec: { group: string; names: { kind: string; plural: string; categories?: string[] }; versions: Version[] };
}

/** The folder of the definitions. */
export const crdFolder: string = fileURLToPath(new URL("../../crds/", import.meta.url));

/** Every definition of `crds/`, by file name. They are our own files, and the API server checks them: no validation here. */
export function readDefinitions(): Definition[] {
  return readdirSync(crdFolder)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name): Definition => parse(readFileSync(`${crdFolder}${name}`, "utf8")));
}
