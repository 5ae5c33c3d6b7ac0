import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the Go module lies. */
export const moduleDir = fileURLToPath(new URL(".", import.meta.url));

/** What the one binary is called, and the names that it answers to by symlink. */
export const binaryName = "berthage-cluster";
export const componentNames = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-proxy",
  "kube-scheduler",
  "kubectl",
  "kubelet",
  "kwok",
  "kwok-stages",
] as const;
export type ComponentName = (typeof componentNames)[number];

export interface Recipe {
  /** Kubernetes' version as `go.mod` requires it, such as v1.36.3. */
  readonly kubernetesVersion: string;
  /** The least Go version, such as 1.26.0. */
  readonly goVersion: string;
  readonly buildArgs: readonly string[];
  /** Holds the finished binary and its symlinks; named by everything that the binary depends on, so clones share it. */
  readonly outputDir: string;
}

/** Reads how the binary is built from `go.mod`, the one place for versions. Throws when `go.mod` lacks them. */
export async function readRecipe(environment: NodeJS.ProcessEnv): Promise<Recipe> {
  const sources = await Promise.all(["go.mod", "go.sum", "main.go"].map((file) => readFile(join(moduleDir, file))));
  const goMod = String(sources[0]);
  const kubernetesVersion = capture(goMod, /^\s*k8s\.io\/kubernetes (v\S+)$/m, "the version of k8s.io/kubernetes");
  const goVersion = capture(goMod, /^go (\S+)$/m, "the go line");
  const buildArgs = ["build", "-trimpath", "-buildvcs=false", "-p=2", "-ldflags", linkerFlags(kubernetesVersion)];
  const hash = createHash("sha256");
  for (const source of sources) hash.update(source);
  hash.update([process.platform, process.arch, ...buildArgs].join("\n"));
  const cache = environment["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const outputDir = join(cache, "berthage", `controlplane-${hash.digest("hex").slice(0, 12)}`);
  return { kubernetesVersion, goVersion, buildArgs, outputDir };
}

/** Stamps the version: without it the components call themselves v0.0.0. */
function linkerFlags(version: string): string {
  const [major = "", minor = ""] = version.slice(1).split(".");
  const base = "k8s.io/component-base/version";
  const stamps = [
    `${base}.gitVersion=${version}`,
    `${base}.gitMajor=${major}`,
    `${base}.gitMinor=${minor}`,
    `k8s.io/client-go/pkg/version.gitVersion=${version}`,
  ];
  return ["-s -w", ...stamps.map((stamp) => `-X ${stamp}`)].join(" ");
}

function capture(text: string, pattern: RegExp, what: string): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`${join(moduleDir, "go.mod")} lacks ${what}`);
  return found;
}
