import type { Taint } from "./node-facts.ts";

export interface NodeSelectorRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  readonly values?: readonly string[];
}

/** All of its requirements must hold; a term without any matches nothing. */
export interface NodeSelectorTerm {
  readonly matchExpressions: readonly NodeSelectorRequirement[];
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

type Labels = Readonly<Record<string, string>>;

/** A label's value; keys such as `constructor` are labels too, hence no plain property access. */
export function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** Whether any term matches, as `nodeSelectorTerms` are ORed. */
export function matchesAnyTerm(labels: Labels, terms: readonly NodeSelectorTerm[]): boolean {
  return terms.some(
    ({ matchExpressions }) =>
      matchExpressions.length > 0 && matchExpressions.every((requirement) => matches(labels, requirement)),
  );
}

/** Same answers as `labels.Requirement.Matches` of apimachinery: NotIn also matches a node without the label. */
function matches(labels: Labels, { key, operator, values = [] }: NodeSelectorRequirement): boolean {
  const value = labelOf(labels, key);
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return compare(value, values, (label, bound) => label > bound);
    case "Lt":
      return compare(value, values, (label, bound) => label < bound);
  }
}

function compare(
  value: string | undefined,
  values: readonly string[],
  holds: (label: bigint, bound: bigint) => boolean,
): boolean {
  const [bound, ...more] = values.map(integer);
  const label = integer(value);
  return label !== undefined && bound !== undefined && more.length === 0 && holds(label, bound);
}

/** Go's `ParseInt(_, 10, 64)`; what is no int64 matches nothing. */
function integer(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** The first taint that keeps pods away and that no toleration covers. PreferNoSchedule keeps nothing away. */
export function untoleratedTaint(taints: readonly Taint[], tolerations: readonly Toleration[]): Taint | undefined {
  return taints.find(
    (taint) => taint.effect !== "PreferNoSchedule" && !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}

/** `Toleration.ToleratesTaint` with the comparison operators off (alpha in 1.36), so `Lt` and `Gt` tolerate nothing. */
function tolerates({ key = "", operator = "Equal", value = "", effect = "" }: Toleration, taint: Taint): boolean {
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  return operator === "Exists" || (operator === "Equal" && value === taint.value);
}
