/** Where a lease's units are reserved. A lease lives on one node; its pods are pinned there and the scheduler verifies. */
export interface Allocation {
  readonly node: string;
  readonly units: number;
  readonly timeSeconds: number;
}

export type Placement =
  | { readonly kind: "placed"; readonly node: string }
  | { readonly kind: "unplaceable"; readonly message: string };

export type AdmissionDecision =
  | { readonly kind: "held"; readonly allocation: Allocation }
  /** It should leave its node, and no other holds it: it stays, and gets notice. */
  | { readonly kind: "stranded"; readonly allocation: Allocation; readonly message: string }
  /** A reservation made now: the first, or a move away from a node that is gone or to be maintained. */
  | { readonly kind: "placed"; readonly allocation: Allocation; readonly movedFrom: string | undefined }
  | {
      readonly kind: "waiting";
      readonly message: string;
      readonly isOverdue: boolean;
      readonly lost: string | undefined;
    };

export interface AdmissionInput {
  readonly allocation: Allocation | undefined;
  /** Why the reserved node no longer serves (deleted, cordoned, not ready, wrong class), or undefined while it does. */
  readonly nodeProblem: string | undefined;
  /** Pods of this lease that still live on the reserved node. */
  readonly hasPodsOnNode: boolean;
  readonly isNodeGone: boolean;
  /** The node is to be maintained, and it is time to leave. */
  readonly mustLeave: boolean;
  readonly units: number;
  readonly waitedSeconds: number;
  readonly timeoutSeconds: number;
  readonly nowSeconds: number;
  /** Asks the inventory; called only when a (new) place is needed. */
  readonly place: () => Placement;
  /**
   * Whether a lease that the ledger lacks keeps room that this one could have: finality decides which of them is (law 3). Called
   * only when this one would be given up.
   */
  readonly isRoomInDoubt: () => boolean;
}

const whyKept = "it is not closed yet, since leases that the chain may have taken back keep room until that is final";

/**
 * Decides the reservation. A node that merely went away from view keeps its lease (law 1): only when the node object is
 * gone, or it refuses pods and none of this lease's is left on it, or its admin announced to work on it, is another place
 * looked for.
 */
export function decideAdmission(input: AdmissionInput): AdmissionDecision {
  const { allocation, nodeProblem } = input;
  const isLost = input.isNodeGone || (nodeProblem !== undefined && !input.hasPodsOnNode);
  if (allocation !== undefined && !isLost && !input.mustLeave) return { kind: "held", allocation };
  const placement = input.place();
  const lost = allocation?.node;
  if (placement.kind === "unplaceable") {
    if (allocation !== undefined && !isLost) return { kind: "stranded", allocation, message: placement.message };
    const isLate = input.waitedSeconds >= input.timeoutSeconds;
    const isKept = isLate && input.isRoomInDoubt();
    const message = isKept ? `${placement.message}; ${whyKept}` : placement.message;
    return { kind: "waiting", message, isOverdue: isLate && !isKept, lost };
  }
  const placed = { node: placement.node, units: input.units, timeSeconds: input.nowSeconds };
  return { kind: "placed", allocation: placed, movedFrom: lost };
}
