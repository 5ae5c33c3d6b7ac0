/** What a tenant wants to run: the parsed form, in which nothing can be malformed. docs/manifest.md is its reference. */
export interface Manifest {
  readonly version: 1;
  readonly services: readonly Service[];
  readonly jobs: readonly Job[];
}

/** What every container of a lease has, long-running or not. */
export interface Program {
  /** DNS label that starts with a letter; unique in the manifest. */
  readonly name: string;
  readonly image: string;
  /** Empty: the image's own. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  /** Kept in a Secret of the lease's namespace. */
  readonly secretEnv: ReadonlyMap<string, string>;
  /** Of one replica. Absent: everything that is leased, for the only replica of the only program. */
  readonly resources?: Resources;
  readonly volumes: readonly Volume[];
  /** User and group id in the container; never 0. */
  readonly user: number;
}

export interface Resources {
  readonly cpuMillis: bigint;
  readonly memoryBytes: bigint;
  readonly ephemeralStorageBytes: bigint;
  /** Whole devices. */
  readonly accelerators: number;
}

export interface Volume {
  readonly name: string;
  /** Absolute path. */
  readonly mount: string;
  readonly sizeBytes: bigint;
  /** `ephemeral` (scratch disk), `memory`, or the name of one of the offer's storage classes. */
  readonly storage: string;
}

export interface Service extends Program {
  readonly replicas: number;
  readonly ports: readonly Port[];
  readonly probes: { readonly readiness?: Probe; readonly liveness?: Probe };
}

export interface Port {
  readonly name: string;
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
  /** Whether it gets a host name below the offer's domain. */
  readonly expose: boolean;
}

export interface Probe {
  readonly check:
    | { readonly kind: "http"; readonly path: string; readonly port: number }
    | { readonly kind: "tcp"; readonly port: number };
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

/** Runs to completion, each index on its own (Kubernetes' Indexed Job). */
export interface Job extends Program {
  readonly completions: number;
  readonly parallelism: number;
  readonly retriesPerIndex: number;
}

/** Every program with the number of its pods at a time. */
export function programs(manifest: Manifest): { path: string; program: Service | Job; pods: number }[] {
  return [
    ...manifest.services.map((program, i) => ({ path: `services[${i}]`, program, pods: program.replicas })),
    ...manifest.jobs.map((program, i) => ({ path: `jobs[${i}]`, program, pods: program.parallelism })),
  ];
}

/** Volumes that live and die with the pod; every other `storage` is a class of the offer. */
export function isPersistent(volume: Volume): boolean {
  return volume.storage !== "ephemeral" && volume.storage !== "memory";
}
