import { leaseConditions } from "./lease-conditions.ts";
import { networkConditions } from "./network-conditions.ts";
import { offerConditions } from "./offer-conditions.ts";
import type { Conditions } from "./reason.ts";
import type { Condition } from "./types.gen.ts";

/** Every kind's conditions. */
export const conditions = {
  ComputeNetwork: networkConditions,
  ComputeOffer: offerConditions,
  ComputeLease: leaseConditions,
} as const;

export type ConditionTable = typeof conditions;
export type ConditionKind = keyof ConditionTable;
export type ConditionType<K extends ConditionKind> = keyof ConditionTable[K] & string;
export type ConditionReason<K extends ConditionKind, T extends ConditionType<K>> = keyof ConditionTable[K][T] & string;

/** A condition before it is merged into an object's status, which adds times. */
export interface NewCondition<T extends string = string> {
  readonly type: T;
  readonly status: Condition["status"];
  readonly reason: string;
  readonly message: string;
}

/** A condition whose status follows from its reason. Without a message, people read the reason's meaning. */
export function newCondition<K extends ConditionKind, T extends ConditionType<K>>(
  kind: K,
  type: T,
  reason: ConditionReason<K, T>,
  message?: string,
): NewCondition<T> {
  const known: Conditions = conditions[kind];
  const found = known[type]?.[reason];
  if (found === undefined)
    throw new Error(`${kind} has no condition ${type} with reason ${reason}; add it to src/api/conditions.ts`);
  return { type, status: found.status, reason, message: message ?? found.meaning };
}

/** The condition of a type, as an object's status has it. */
export function findCondition(object: { status?: { conditions?: Condition[] } }, type: string): Condition | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

/** Whether a condition holds. Absent and Unknown are no. */
export function isTrue(object: { status?: { conditions?: Condition[] } }, type: string): boolean {
  return findCondition(object, type)?.status === "True";
}
