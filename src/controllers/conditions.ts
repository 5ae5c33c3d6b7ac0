import type { NewCondition } from "../api/conditions.ts";
import type { Condition } from "../api/types.gen.ts";
import { conditionOf, setCondition } from "../kube/conditions.ts";

/** An object's conditions with the new ones set; those not mentioned stay. Times change only where a status flips. */
export function withConditions(
  current: readonly Condition[] | undefined,
  updates: readonly NewCondition[],
  observedGeneration: number | undefined,
  nowMilliseconds: number,
): Condition[] {
  let conditions: Condition[] = [...(current ?? [])];
  for (const update of updates) {
    const observed = observedGeneration === undefined ? {} : { observedGeneration };
    conditions = setCondition(conditions, { ...update, ...observed }, nowMilliseconds);
  }
  return conditions;
}

/** A condition that flipped, or changed its reason, between two states of one object. */
export interface Transition {
  readonly condition: Condition;
  readonly previous: Condition | undefined;
}

export function transitions(before: readonly Condition[], after: readonly Condition[]): readonly Transition[] {
  return after.flatMap((condition) => {
    const previous = conditionOf(before, condition.type);
    return previous?.status === condition.status && previous.reason === condition.reason
      ? []
      : [{ condition, previous }];
  });
}
