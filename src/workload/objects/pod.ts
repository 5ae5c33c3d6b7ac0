import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import type { IPodTemplateSpec } from "kubernetes-models/v1/PodTemplateSpec";
import type { IProbe } from "kubernetes-models/v1/Probe";
import type { IVolume } from "kubernetes-models/v1/Volume";
import { formatBytes, formatCpuMillis } from "../../api/quantity.ts";
import type { FittedManifest } from "../manifest/fit.ts";
import { isPersistent, type Probe, type Service, type Volume } from "../manifest/manifest.ts";
import { type Context, programLabel } from "./context.ts";
import { placementOf } from "./placement.ts";

export type FittedProgram = FittedManifest["services"][number] | FittedManifest["jobs"][number];

/** Time to stop by itself: a suspended or closed lease must not hold its devices for long. */
const terminationGraceSeconds = 30;
/** On the pod template: another manifest may mean other secrets, whose own hash would give them away. */
const manifestAnnotation = "berthage.dev/manifest-hash";

export function secretName(program: { readonly name: string }): string {
  return `${program.name}-env`;
}

/** With a dot, which no part can hold: `a` + `b-c` and `a-b` + `c` must not share a volume. */
export function claimName(program: { readonly name: string }, volume: Volume): string {
  return `${program.name}.${volume.name}`;
}

/** The hardened pod of a program (design §9). Only validated fields of the manifest get here. */
export function buildPodTemplate(
  context: Context,
  program: FittedProgram,
  restartPolicy: "Always" | "Never",
): IPodTemplateSpec {
  const { manifestHash } = context.lease;
  const annotations =
    program.secretEnv.size > 0 && manifestHash !== undefined ? { [manifestAnnotation]: manifestHash } : undefined;
  return {
    metadata: {
      labels: { ...context.labels, [programLabel]: program.name },
      ...(annotations && { annotations }),
    },
    spec: buildPodSpec(context, program, restartPolicy),
  };
}

function buildPodSpec(context: Context, program: FittedProgram, restartPolicy: "Always" | "Never"): IPodSpec {
  const { user } = program;
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(context.offer.isolation?.userNamespaces && { hostUsers: false }),
    restartPolicy,
    terminationGracePeriodSeconds: terminationGraceSeconds,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...placementOf(context),
    containers: [buildContainer(context, program)],
    ...(program.volumes.length > 0 && { volumes: program.volumes.map((volume) => buildVolume(program, volume)) }),
  };
}

function buildContainer(context: Context, program: FittedProgram): IContainer {
  const { name, image, command, args, volumes } = program;
  const resources = resourceList(context, program);
  return {
    name,
    image,
    ...(command.length > 0 && { command: command.map(literal) }),
    ...(args.length > 0 && { args: args.map(literal) }),
    ...environment(program),
    resources: { requests: resources, limits: resources },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      runAsNonRoot: true,
    },
    ...("ports" in program && serving(program)),
    ...(volumes.length > 0 && {
      volumeMounts: volumes.map((volume) => ({ name: volume.name, mountPath: volume.mount })),
    }),
  };
}

/** Requests equal limits: a tenant gets what is leased, no more on an idle node and no less on a full one. */
function resourceList({ shape }: Context, { resources }: FittedProgram): Record<string, string> {
  return {
    cpu: formatCpuMillis(resources.cpuMillis),
    memory: formatBytes(resources.memoryBytes),
    "ephemeral-storage": formatBytes(resources.ephemeralStorageBytes),
    ...(shape.accelerator &&
      resources.accelerators > 0 && { [shape.accelerator.resource]: String(resources.accelerators) }),
  };
}

/** Kubernetes would expand `$(NAME)`; what a tenant writes is what the program gets. */
function literal(value: string): string {
  return value.replaceAll("$", () => "$$");
}

function environment(program: FittedProgram): Pick<IContainer, "env"> {
  const plain = [...program.env].map(([name, value]) => ({ name, value: literal(value) }));
  const secret = [...program.secretEnv.keys()].map((key) => ({
    name: key,
    valueFrom: { secretKeyRef: { name: secretName(program), key } },
  }));
  const env = [...plain, ...secret];
  return env.length > 0 ? { env } : {};
}

function serving({ ports, probes }: Service): Pick<IContainer, "ports" | "readinessProbe" | "livenessProbe"> {
  return {
    ...(ports.length > 0 && {
      ports: ports.map(({ name, port, protocol }) => ({ name, containerPort: port, protocol })),
    }),
    ...(probes.readiness && { readinessProbe: buildProbe(probes.readiness) }),
    ...(probes.liveness && { livenessProbe: buildProbe(probes.liveness) }),
  };
}

function buildProbe({ check, ...timing }: Probe): IProbe {
  return check.kind === "http"
    ? { httpGet: { path: check.path, port: check.port }, ...timing }
    : { tcpSocket: { port: check.port }, ...timing };
}

function buildVolume(program: FittedProgram, volume: Volume): IVolume {
  if (isPersistent(volume))
    return { name: volume.name, persistentVolumeClaim: { claimName: claimName(program, volume) } };
  const sizeLimit = formatBytes(volume.sizeBytes);
  const medium = volume.storage === "memory" ? { medium: "Memory" } : {};
  return { name: volume.name, emptyDir: { ...medium, sizeLimit } };
}
