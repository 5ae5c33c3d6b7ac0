import type { INode } from "kubernetes-models/v1/Node";
import { isRecord } from "../../../chain/hex.ts";
import { type Finding, fail, ok, warn } from "../finding.ts";

/** ValidatingAdmissionPolicy, which the chart uses, is stable from here on. */
const OLDEST_MINOR = 30;
/** A kubelet may be this many minor versions behind its API server, and none ahead (Kubernetes' version skew policy). */
const KUBELET_SKEW = 3;
/** What user namespaces (hostUsers false) need: idmapped mounts of tmpfs, and a runtime that asks for them. */
const USER_NAMESPACES = { kernel: [6, 3], containerd: [2, 0], crio: [1, 25] } as const;

export interface ServerVersion {
  /** As the server says it, such as v1.36.3. */
  readonly text: string;
  readonly minor: number | undefined;
}

/** Reads the answer to /version; some distributions write the minor as `30+`. */
export function parseServerVersion(answer: unknown): ServerVersion {
  const fields = isRecord(answer) ? answer : {};
  const minor = Number.parseInt(String(fields["minor"] ?? ""), 10);
  return {
    text: String(fields["gitVersion"] ?? "of an unknown version"),
    minor: Number.isNaN(minor) ? undefined : minor,
  };
}

export function apiServerFinding(server: string, { text, minor }: ServerVersion): Finding {
  const detail = `${server}, ${text}`;
  if (minor === undefined || minor >= OLDEST_MINOR) return ok("API server", detail);
  return fail("API server", detail, `update the cluster to 1.${OLDEST_MINOR} or later`);
}

type NodeLike = Pick<INode, "metadata" | "status">;

/** Whether kubelets are of a version that goes with the API server's. */
export function kubeletFinding({ minor, text }: ServerVersion, nodes: readonly NodeLike[]): Finding {
  const check = "Kubelets";
  const versions = nodes.map((node) => [nameOf(node), node.status?.nodeInfo?.kubeletVersion ?? ""] as const);
  const strange = versions.filter(([, version]) => {
    const [, own] = versionOf(version);
    return own !== undefined && minor !== undefined && (own > minor || own < minor - KUBELET_SKEW);
  });
  if (strange.length === 0) return ok(check, summaryOf(versions.map(([, version]) => version)));
  const named = strange.map(([name, version]) => `${name} has ${version}`).join(", ");
  const fix = `update them: at most ${KUBELET_SKEW} minor versions behind the API server's ${text}, and none ahead`;
  return warn(check, named, fix);
}

/** Whether tenants' pods can have user namespaces: asked of the runtime where it says, else judged by versions. */
export function supportsUserNamespaces({ status }: NodeLike): boolean {
  const told = status?.runtimeHandlers?.find(({ name }) => name === undefined || name === "")?.features?.userNamespaces;
  if (told !== undefined) return told;
  const { kernelVersion = "", containerRuntimeVersion = "" } = status?.nodeInfo ?? {};
  const [runtime = "", version = ""] = containerRuntimeVersion.split("://");
  const oldest = runtime === "containerd" ? USER_NAMESPACES.containerd : USER_NAMESPACES.crio;
  return isAtLeast(kernelVersion, USER_NAMESPACES.kernel) && isAtLeast(version, oldest);
}

/** The runtimes and kernels there are, and whether user namespaces can be had. */
export function runtimeFinding(nodes: readonly NodeLike[]): Finding {
  const check = "Container runtimes";
  const kinds = summaryOf(
    nodes.map(({ status }) => {
      const { containerRuntimeVersion = "unknown", kernelVersion = "?" } = status?.nodeInfo ?? {};
      return `${containerRuntimeVersion} on kernel ${kernelVersion}`;
    }),
  );
  const without = nodes.filter((node) => !supportsUserNamespaces(node)).length;
  if (without === 0) return ok(check, `${kinds}; user namespaces everywhere`);
  return ok(check, `${kinds}; no user namespaces on ${without} of ${nodes.length} nodes`);
}

/** `3 × v1.36.3, 1 × v1.35.0` */
function summaryOf(values: readonly string[]): string {
  if (values.length === 0) return "no nodes yet";
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => `${count} × ${value === "" ? "unknown" : value}`).join(", ");
}

function isAtLeast(text: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor, ownMinor] = versionOf(text);
  if (ownMajor === undefined || ownMinor === undefined) return false;
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

function versionOf(text: string): readonly [major: number | undefined, minor: number | undefined] {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(text) ?? [];
  return [major === undefined ? undefined : Number(major), minor === undefined ? undefined : Number(minor)];
}

function nameOf({ metadata }: NodeLike): string {
  return metadata?.name ?? "";
}
