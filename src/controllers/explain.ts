import type { Condition } from "../api/types.gen.ts";
import type { EventInput } from "../kube/events.ts";
import type { KubeObject, ObjectMeta } from "../kube/resource.ts";
import { transitions } from "./conditions.ts";

type Explained = KubeObject & { readonly kind: string; readonly metadata: ObjectMeta };

/** An object with its conditions, as metrics compare it before and after. */
export interface Conditioned {
  readonly metadata: ObjectMeta;
  readonly status: { readonly conditions: readonly Condition[] };
}

/** Where explanations go: events for people, transition times for histograms. */
export interface ExplainTargets {
  readonly events: { event(object: KubeObject, input: EventInput): void };
  readonly metrics: { changed(kind: string, before: Conditioned, after: Conditioned): void };
}

export type Explain = (
  object: Explained,
  before: readonly Condition[] | undefined,
  after: readonly Condition[],
) => void;

/** Tells of every condition that flipped or changed its reason (law 10): one event a change, none for what still holds. */
export function explainTo({ events, metrics }: ExplainTargets): Explain {
  return (object, before = [], after) => {
    const { metadata } = object;
    metrics.changed(
      object.kind,
      { metadata, status: { conditions: before } },
      { metadata, status: { conditions: after } },
    );
    for (const { condition, previous } of transitions(before, after)) {
      const { type, status, reason, message } = condition;
      if (previous === undefined && status !== "True") continue; // a first look that finds nothing yet is not news
      const isWarning = status === "False" && previous?.status === "True" && type !== "Suspended" && type !== "Closed";
      events.event(object, { type: isWarning ? "Warning" : "Normal", reason, action: type, note: message });
    }
  };
}
