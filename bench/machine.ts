import { readFile } from "node:fs/promises";
import { cpus, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { isRecord } from "../src/kube/status-body.ts";
import type { Cluster } from "../test/harness/cluster.ts";
import { run } from "../test/harness/run.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const packages = ["undici", "ethers", "@foundry-rs/anvil"] as const;

/** What was measured on and with, as name and value. */
export async function describeMachine(cluster: Cluster): Promise<readonly (readonly [string, string])[]> {
  const [first] = cpus();
  const versions = await Promise.all(packages.map(packageVersion));
  const git = async (args: readonly string[]): Promise<string> => (await run("git", ["-C", root, ...args])).trim();
  const changed =
    (await git(["status", "--porcelain", "--", "src", "bench", "test/harness"])) === "" ? "" : " (changed since)";
  return [
    ["commit", `${await git(["rev-parse", "--short", "HEAD"])}${changed}`],
    ["date", new Date().toISOString().slice(0, 10)],
    ["processors", `${cpus().length} × ${first?.model.trim() ?? "unknown"}`],
    ["memory", `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ["kernel", `Linux ${release()}`],
    ["Node", process.version],
    ["Kubernetes", await serverVersion(cluster)],
    ...packages.map((name, index) => [name, versions[index] ?? ""] as const),
  ];
}

async function packageVersion(name: string): Promise<string> {
  const text = await readFile(fileURLToPath(new URL(`../node_modules/${name}/package.json`, import.meta.url)), "utf8");
  const found: unknown = JSON.parse(text);
  return isRecord(found) ? String(found["version"]) : "";
}

async function serverVersion(cluster: Cluster): Promise<string> {
  const found: unknown = JSON.parse(await cluster.kubectl(["version", "-o", "json"]));
  const server = isRecord(found) ? found["serverVersion"] : undefined;
  return isRecord(server) ? String(server["gitVersion"]) : "unknown";
}
