import type { Condition } from "./types.gen.ts";

/** What a reason says about its condition, and one line for the troubleshooting table of the documentation. */
export interface Reason {
  readonly status: Condition["status"];
  readonly meaning: string;
}

/** Reasons by condition type. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, Reason>>>>;

/** A reason for which the condition holds. */
export const yes = (meaning: string): Reason => ({ status: "True", meaning });
/** A reason for which it does not. */
export const no = (meaning: string): Reason => ({ status: "False", meaning });
/** A reason that leaves it open. */
export const unknown = (meaning: string): Reason => ({ status: "Unknown", meaning });

/** The reason of every condition that nobody has looked at yet (API conventions: all known types, Unknown, at first). */
export const unseen = {
  NotObserved: unknown("Nothing was read yet that could tell; wait, or see the operator's log."),
} as const;
