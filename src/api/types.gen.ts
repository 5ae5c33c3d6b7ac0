// Generated from crds/ by `npm run generate`; change the definitions there and run it again.
import type { ObjectMeta } from "../kube/resource.ts";

/** One aspect of an object's state (metav1.Condition). */
export interface Condition {
  /** Name of the aspect, in CamelCase. */
  type: string;
  /** Whether it holds. */
  status: "True" | "False" | "Unknown";
  /** Why, as one word from a fixed list, in CamelCase. */
  reason: string;
  /** Why, for people, and how to mend it. */
  message: string;
  /** Generation of the spec that this condition is about. */
  observedGeneration?: number;
  /** When the status last changed. */
  lastTransitionTime: string;
}

/** One lease of a network. The operator creates it from the network and is the only one to write it. */
export interface ComputeLease {
  apiVersion?: "berthage.dev/v1alpha1";
  kind?: "ComputeLease";
  metadata: ObjectMeta;
  spec: ComputeLeaseSpec;
  status?: ComputeLeaseStatus;
}

/** The lease as the network records it. Its identity never changes; tenant and manifest may, as the network allows. */
export interface ComputeLeaseSpec {
  /** The ComputeNetwork that it comes from. */
  networkRef: {
    /** Name of a ComputeNetwork. */
    name: string;
  };
  /** Id on the network. */
  leaseId: string;
  /** The ComputeOffer that it leases. */
  offerRef: {
    /** Name of a ComputeOffer. */
    name: string;
  };
  /** Id of the offer on the network, which fixes price and terms. */
  offerId: string;
  /** Account of the tenant. Changes only when the lease was transferred on the network. */
  tenant: string;
  /** Units leased. */
  units: number;
  /** What it costs. */
  price: {
    /** Address of the ERC-20 token that it is paid in. */
    token: string;
    /** Price of all units for one hour, in the token's smallest units. */
    perHour: string;
  };
  /** keccak256 of the sealed manifest that the tenant wants to run. Absent until there is one. */
  manifestHash?: string;
}

/** What was last observed of the lease. */
export interface ComputeLeaseStatus {
  /** Generation of the spec that this status is about. */
  observedGeneration?: number;
  /** Block of the network that this status is about. Written only together with another change. */
  observedBlock?: {
    /** Block number. */
    number: string;
    /** Block hash. */
    hash: string;
  };
  /** Reserved capacity. All units of a lease stand on one node, to which its pods are pinned. */
  allocation?: {
    /** Name of the node. */
    node: string;
    /** Units reserved there. */
    units: number;
    /** When it was reserved, in seconds since the epoch. */
    timeSeconds: number;
  };
  /** The manifest that runs. */
  manifest?: {
    /** keccak256 of the sealed manifest. */
    hash: string;
    /** Names of its services. */
    services: string[];
  };
  /** Hashes of manifests that ran before, for as long as a reorganisation may bring them back. */
  replacedManifests?: string[];
  /** Replicas of every service. */
  services?: {
    /** Name of the service. */
    name: string;
    /** Replicas that should run. */
    desired: number;
    /** Replicas that are ready. */
    ready: number;
    /** What stands in the way, for the tenant. */
    message?: string;
  }[];
  /** Where the services can be reached. */
  endpoints?: {
    /** Name of the service. */
    service: string;
    /** Port of the service. */
    port: number;
    /** Transport protocol. */
    protocol: "TCP" | "UDP";
    /** Name in the cluster's DNS, or host. */
    address: string;
    /** Public address, when the port is exposed. */
    url?: string;
  }[];
  /** Namespace of the workload. */
  namespace?: string;
  /** Served time that no heartbeat has claimed yet. */
  metering?: {
    /** Chain time of the heartbeat from which this record counts, in seconds since the epoch. */
    heartbeatSeconds: number;
    /** Seconds served between that heartbeat and sinceSeconds. */
    servedSeconds: number;
    /** Whether time since sinceSeconds is served. */
    accruing: boolean;
    /** When accruing last changed, in seconds since the epoch. */
    sinceSeconds: number;
  };
  /** The escrow, as the network shows it. */
  money?: {
    /** Seconds that the deposit pays for in all. */
    fundedSeconds: number;
    /** Seconds billed so far. */
    billedSeconds: number;
    /** Paid in by the tenant, in the token's smallest units. */
    deposit: string;
    /** Paid out to the provider, in the token's smallest units. */
    withdrawn: string;
    /** Owed to the provider in all, withdrawn included, in the token's smallest units. */
    earned: string;
  };
  /** Time of the last heartbeat on the network. */
  lastHeartbeatTime?: string;
  /** Present while the workload is scaled to zero for want of funds. */
  suspension?: {
    /** Chain time of the suspension, in seconds since the epoch. */
    sinceSeconds: number;
  };
  /** How the lease ended. */
  close?: {
    /** Why, in the network's word. */
    reason: string;
    /** Head while the chain may still undo it, Final when it cannot. */
    tier: "Head" | "Final";
    /** Chain time at which it was first seen closed, in seconds since the epoch. */
    atSeconds: number;
  };
  /** Funded, ManifestReady, CapacityReserved, Provisioned, Suspended, Isolated, Closed, and Ready. */
  conditions?: Condition[];
}

/** A connection to a compute network on which this cluster sells. */
export interface ComputeNetwork {
  apiVersion?: "berthage.dev/v1alpha1";
  kind?: "ComputeNetwork";
  metadata: ObjectMeta;
  spec: ComputeNetworkSpec;
  status?: ComputeNetworkStatus;
}

/** Which network, reached how, and signed for by whom. */
export interface ComputeNetworkSpec {
  /** Kind of network. */
  driver: "Market";
  /** A ComputeMarket contract on an EVM chain. */
  market?: {
    /** Chain id (EIP-155) that every endpoint must report. */
    chainId: number;
    /** Address of the ComputeMarket contract. */
    address: string;
    /** JSON-RPC servers of the chain. Reads prefer the first; transactions go to all that may send. */
    endpoints: {
      /** Name in metrics, logs and conditions. */
      name: string;
      /** http or https address, without user and password. */
      url: string;
      /** What the endpoint is used for. Default: ["Read","Send"]. */
      roles?: ("Read" | "Send")[];
    }[];
    /** Blocks that the head stays behind the chain's latest block. Default: 1. */
    confirmations?: number;
    /** Blocks behind the latest after which a block counts as final. Absent means the chain's own `finalized` tag. */
    finalityBlocks?: number;
    /** Time between two looks at the chain, in seconds. Default: 2. */
    pollSeconds?: number;
  };
  /** The operator's key, which signs transactions. Secrets live in the operator's namespace. */
  signer: {
    /** An encrypted key file (Web3 Secret Storage, version 3). */
    keystore?: {
      /** Where the key file is. */
      secretRef: {
        /** Name of a Secret in the operator's namespace. */
        name: string;
        /** Key within the Secret. Default: "keystore.json". */
        key?: string;
      };
      /** Where its password is. */
      passwordSecretRef: {
        /** Name of a Secret in the operator's namespace. */
        name: string;
        /** Key within the Secret. Default: "password". */
        key?: string;
      };
    };
    /** A private key as 32 bytes of hex. For development only. */
    rawKey?: {
      /** Where the key is. */
      secretRef: {
        /** Name of a Secret in the operator's namespace. */
        name: string;
        /** Key within the Secret. Default: "key". */
        key?: string;
      };
    };
    /** A JSON-RPC signer (eth_signTransaction) that holds the key. */
    remote?: {
      /** http or https address, without user and password. */
      url: string;
      /** Account that it signs for. */
      address: string;
    };
  };
  /** The X25519 private key (32 bytes of hex) to whose public half tenants seal their manifests. */
  manifestKey: {
    /** Where the key is. */
    secretRef: {
      /** Name of a Secret in the operator's namespace. */
      name: string;
      /** Key within the Secret. Default: "key". */
      key?: string;
    };
  };
  /** Where earnings must go. Registered turns False with PayoutMismatch when the network says otherwise. */
  payout?: string;
  /** Ceilings on what the operator spends on transactions, in wei of the chain's native coin. */
  budget?: {
    /** Highest fee per gas (EIP-1559 maxFeePerGas), in wei. */
    maxFeePerGasWei?: string;
    /** Highest sum of fees in 24 hours, in wei. */
    maxSpendPerDayWei?: string;
    /** Balance below which Funded turns False with BalanceLow, in wei. */
    minBalanceWei?: string;
  };
  /** When earnings are withdrawn to the payout address. */
  settlement?: {
    /** Withdraw a lease's earnings once they are this much, in the token's smallest units. Absent withdraws by age only. */
    minOwed?: string;
    /** Withdraw once this many billed seconds of a lease are not withdrawn. Default: 604800. */
    maxIntervalSeconds?: number;
  };
}

/** What was last observed of the network. */
export interface ComputeNetworkStatus {
  /** Generation of the spec that this status is about. */
  observedGeneration?: number;
  /** Newest block that is acted on. Refreshed coarsely. */
  head?: {
    /** Block number. */
    number: string;
    /** Block hash. */
    hash: string;
    /** Block time, in seconds since the epoch. */
    timestampSeconds: number;
  };
  /** Newest block that cannot be undone. */
  finalized?: {
    /** Block number. */
    number: string;
    /** Block hash. */
    hash: string;
  };
  /** Age of the head when it was read, in seconds. */
  lagSeconds?: number;
  /** The account that signs. */
  operator?: {
    /** Account address. */
    address: string;
    /** Native balance, in wei. */
    balanceWei: string;
  };
  /** Id of this provider on the network. */
  providerId?: string;
  /** The queue of transactions. */
  lane?: {
    /** Intents that wait. */
    depth: number;
    /** Hash of the last transaction that was included. */
    lastTransaction?: string;
    /** Nonce of the transaction in flight. */
    pendingNonce?: number;
  };
  /** Connected, Registered, Funded, and Ready as their sum. */
  conditions?: Condition[];
}

/** What is sold, on which nodes, for how much and on which terms. */
export interface ComputeOffer {
  apiVersion?: "berthage.dev/v1alpha1";
  kind?: "ComputeOffer";
  metadata: ObjectMeta;
  spec: ComputeOfferSpec;
  status?: ComputeOfferStatus;
}

/** The offer as its owner wants it. A change of price or terms is a new offer on the network; live leases keep theirs. */
export interface ComputeOfferSpec {
  /** The ComputeNetwork on which it is sold. */
  networkRef: {
    /** Name of a ComputeNetwork. */
    name: string;
  };
  /** What one unit is. Tenants lease whole units, all on one node. */
  unit: {
    /** GPUs or slices in one unit. Absent sells CPU and memory only. Shared GPUs (time-slicing, MPS) are not sold. */
    accelerator?: {
      /** Who made it; selects the node labels that describe it. Default: "nvidia". */
      vendor?: "nvidia" | "amd" | "intel";
      /** Extended resource that nodes offer, such as nvidia.com/gpu or nvidia.com/mig-1g.10gb. */
      resource: string;
      /** Product exactly as the node label of the vendor says, such as NVIDIA-H100-80GB-HBM3. */
      product: string;
      /** Memory of one accelerator exactly as the node label says, in MiB. */
      memoryMiB?: number;
      /** MIG profile, such as 1g.10gb, when a slice is sold. */
      migProfile?: string;
      /** Accelerators in one unit. */
      count: number;
    };
    /** CPU of one unit, as a quantity of cores. */
    cpu: number | string;
    /** Memory of one unit, as a quantity of bytes. */
    memory: number | string;
    /** Scratch disk of one unit, as a quantity of bytes. */
    ephemeralStorage: number | string;
  };
  /** Which nodes are sold and how leases are spread over them. */
  placement?: {
    /** Labels that a node must have. */
    nodeSelector?: Record<string, string>;
    /** A rule over node labels, as in a pod's required node affinity. */
    nodeAffinity?: {
      /** Terms of which one must hold. */
      required: {
        /** Requirements that must all hold. */
        matchExpressions: {
          /** Label key. */
          key: string;
          /** How the label is compared. */
          operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
          /** What it is compared with. */
          values?: string[];
        }[];
      }[];
    };
    /** Taints that the tenants' pods tolerate. */
    tolerations?: {
      /** Key of the taint. Absent matches every key. */
      key?: string;
      /** Whether the value counts. Default: "Equal". */
      operator?: "Exists" | "Equal";
      /** Value of the taint. */
      value?: string;
      /** Effect of the taint. Absent matches every effect. */
      effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
      /** How long a NoExecute taint is tolerated, in seconds. Absent means for ever. */
      tolerationSeconds?: number;
    }[];
    /** Whether leases fill nodes one after the other or spread over them. Default: "Pack". */
    strategy?: "Pack" | "Spread";
  };
  /** How much of what fits is sold. */
  capacity: {
    /** Most units sold at a time. */
    maxUnits: number;
    /** Units kept back from sale, for node failures and own use. Default: 0. */
    reserveUnits?: number;
  };
  /** What a unit costs. */
  price: {
    /** Address of the ERC-20 token that tenants pay in. */
    token: string;
    /** Price of one unit for one hour, in the token's smallest units. */
    perUnitHour: string;
  };
  /** What tenant and provider owe each other besides money. */
  terms: {
    /** Seconds that a tenant pays at least once anything was billed. */
    minSeconds: number;
    /** Longest time that one heartbeat can bill. After two silent windows anyone may close the lease. */
    heartbeatWindowSeconds: number;
    /** Time between the provider's notice and the end of a funded lease. */
    noticeSeconds: number;
    /** Time that a lease without funds stays suspended before it is closed. */
    unfundedGraceSeconds: number;
    /** Time for this provider to start a workload before the lease is closed with a full refund. Default: 900. */
    provisioningTimeoutSeconds?: number;
    /** Time that persistent volumes outlive a closed lease. Default: 0. */
    retentionSeconds?: number;
  };
  /** What stands between a tenant and the node. */
  isolation?: {
    /** Kind of sandbox. Default: "Container". */
    tier?: "Container" | "GVisor" | "VirtualMachine" | "Node";
    /** RuntimeClass of the tenants' pods, such as nvidia. */
    runtimeClassName?: string;
    /** Whether pods run in a user namespace (hostUsers false). */
    userNamespaces?: boolean;
  };
  /** Persistent storage that tenants may use. */
  storage?: {
    /** Names for manifests, and what they stand for. */
    classes: {
      /** Name that tenants write in a manifest. */
      name: string;
      /** StorageClass of the cluster. */
      storageClassName: string;
    }[];
  };
  /** How tenants' exposed ports get a host name. Absent means they get none. */
  ingress?: {
    /** Domain below which every lease gets host names; its wildcard record points at the ingress. */
    domain: string;
    /** IngressClass. Absent means the cluster's default. */
    className?: string;
  };
  /** How the tenants' pods are scheduled. */
  scheduling?: {
    /** Scheduler. Absent means the cluster's default. */
    schedulerName?: string;
    /** PriorityClass of the tenants' pods. */
    priorityClassName?: string;
  };
  /** Stops new leases. Existing ones are served on. */
  paused?: boolean;
}

/** What was last observed of the offer. */
export interface ComputeOfferStatus {
  /** Generation of the spec that this status is about. */
  observedGeneration?: number;
  /** Id of the current offer on the network. */
  offerId?: string;
  /** Units, as the inventory counts them. */
  capacity?: {
    /** Units that the cluster could hold, leased ones included, cap and reserve applied. */
    totalUnits: number;
    /** Units in live leases. */
    leasedUnits: number;
    /** Units that could still be leased. */
    freeUnits: number;
    /** Units of the largest lease that still fits; a lease stands on one node. */
    largestLeaseUnits: number;
  };
  /** The offer as the network shows it. */
  published?: {
    /** Units for sale, leased ones included. */
    capacityUnits: number;
    /** Price of one unit for one hour, in the token's smallest units. */
    pricePerUnitHour: string;
    /** Whether new leases are taken. */
    isOpen: boolean;
  };
  /** Validated, CapacityAvailable, Isolated, Published, and Ready as their sum. */
  conditions?: Condition[];
}
