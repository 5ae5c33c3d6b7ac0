/** The API group of the custom resources, and the prefix of every label, annotation and finalizer. */
export const group = "berthage.dev";
export const version = "v1alpha1";
export const apiVersion: "berthage.dev/v1alpha1" = `${group}/${version}`;

/** Labels on everything that exists because of a lease. */
export const labels = {
  network: "berthage.dev/network",
  lease: "berthage.dev/lease",
  offer: "berthage.dev/offer",
  /** The tenant's account in lower case: label values compare byte by byte, addresses do not. */
  tenant: "berthage.dev/tenant",
  /** On what a check of the cluster makes and removes again. */
  probe: "berthage.dev/probe",
  managedBy: "app.kubernetes.io/managed-by",
} as const;

/** The value of `labels.managedBy`. */
export const managedBy = "berthage";

export const annotations = {
  /** `"true"` on a ComputeLease pauses its reconciliation. */
  paused: "berthage.dev/paused",
  /** `"true"` on a ComputeOffer sells it although the cluster does not enforce NetworkPolicy: for buyers who are trusted. */
  sellUnisolated: "berthage.dev/sell-unisolated",
  /** An RFC 3339 time on a Node: from then on its admin works on it. Nothing new is placed there, and leases leave in time. */
  maintenanceAt: "berthage.dev/maintenance-at",
} as const;

export const finalizers = {
  /** Holds a ComputeLease until its end is settled and its objects are gone. */
  lease: "berthage.dev/lease",
  /** Holds a ComputeOffer until it is closed on the network. */
  offer: "berthage.dev/offer",
} as const;

/** A network's name is part of every lease namespace, `lease-<network>-<id>`, which may have 63 characters. */
export const maxNetworkNameLength = 40;
/** Digits of a lease id, for the same reason. */
export const maxLeaseIdLength = 15;

/** The name of a lease's ComputeLease: `<network>-<id>`. */
export function leaseObjectName(network: string, leaseId: string): string {
  checkIdentity(network, leaseId);
  return `${network}-${leaseId}`;
}

/** The name of a lease's namespace: `lease-<network>-<id>`. */
export function leaseNamespace(network: string, leaseId: string): string {
  return `lease-${leaseObjectName(network, leaseId)}`;
}

/** The reverse of `leaseObjectName`; undefined for a name that it cannot have made. */
export function parseLeaseObjectName(name: string): { network: string; leaseId: string } | undefined {
  const dash = name.lastIndexOf("-");
  const network = name.slice(0, Math.max(dash, 0));
  const leaseId = name.slice(dash + 1);
  return isNetworkName(network) && isLeaseId(leaseId) ? { network, leaseId } : undefined;
}

/** What the labels of a lease's objects are made from. */
export interface LeaseIdentity {
  readonly network: string;
  readonly leaseId: string;
  /** Name of the ComputeOffer. */
  readonly offer: string;
  /** Account of the tenant. */
  readonly tenant: string;
}

/** The labels that every object of a lease carries. */
export function leaseLabels(lease: LeaseIdentity): Record<string, string> {
  return {
    [labels.network]: lease.network,
    [labels.lease]: lease.leaseId,
    [labels.offer]: lease.offer,
    [labels.tenant]: lease.tenant.toLowerCase(),
    [labels.managedBy]: managedBy,
  };
}

/** Whether an object asks to be left alone. */
export function isPaused(object: { metadata?: { annotations?: Record<string, string> } }): boolean {
  return object.metadata?.annotations?.[annotations.paused] === "true";
}

/** Whether an offer asks to be sold without network isolation. */
export function sellsUnisolated(offer: { metadata?: { annotations?: Record<string, string> } }): boolean {
  return offer.metadata?.annotations?.[annotations.sellUnisolated] === "true";
}

/** When the admin of a Node means to work on it, as it is written there; undefined when nothing is announced. */
export function announcedMaintenance(node: {
  metadata?: { annotations?: Record<string, string> };
}): string | undefined {
  return node.metadata?.annotations?.[annotations.maintenanceAt];
}

/** A DNS-1123 label of at most 40 characters. */
export function isNetworkName(name: string): boolean {
  return name.length <= maxNetworkNameLength && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name);
}

/** A decimal number above zero, of at most 15 digits, without leading zeros. */
export function isLeaseId(id: string): boolean {
  return id.length <= maxLeaseIdLength && /^[1-9][0-9]*$/.test(id);
}

function checkIdentity(network: string, leaseId: string): void {
  if (!isNetworkName(network)) {
    throw new Error(
      `network name ${JSON.stringify(network)} is not a DNS label of at most ${maxNetworkNameLength} characters`,
    );
  }
  if (!isLeaseId(leaseId)) {
    throw new Error(
      `lease id ${JSON.stringify(leaseId)} of network ${network} is not a decimal number of at most ${maxLeaseIdLength} digits`,
    );
  }
}
