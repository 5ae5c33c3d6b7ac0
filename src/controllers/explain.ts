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

/**
 * Tells of every condition that flipped or changed its reason (law 10), one event a change. A first look is news only where
 * something is wrong or over, and steps on the way are none: each event is a write, and the conditions show them anyway.
 */
export function explainTo({ events, metrics }: ExplainTargets): Explain {
  return (object, before = [], after) => {
    const { metadata, kind } = object;
    metrics.changed(kind, { metadata, status: { conditions: before } }, { metadata, status: { conditions: after } });
    for (const { condition, previous } of transitions(before, after)) {
      if (!isNews(condition, previous)) continue;
      const { type, status, reason, message } = condition;
      const isWarning = status === "False" && previous?.status === "True" && type !== "Suspended" && type !== "Closed";
      events.event(object, { type: isWarning ? "Warning" : "Normal", reason, action: type, note: message });
    }
  };
}

/** Conditions that begin as False, or that follow from others. */
const beginFalse = new Set(["Isolated", "Provisioned", "Published", "Ready", "Suspended", "Closed"]);
/** Reasons for not being there yet. */
const onTheWay = new Set([
  "NotProvisioned",
  "Provisioning",
  "Publishing",
  "WaitingForCapacity",
  "WaitingForManifest",
  "ContainersNotReady",
  "Isolating",
]);
/** Conditions whose arrival is what everybody waited for. */
const destinations = new Set(["Ready", "Published"]);

function isNews({ type, status, reason }: Condition, previous: Condition | undefined): boolean {
  if (previous === undefined || previous.reason === "NotObserved") {
    return type === "Closed" ? status === "True" : status === "False" && !beginFalse.has(type);
  }
  if (status === "True" && onTheWay.has(previous.reason)) return destinations.has(type);
  return previous.status !== status || !onTheWay.has(reason);
}
