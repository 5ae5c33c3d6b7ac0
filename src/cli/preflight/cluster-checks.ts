import { isRecord } from "../../chain/hex.ts";
import { computeLeases, computeNetworks, computeOffers } from "../../controllers/resources.ts";
import { nodes } from "../../kube/core.ts";
import { NotFound } from "../../kube/errors.ts";
import type { KubeObject, Resource } from "../../kube/resource.ts";
import type { Transport } from "../../kube/transport.ts";
import type { ClusterSession } from "../cluster/session.ts";
import { explain } from "../explain.ts";
import { type Finding, fail, ok, skipped, warn } from "./finding.ts";
import { nodeFindings } from "./node-checks.ts";
import { operatorPermissions, type Permission } from "./permissions.ts";

/** ValidatingAdmissionPolicy, which the chart uses, is stable from here on. */
const OLDEST_MINOR = 30;

/** What the cluster must be and hold. Once it cannot be reached, the rest is not asked. */
export async function clusterFindings(session: ClusterSession): Promise<readonly Finding[]> {
  let version: Finding;
  try {
    version = versionFinding(session.server, await get(session.transport, "/version"));
  } catch (error) {
    const { what, next } = explain(error);
    const unasked = ["Resource definitions", "Permissions", "GPU nodes"];
    return [
      fail("API server", what, next),
      ...unasked.map((check) => skipped(check, "the API server does not answer", "mend that first")),
    ];
  }
  const [definitions, permissions, gpuNodes] = await Promise.all([
    definitionFinding(session),
    permissionFinding(session),
    gpuNodeFindings(session),
  ]);
  return [version, definitions, permissions, ...gpuNodes];
}

function versionFinding(server: string, answer: unknown): Finding {
  const fields = isRecord(answer) ? answer : {};
  const version = String(fields["gitVersion"] ?? "of an unknown version");
  const minor = Number.parseInt(String(fields["minor"] ?? ""), 10);
  const detail = `${server}, ${version}`;
  if (Number.isNaN(minor) || minor >= OLDEST_MINOR) return ok("API server", detail);
  return warn("API server", detail, `update the cluster to 1.${OLDEST_MINOR} or later`);
}

async function definitionFinding({ kube }: ClusterSession): Promise<Finding> {
  const check = "Resource definitions";
  const kinds: readonly Resource<KubeObject>[] = [computeNetworks, computeOffers, computeLeases];
  try {
    const missing = await Promise.all(kinds.map(async (kind) => ((await isServed(kube, kind)) ? [] : [kind.plural])));
    const names = missing.flat();
    if (names.length === 0) return ok(check, kinds.map(({ kind }) => kind).join(", "));
    return fail(check, `not installed: ${names.join(", ")}`, "install them: `kubectl apply --server-side -f crds/`");
  } catch (error) {
    const { what, next } = explain(error);
    return fail(check, what, next);
  }
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

async function permissionFinding({ transport }: ClusterSession): Promise<Finding> {
  const check = "Permissions";
  const asked = operatorPermissions.flatMap(({ verbs, ...rest }) => verbs.map((verb) => ({ verb, ...rest })));
  const answers = await Promise.all(asked.map(async (one) => ({ ...one, allowed: await isAllowed(transport, one) })));
  const missing = answers.filter(({ allowed }) => !allowed);
  if (missing.length === 0) return ok(check, `${asked.length} kinds of calls allowed`);
  const shown = missing.slice(0, 4).map(({ verb, resource }) => `${verb} ${resource}`);
  const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more` : "";
  return fail(
    check,
    `this user may not ${shown.join(", ")}${more}`,
    "use the operator's user or service account, and bind Berthage's ClusterRole to it",
  );
}

async function isAllowed(
  transport: Transport,
  { verb, group, resource }: Omit<Permission, "verbs"> & { verb: string },
): Promise<boolean> {
  const [name = "", subresource = ""] = resource.split("/");
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { verb, group, resource: name, subresource } },
  };
  const text = await transport.request({
    operation: { verb: "review", resource: "selfsubjectaccessreviews" },
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    contentType: "application/json",
    body: JSON.stringify(review),
  });
  const answer: unknown = JSON.parse(text);
  const status = isRecord(answer) ? answer["status"] : undefined;
  return isRecord(status) && status["allowed"] === true;
}

async function gpuNodeFindings({ kube }: ClusterSession): Promise<readonly Finding[]> {
  try {
    return nodeFindings((await kube.list(nodes)).items);
  } catch (error) {
    const { what, next } = explain(error);
    return [fail("GPU nodes", what, next)];
  }
}

async function get(transport: Transport, path: string): Promise<unknown> {
  const operation = { verb: "get", resource: path };
  return JSON.parse(await transport.request({ operation, method: "GET", path }));
}
