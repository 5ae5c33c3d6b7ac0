import { type Conditions, no, type Reason, unknown, unseen, yes } from "./reason.ts";

/** Why a network says that a lease ended: `CloseReason` of src/networks/driver.ts. */
const closeReasons = {
  TenantClosed: yes("The tenant closed it."),
  Unplaceable: yes("No node could hold it; refunded in full."),
  NoticeElapsed: yes("The provider gave notice and the time is over."),
  FundsExhausted: yes("The deposit was used up and the grace is over."),
  NeverServed: yes("Nothing was ever served; refunded in full."),
  ManifestTimeout: yes("The tenant sent no acceptable manifest in time; refunded in full."),
  Abandoned: yes("No heartbeat came for two windows and somebody closed it."),
  Unspecified: yes("The network gave no reason that this version knows."),
} as const satisfies Readonly<Record<string, Reason>>;

/** Conditions of a ComputeLease, with every reason that they can have. */
export const leaseConditions = {
  Funded: {
    Funded: yes("The deposit pays for a while."),
    RunwayLow: yes("The deposit is nearly used up; the tenant should top up."),
    FundsExhausted: no(
      "The deposit is used up; the workload is suspended until a top-up and the lease is closed after the grace.",
    ),
    ...unseen,
  },
  ManifestReady: {
    ManifestAccepted: yes("The manifest that the network names is accepted."),
    WaitingForManifest: no("The tenant has not sent a manifest yet; the lease accrues, because its capacity is held."),
    ManifestInvalid: no("The manifest breaks a rule, which the message names; the tenant must send another."),
    ManifestHashMismatch: no(
      "The network names another manifest than the one received; the one accepted before runs on.",
    ),
    ...unseen,
  },
  CapacityReserved: {
    Reserved: yes("All units are reserved on one node."),
    NodeMaintenance: yes(
      "All units are reserved on a node that is to be maintained; the lease moves in time, or is given notice.",
    ),
    NoCapacity: no("No node holds all units; the lease is closed with a full refund when provisioning times out."),
    NodeLost: no("The node is gone or unfit; the lease moves when another node holds it. Nothing accrues meanwhile."),
    OfferNotFound: no("There is no ComputeOffer for this lease any more, so its unit is not known."),
    ...unseen,
  },
  Provisioned: {
    Provisioned: yes("All objects of the workload exist as they should."),
    Provisioning: no("Objects are being written."),
    WaitingForManifest: no("There is nothing to run; see condition ManifestReady."),
    WaitingForCapacity: no("There is nowhere to run; see condition CapacityReserved."),
    NamespaceTerminating: no("A namespace of the same name is still being deleted; look for finalizers in it."),
    QuotaRefused: no("The cluster refused an object by quota or policy; the message says which."),
    Unschedulable: no("The scheduler finds no room on the reserved node; something else uses it. Nothing accrues."),
    ...unseen,
  },
  Ready: {
    Ready: yes("Every service has its ready replicas."),
    ContainersNotReady: no("Containers start, or their own probes fail."),
    ImagePullFailed: no("An image cannot be pulled; the tenant must correct its name or its access."),
    CrashLoop: no("A container ends again and again; the tenant should read its log."),
    NotProvisioned: no("See conditions Provisioned, CapacityReserved and ManifestReady."),
    Suspended: no("The workload is scaled to zero; see condition Suspended."),
    Closed: no("The lease has ended; see condition Closed."),
    ...unseen,
  },
  Suspended: {
    NotSuspended: no("The workload may run."),
    FundsExhausted: yes("Scaled to zero for want of funds; volumes and reservation stay until the grace is over."),
    PausedByAdmin: yes("The annotation berthage.dev/paused stops reconciliation of this lease; remove it to go on."),
    ...unseen,
  },
  Isolated: {
    Isolated: yes("Quota, policies and labels of the namespace are as they should be."),
    Isolating: no("Quota, policies and labels are being written; nothing runs before they stand."),
    PolicyDrift: no("Somebody changed or removed quota, policies or labels; they are being restored."),
    ...unseen,
  },
  Closed: {
    Open: no("The lease is live."),
    Suspect: unknown("One answer of the network lacked the lease; it runs on unbilled until finality decides."),
    Void: yes("Final history does not know the lease: it was opened in a block that the chain took back."),
    ...closeReasons,
    ...unseen,
  },
} as const satisfies Conditions;
