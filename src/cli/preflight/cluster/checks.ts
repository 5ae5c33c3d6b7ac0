import { isRecord } from "../../../chain/hex.ts";
import { computeLeases, computeNetworks, computeOffers } from "../../../controllers/resources.ts";
import { nodes, priorityClasses, runtimeClasses, storageClasses } from "../../../kube/core.ts";
import { NotFound } from "../../../kube/errors.ts";
import type { KubeObject, Resource } from "../../../kube/resource.ts";
import type { Transport } from "../../../kube/transport.ts";
import type { ClusterSession } from "../../cluster/session.ts";
import { type Context, nowSeconds } from "../../context.ts";
import { explain } from "../../explain.ts";
import { attempt, type Finding, fail, ok, skipped } from "../finding.ts";
import { permissionFinding } from "./access.ts";
import { admissionFinding, podSecurityFinding } from "./admission.ts";
import { clockFinding, serverTime } from "./clock.ts";
import { type Installation, operatorFinding } from "./installation.ts";
import { nodeFindings } from "./nodes.ts";
import { offerFindings } from "./offers.ts";
import { defaultStorageFinding } from "./storage.ts";
import {
  apiServerFinding,
  kubeletFinding,
  parseServerVersion,
  runtimeFinding,
  type ServerVersion,
} from "./versions.ts";

/** A server that answers, or why nothing else of the cluster is asked. */
export async function reachCluster(session: ClusterSession): Promise<ServerVersion | readonly Finding[]> {
  try {
    return parseServerVersion(await get(session.transport, "/version"));
  } catch (error) {
    const { what, next } = explain(error);
    const unasked = ["Resource definitions", "Permissions", "GPU nodes", "Isolation"];
    return [
      fail("API server", what, next),
      ...unasked.map((check) => skipped(check, "the API server does not answer", "mend that first")),
    ];
  }
}

/** What the cluster must be and hold. Every check stands alone: what one user may not see hides nothing else. */
export async function clusterFindings(
  session: ClusterSession,
  version: ServerVersion,
  installation: Installation,
  context: Context,
): Promise<readonly Finding[]> {
  const { kube, transport, server } = session;
  const probe = `berthage-probe-${Buffer.from(context.random(4)).toString("hex")}`;
  const checks = await Promise.all([
    attempt("Resource definitions", () => definitionFinding(session)),
    attempt("Admission policies", () => admissionFinding(kube)),
    attempt("Permissions", () => permissionFinding(session, installation)),
    attempt("Pod Security", () => podSecurityFinding(kube, probe)),
    attempt("Clock", async () => {
      const before = nowSeconds(context);
      const serverSeconds = await serverTime(transport);
      return clockFinding((before + nowSeconds(context)) / 2, serverSeconds);
    }),
    attempt("GPU nodes", async () => {
      const { items } = await kube.list(nodes);
      return [kubeletFinding(version, items), runtimeFinding(items), ...nodeFindings(items)];
    }),
    attempt("Default StorageClass", async () => defaultStorageFinding((await kube.list(storageClasses)).items)),
    attempt("Offers", () => allOfferFindings(session)),
  ]);
  return [apiServerFinding(server, version), operatorFinding(installation), ...checks.flat()];
}

async function definitionFinding({ kube }: ClusterSession): Promise<Finding> {
  const check = "Resource definitions";
  const kinds: readonly Resource<KubeObject>[] = [computeNetworks, computeOffers, computeLeases];
  const missing = await Promise.all(kinds.map(async (kind) => ((await isServed(kube, kind)) ? [] : [kind.plural])));
  const names = missing.flat();
  if (names.length === 0) return ok(check, kinds.map(({ kind }) => kind).join(", "));
  return fail(
    check,
    `not installed: ${names.join(", ")}`,
    "install the chart, or `kubectl apply --server-side -f crds/`",
  );
}

async function isServed(kube: ClusterSession["kube"], kind: Resource<KubeObject>): Promise<boolean> {
  try {
    await kube.list(kind, { limit: 1 });
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}

async function allOfferFindings({ kube }: ClusterSession): Promise<readonly Finding[]> {
  const { items: offers } = await kube.list(computeOffers).catch(ifNotInstalled);
  if (offers.length === 0) return [];
  const [networks, all, runtimes, storage, priorities] = await Promise.all([
    kube.list(computeNetworks),
    kube.list(nodes),
    kube.list(runtimeClasses),
    kube.list(storageClasses),
    kube.list(priorityClasses),
  ]);
  return offerFindings(offers, {
    networks: networks.items.map(({ metadata }) => metadata.name ?? ""),
    nodes: all.items,
    runtimeClasses: runtimes.items,
    storageClasses: storage.items,
    priorityClasses: priorities.items,
  });
}

/** The check of the definitions says it already. */
function ifNotInstalled(error: unknown): { items: never[] } {
  if (error instanceof NotFound) return { items: [] };
  throw error;
}

async function get(transport: Transport, path: string): Promise<unknown> {
  const operation = { verb: "get", resource: path };
  const answer: unknown = JSON.parse(await transport.request({ operation, method: "GET", path }));
  return isRecord(answer) ? answer : {};
}
