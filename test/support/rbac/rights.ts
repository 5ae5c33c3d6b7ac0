import { parseAllDocuments } from "yaml";

/** One thing that a role lets its holder do. */
export interface Right {
  /** `ClusterRole berthage-operator`, `Role berthage-system/berthage-operator`. */
  readonly role: string;
  readonly verb: string;
  readonly group: string;
  /** Plural, with its subresource after a slash. */
  readonly resource: string;
  /** Only the object of this name. */
  readonly name?: string | undefined;
}

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

interface Role {
  readonly kind: "Role" | "ClusterRole";
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules: readonly Rule[];
}

/** Every right of every Role and ClusterRole in rendered manifests, one by one. */
export function rightsOf(yaml: string): readonly Right[] {
  const documents: readonly { toJS(): unknown }[] = parseAllDocuments(yaml);
  return documents
    .map((document) => document.toJS())
    .filter(isRole)
    .flatMap((role) => role.rules.flatMap((rule) => expand(nameOf(role), rule)));
}

/** A right in words, to compare and to show. */
export function inWords({ role, verb, group, resource, name }: Right): string {
  const what = group === "" ? resource : `${resource}.${group}`;
  return `${role}: ${verb} ${what}${name === undefined ? "" : ` ${name}`}`;
}

function nameOf({ kind, metadata }: Role): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}

function expand(role: string, rule: Rule): Right[] {
  const { apiGroups = [], resources = [], resourceNames = [undefined], nonResourceURLs = [], verbs } = rule;
  const wide = [...apiGroups, ...resources, ...verbs, ...nonResourceURLs].filter((word) => word.includes("*"));
  if (wide.length > 0) throw new Error(`${role} gives rights by wildcard (${wide.join(", ")}): name them`);
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      resourceNames.flatMap((name) => verbs.map((verb) => ({ role, verb, group, resource, name }))),
    ),
  );
}

function isRole(value: unknown): value is Role {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return value.kind === "Role" || value.kind === "ClusterRole";
}
