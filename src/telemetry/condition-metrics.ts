import { type ConditionKind, conditions as catalogue } from "../api/conditions.ts";
import type { Conditions } from "../api/reason.ts";
import type { Condition } from "../api/types.gen.ts";
import { counter, type Gauge, gauge, histogram, type Instruments } from "./instruments.ts";

const heldSeconds = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21_600, 86_400];

export const conditionDefinitions = {
  count: gauge("berthage_conditions", "Objects by what their conditions say now; every reason is there, also at 0.", [
    "kind",
    "type",
    "status",
    "reason",
  ]),
  transitions: counter("berthage_condition_transitions_total", "Status changes of conditions.", [
    "kind",
    "type",
    "status",
    "reason",
  ]),
  heldSeconds: histogram(
    "berthage_condition_transition_seconds",
    "Seconds that the status before lasted (since the object's creation for the first), by the status reached.",
    heldSeconds,
    ["kind", "type", "status"],
  ),
};

/** Any of our kinds: an object with conditions. */
export interface Conditioned {
  readonly kind?: string;
  readonly metadata: { readonly creationTimestamp?: string };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface Transition {
  readonly type: string;
  readonly status: Condition["status"];
  readonly reason: string;
  /** Seconds that the status before lasted; undefined when the times do not tell. */
  readonly heldSeconds: number | undefined;
}

/** The conditions whose status differs between two states of an object. Times come from the objects: no clock is asked. */
export function transitionsOf(before: Conditioned, after: Conditioned): readonly Transition[] {
  const old = new Map(before.status?.conditions?.map((condition) => [condition.type, condition]));
  return (after.status?.conditions ?? [])
    .filter(({ type, status }) => old.get(type)?.status !== status)
    .map(({ type, status, reason, lastTransitionTime }) => {
      const since = old.get(type)?.lastTransitionTime ?? after.metadata.creationTimestamp;
      return { type, status, reason, heldSeconds: secondsBetween(since, lastTransitionTime) };
    });
}

function secondsBetween(from: string | undefined, to: string): number | undefined {
  const seconds = from === undefined ? Number.NaN : (Date.parse(to) - Date.parse(from)) / 1000;
  return seconds >= 0 ? seconds : undefined;
}

export interface ConditionMetrics {
  /** Told of an update of an object, as an informer's handler is. */
  changed(kind: string, before: Conditioned, after: Conditioned): void;
  /** Told of every object that came (no `before`), changed or went (no `after`). */
  counted(kind: ConditionKind, before: Conditioned | undefined, after: Conditioned | undefined): void;
}

/** Status changes of conditions, as metrics, for every kind alike. */
export function conditionMetrics(i: Instruments): ConditionMetrics {
  const transitions = i.counter(conditionDefinitions.transitions);
  const held = i.histogram(conditionDefinitions.heldSeconds);
  const census = new Census(i.gauge(conditionDefinitions.count));
  return {
    counted(kind, before, after) {
      census.add(kind, before, -1);
      census.add(kind, after, 1);
    },
    changed(kind, before, after) {
      for (const { type, status, reason, heldSeconds: seconds } of transitionsOf(before, after)) {
        transitions.add({ kind, type, status, reason });
        if (seconds !== undefined) held.observe({ kind, type, status }, seconds);
      }
    },
  };
}

/** A reason that is not in the catalogue, as another version may write one: label values stay a closed set. */
const otherReason = "Other";

type Labels = Readonly<Record<"kind" | "type" | "status" | "reason", string>>;

/** Counts objects by condition as they change: a scrape costs the same however many objects there are. */
class Census {
  readonly #gauge: Gauge<keyof Labels>;
  readonly #counts = new Map<string, number>();

  constructor(gauge: Gauge<keyof Labels>) {
    this.#gauge = gauge;
    for (const [kind, types] of Object.entries<Conditions>(catalogue)) {
      for (const [type, reasons] of Object.entries(types)) {
        for (const [reason, { status }] of Object.entries(reasons)) this.#count({ kind, type, status, reason }, 0);
      }
    }
  }

  add(kind: ConditionKind, object: Conditioned | undefined, by: 1 | -1): void {
    const types: Conditions = catalogue[kind];
    for (const { type, status, reason } of object?.status?.conditions ?? []) {
      const reasons = types[type];
      if (reasons === undefined) continue;
      this.#count({ kind, type, status, reason: reasons[reason]?.status === status ? reason : otherReason }, by);
    }
  }

  #count(labels: Labels, by: number): void {
    const key = Object.values(labels).join("/");
    const count = (this.#counts.get(key) ?? 0) + by;
    this.#counts.set(key, count);
    this.#gauge.set(labels, count);
  }
}
