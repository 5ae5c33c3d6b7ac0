import { type LeaseIdentity, leaseLabels, leaseNamespace } from "../../api/names.ts";
import type { ComputeOfferSpec } from "../../api/types.gen.ts";
import { type Sandbox, type Shape, shapeOf } from "../../inventory/shape.ts";
import { type Allowance, allowanceOf } from "../manifest/allowance.ts";
import type { FittedManifest } from "../manifest/fit.ts";

/** What the cluster is, so that tenants can be kept out of it. */
export interface IsolationSettings {
  /** Pod, service and node ranges, IPv4 and IPv6. Private ranges are always kept out. */
  readonly clusterCidrs: readonly string[];
  /** IP addresses of the API server. */
  readonly apiServerAddresses: readonly string[];
  /** Where cluster DNS runs. */
  readonly dns: { readonly namespace: string; readonly podLabels: Readonly<Record<string, string>> };
  /** Where the ingress controller runs; absent: exposed ports are open to the whole cluster. */
  readonly ingressNamespace?: string;
  /** Who writes in lease namespaces, by a RoleBinding in each; absent: the operator may write everywhere as it is. */
  readonly operator?: OperatorAccess;
}

export interface OperatorAccess {
  /** ClusterRole with what the operator does in a lease's namespace. */
  readonly clusterRole: string;
  readonly serviceAccount: { readonly name: string; readonly namespace: string };
}

/** Kubernetes' own names for cluster DNS. */
export const defaultDns: IsolationSettings["dns"] = { namespace: "kube-system", podLabels: { "k8s-app": "kube-dns" } };

export interface LeaseObjectsInput {
  readonly lease: LeaseIdentity & {
    readonly units: number;
    /** keccak256 of the sealed manifest; a change restarts programs with secret env. */
    readonly manifestHash?: string;
  };
  /** Uid of the ComputeLease, which owns the namespace. */
  readonly leaseUid: string;
  readonly offer: ComputeOfferSpec;
  /** Absent: the namespace stands ready, empty. */
  readonly manifest?: FittedManifest;
  /** The node that holds the lease's units. */
  readonly node: string;
  /** Scales to zero; volumes stay. */
  readonly suspended: boolean;
  readonly isolation: IsolationSettings;
  /** The RuntimeClass that the offer names. */
  readonly sandbox?: Sandbox;
}

/** The input with what every builder derives from it. */
export interface Context extends LeaseObjectsInput {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly shape: Shape;
  readonly allowance: Allowance;
}

export function contextOf(input: LeaseObjectsInput): Context {
  const { lease, offer, sandbox } = input;
  const shape = shapeOf(offer, sandbox);
  return {
    ...input,
    namespace: leaseNamespace(lease.network, lease.leaseId),
    labels: leaseLabels(lease),
    shape,
    allowance: allowanceOf(shape, lease.units, sandbox),
  };
}

/** Tells the programs of a lease apart; the selector of everything that selects pods. */
export const programLabel = "app.kubernetes.io/name";

interface Meta {
  name: string;
  namespace: string;
  labels: Record<string, string>;
}

/** Metadata of an object in the lease's namespace; `program` when it belongs to one. */
export function metadata(context: Context, name: string, program?: string): Meta {
  const own = program === undefined ? {} : { [programLabel]: program };
  return { name, namespace: context.namespace, labels: { ...context.labels, ...own } };
}
