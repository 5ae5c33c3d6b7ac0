import { formatBytes, formatCpuMillis } from "../../api/quantity.ts";
import type { ComputeOfferSpec } from "../../api/types.gen.ts";
import { type Sandbox, shapeOf } from "../../inventory/shape.ts";
import { type Allowance, allowanceOf } from "./allowance.ts";
import type { Position } from "./cell.ts";
import { isPersistent, type Job, type Manifest, programs, type Resources, type Service } from "./manifest.ts";
import { parseManifest } from "./parse.ts";
import type { Problem } from "./problem.ts";

/** What a tenant leased. */
export interface LeasedTerms {
  readonly offer: ComputeOfferSpec;
  readonly units: number;
  /** The RuntimeClass that the offer names; its overhead is part of every pod. */
  readonly sandbox?: Sandbox;
}

type Sized<T> = T & { readonly resources: Resources };

/** A manifest that was checked against what is leased; every program has its resources. */
export interface FittedManifest extends Manifest {
  readonly services: readonly Sized<Service>[];
  readonly jobs: readonly Sized<Job>[];
}

export type AcceptResult =
  | { readonly ok: true; readonly manifest: FittedManifest }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads a manifest and checks it against what is leased, in one step. Never throws for any text. */
export function acceptManifest(text: string, terms: LeasedTerms): AcceptResult {
  const parsed = parseManifest(text);
  if (!parsed.ok) return parsed;
  const fitted = fitManifest(parsed.manifest, terms);
  return fitted.ok
    ? fitted
    : { ok: false, problems: fitted.problems.map((problem) => locate(problem, parsed.positions)) };
}

/** Checks a manifest against what is leased, dimension by dimension. */
export function fitManifest(manifest: Manifest, terms: LeasedTerms): AcceptResult {
  const allowance = allowanceOf(shapeOf(terms.offer, terms.sandbox), terms.units, terms.sandbox);
  const sized = sizePrograms(manifest, allowance);
  if (!sized.ok) return sized;
  const problems = [
    ...offerProblems(manifest, terms.offer),
    ...volumeProblems(sized.manifest),
    ...capacityProblems(sized.manifest, allowance),
  ];
  return problems.length === 0 ? sized : { ok: false, problems };
}

/** Resources may be left out where only one pod is there to have them all. */
function sizePrograms(manifest: Manifest, allowance: Allowance): AcceptResult {
  const all = programs(manifest);
  const isSole = all.length === 1 && all[0]?.pods === 1;
  const unsized = isSole ? [] : all.filter(({ program }) => program.resources === undefined);
  if (unsized.length > 0) return { ok: false, problems: unsized.map(({ path }) => missingResources(path)) };
  const size = <T extends Service | Job>(program: T): Sized<T> => ({
    ...program,
    resources: program.resources ?? allowance.wholePod,
  });
  return { ok: true, manifest: { ...manifest, services: manifest.services.map(size), jobs: manifest.jobs.map(size) } };
}

function missingResources(path: string): Problem {
  const message = "is missing; it may be left out only for one program with one replica";
  return { path: `${path}.resources`, rule: "required", message, hint: 'write resources: {cpu: "4", memory: 8Gi}' };
}

/** What the offer does not sell. */
function offerProblems(manifest: Manifest, offer: ComputeOfferSpec): Problem[] {
  const classes = offer.storage?.classes.map((item) => item.name) ?? [];
  const storage = programs(manifest).flatMap(({ path, program }) =>
    program.volumes.flatMap((volume, i): Problem[] => {
      if (!isPersistent(volume) || classes.includes(volume.storage)) return [];
      const hint = `use ${["ephemeral", "memory", ...classes].join(", ")}`;
      return [{ path: `${path}.volumes[${i}].storage`, rule: "offer", message: "is not sold by this offer", hint }];
    }),
  );
  const exposed = manifest.services.flatMap((service, i) =>
    service.ports.flatMap((port, j): Problem[] => {
      if (!port.expose || offer.ingress) return [];
      const path = `services[${i}].ports[${j}].expose`;
      const hint = "remove it, or lease from an offer with an ingress domain";
      return [{ path, rule: "offer", message: "is not sold by this offer, which has no host names", hint }];
    }),
  );
  return [...storage, ...exposed];
}

/** A disk-backed emptyDir counts against the pod's ephemeral storage, a memory-backed one against its memory. */
function volumeProblems(manifest: FittedManifest): Problem[] {
  return [...manifest.services, ...manifest.jobs].flatMap((program) => {
    const path = pathOf(manifest, program.name);
    const { ephemeralStorageBytes, memoryBytes } = program.resources;
    return [
      ...tooLarge(
        `${path}.volumes`,
        "ephemeral volumes",
        sizeOf(program, "ephemeral"),
        ephemeralStorageBytes,
        "resources.ephemeralStorage",
      ),
      ...tooLarge(`${path}.volumes`, "memory volumes", sizeOf(program, "memory"), memoryBytes, "resources.memory"),
    ];
  });
}

function tooLarge(path: string, what: string, asked: bigint, limit: bigint, field: string): Problem[] {
  if (asked <= limit) return [];
  const message = `holds ${what} of ${formatBytes(asked)}, more than ${field}, ${formatBytes(limit)}`;
  return [{ path, rule: "capacity", message, hint: `make them smaller or ${field} larger` }];
}

function sizeOf(program: Service | Job, storage: string): bigint {
  return program.volumes.reduce((sum, volume) => (volume.storage === storage ? sum + volume.sizeBytes : sum), 0n);
}

function pathOf(manifest: Manifest, name: string): string {
  return programs(manifest).find(({ program }) => program.name === name)?.path ?? "";
}

interface Dimension {
  readonly name: string;
  readonly format: (amount: bigint) => string;
  readonly asked: bigint;
  readonly leased: bigint;
}

function capacityProblems(manifest: FittedManifest, allowance: Allowance): Problem[] {
  return dimensions(manifest, allowance).flatMap(({ name, format, asked, leased }): Problem[] => {
    if (asked <= leased) return [];
    const message = `add up to ${format(asked)} of ${name}, but ${format(leased)} is leased`;
    return [{ path: "services", rule: "capacity", message, hint: "ask for less or lease more units" }];
  });
}

function dimensions(manifest: FittedManifest, { total, overhead, maxPods, persistentBytes }: Allowance): Dimension[] {
  const pods = [
    ...manifest.services.map(({ resources, replicas }) => ({ resources, count: BigInt(replicas) })),
    ...manifest.jobs.map(({ resources, parallelism }) => ({ resources, count: BigInt(parallelism) })),
  ];
  const sum = (of: (resources: Resources) => bigint): bigint =>
    pods.reduce((all, { resources, count }) => all + of(resources) * count, 0n);
  const persistent = [...manifest.services, ...manifest.jobs]
    .flatMap((program) => program.volumes.filter(isPersistent))
    .reduce((all, volume) => all + volume.sizeBytes, 0n);
  return [
    {
      name: "cpu",
      format: formatCpuMillis,
      asked: sum((r) => r.cpuMillis + overhead.cpuMillis),
      leased: total.cpuMillis,
    },
    {
      name: "memory",
      format: formatBytes,
      asked: sum((r) => r.memoryBytes + overhead.memoryBytes),
      leased: total.memoryBytes,
    },
    {
      name: "ephemeralStorage",
      format: formatBytes,
      asked: sum((r) => r.ephemeralStorageBytes + overhead.ephemeralStorageBytes),
      leased: total.ephemeralStorageBytes,
    },
    {
      name: "accelerators",
      format: String,
      asked: sum((r) => BigInt(r.accelerators)),
      leased: BigInt(total.accelerators),
    },
    { name: "persistent storage", format: formatBytes, asked: persistent, leased: persistentBytes },
    { name: "pods", format: String, asked: sum(() => 1n), leased: maxPods },
  ];
}

function locate(problem: Problem, positions: ReadonlyMap<string, Position>): Problem {
  let path = problem.path;
  while (path !== "" && !positions.has(path)) path = path.replace(/(^|\.|\[)[^.[]*$/, "");
  return { ...problem, ...positions.get(path) };
}
