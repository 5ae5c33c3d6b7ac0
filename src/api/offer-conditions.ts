import { type Conditions, no, unknown, unseen, yes } from "./reason.ts";

/** Conditions of a ComputeOffer, with every reason that they can have. */
export const offerConditions = {
  Validated: {
    Valid: yes("The offer can be sold as it stands."),
    NetworkNotFound: no("There is no ComputeNetwork of the name in spec.networkRef; create it or correct the name."),
    ResourceNotExclusive: no(
      "The nodes share these GPUs (time-slicing or MPS); disable sharing there, shared GPUs are not sold.",
    ),
    RuntimeClassNotFound: no("There is no RuntimeClass of the name in spec.isolation; install it or correct the name."),
    StorageClassNotFound: no("There is no StorageClass that spec.storage names; create it or correct the name."),
    PriorityClassNotFound: no(
      "There is no PriorityClass of the name in spec.scheduling; create it or correct the name.",
    ),
    ...unseen,
  },
  CapacityAvailable: {
    Available: yes("At least one more unit fits."),
    NoMatchingNodes: no(
      "No node matches device, selector, affinity and tolerations; compare them with the nodes' labels and taints.",
    ),
    NoRoom: no("Nodes match, but other pods use what one unit needs."),
    FullyLeased: no("All units that fit, or spec.capacity.maxUnits, are leased."),
    Reserved: no("What is free is kept back by spec.capacity.reserveUnits."),
    ...unseen,
  },
  Isolated: {
    PolicyEnforced: yes("A probe found that the cluster enforces NetworkPolicy, which keeps tenants apart."),
    PolicyNotEnforced: no(
      "NetworkPolicy is not enforced here: nothing new is sold; install a CNI that does, then probe again.",
    ),
    Waived: no("NetworkPolicy is not enforced here, and annotation berthage.dev/sell-unisolated sells nevertheless."),
    NotProbed: unknown("Nobody probed whether NetworkPolicy is enforced: run `berthage provider preflight`; it sells."),
    ...unseen,
  },
  Published: {
    Published: yes("The network shows the offer as it stands here."),
    Publishing: no("A transaction is on its way."),
    Paused: no("spec.paused is true: the network shows the offer as closed and live leases are served on."),
    NotValid: no("Nothing is published while the offer is not valid; see condition Validated."),
    NotIsolated: no("Nothing new is sold while tenants are not kept apart; see condition Isolated."),
    NetworkNotReady: no("Nothing is published until the network is Ready; see its conditions."),
    Retiring: no("The offer is being deleted and is closed on the network; live leases keep it until they end."),
    ...unseen,
  },
  Ready: {
    Ready: yes("Tenants can lease it now."),
    NotValid: no("See condition Validated."),
    NoCapacity: no("See condition CapacityAvailable."),
    NotIsolated: no("See condition Isolated."),
    NotPublished: no("See condition Published."),
    ...unseen,
  },
} as const satisfies Conditions;
