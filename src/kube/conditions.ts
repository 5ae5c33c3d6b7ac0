/** `metav1.Condition`. Polarity is positive: True is what one wants. */
export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  /** CamelCase, a compile-time constant. */
  reason: string;
  /** For people. */
  message: string;
  observedGeneration?: number;
  /** RFC 3339, whole seconds. When `status` last changed, not `reason` or `message`. */
  lastTransitionTime: string;
}

export type ConditionUpdate = Omit<Condition, "lastTransitionTime">;

/** The longest message that metav1.Condition's schema takes. */
const MAX_MESSAGE = 32_768;

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** True when the condition is there with status True, and is about `generation` when one is given. */
export function isTrue(conditions: readonly Condition[] | undefined, type: string, generation?: number): boolean {
  const condition = conditionOf(conditions, type);
  if (condition?.status !== "True") return false;
  return generation === undefined || condition.observedGeneration === generation;
}

/**
 * The conditions with one set, in their old order. Pure; the input is left alone.
 * @param nowMilliseconds becomes `lastTransitionTime`, only when the status flips or the condition is new
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  update: ConditionUpdate,
  nowMilliseconds: number,
): Condition[] {
  const list = conditions ?? [];
  const old = conditionOf(list, update.type);
  const lastTransitionTime =
    old?.status === update.status
      ? old.lastTransitionTime
      : new Date(nowMilliseconds).toISOString().replace(/\.\d+Z$/, "Z");
  const message = update.message.slice(0, MAX_MESSAGE);
  const next: Condition = { ...update, message, lastTransitionTime };
  return old === undefined ? [...list, next] : list.map((condition) => (condition === old ? next : condition));
}
