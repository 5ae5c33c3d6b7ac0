import { isRecord } from "../../../chain/hex.ts";
import { computeLeases } from "../../../controllers/resources.ts";
import { Forbidden } from "../../../kube/errors.ts";
import type { ClusterSession } from "../../cluster/session.ts";
import { type Finding, fail, ok } from "../finding.ts";
import { leaseClusterRole, operatorPermissions, type Permission } from "../permissions.ts";
import type { Installation } from "./installation.ts";

/** One call that may or may not be allowed. */
interface Question extends Omit<Permission, "verbs" | "scope"> {
  readonly verb: string;
  readonly namespace: string | undefined;
}

const authorization = "/apis/authorization.k8s.io/v1";
const SHOWN = 4;

/**
 * Whether whoever runs the operator may do what it does: its ServiceAccount where it is installed and we may ask about
 * others, else we ourselves.
 */
export async function permissionFinding(session: ClusterSession, installation: Installation): Promise<Finding> {
  const { namespace, operator } = installation;
  const permissions = inRelease(operatorPermissions, operator?.leaseClusterRole);
  const questions = questionsOf(permissions, namespace, await leaseNamespace(session));
  const given = await ofServiceAccount(session, questions, installation);
  if (given !== undefined) return given;
  const fix = "use the operator's user or service account, and bind Berthage's roles to it";
  return judge("this user", await answers(session, questions, undefined), fix);
}

/** A release of another name has a ClusterRole of another name. */
export function inRelease(permissions: readonly Permission[], role: string | undefined): readonly Permission[] {
  if (role === undefined) return permissions;
  return permissions.map((one) => (one.name === leaseClusterRole ? { ...one, name: role } : one));
}

/** Undefined where there is no operator yet, or we may not ask what it may. */
async function ofServiceAccount(
  session: ClusterSession,
  questions: readonly Question[],
  { operator, namespace }: Installation,
): Promise<Finding | undefined> {
  if (operator === undefined) return undefined;
  const user = `system:serviceaccount:${namespace}:${operator.serviceAccount}`;
  try {
    return judge(user, await answers(session, questions, user), "let the chart make its roles: rbac.create=true");
  } catch (error) {
    if (error instanceof Forbidden) return undefined;
    throw error;
  }
}

/** Every call by itself. What is done in lease namespaces can be asked only where there is one. */
export function questionsOf(
  permissions: readonly Permission[],
  operatorNamespace: string,
  leaseNamespace: string | undefined,
): readonly Question[] {
  const places = { cluster: undefined, operator: operatorNamespace, default: "default", lease: leaseNamespace };
  return permissions
    .filter(({ scope }) => scope !== "lease" || leaseNamespace !== undefined)
    .flatMap(({ verbs, scope, ...rest }) => verbs.map((verb) => ({ verb, namespace: places[scope], ...rest })));
}

async function leaseNamespace({ kube }: ClusterSession): Promise<string | undefined> {
  try {
    const { items } = await kube.list(computeLeases, { limit: 50 });
    return items.find(({ status }) => status?.namespace !== undefined)?.status?.namespace;
  } catch {
    return undefined; // not installed, or not ours to see: other checks say so
  }
}

interface Answer extends Question {
  readonly isAllowed: boolean;
}

function judge(who: string, given: readonly Answer[], fix: string): Finding {
  const check = "Permissions";
  const missing = given.filter(({ isAllowed }) => !isAllowed);
  if (missing.length === 0) return ok(check, `${who} may do all ${given.length} kinds of calls`);
  const shown = missing.slice(0, SHOWN).map(({ verb, resource }) => `${verb} ${resource}`);
  const more = missing.length > SHOWN ? ` and ${missing.length - SHOWN} more` : "";
  return fail(check, `${who} may not ${shown.join(", ")}${more}`, fix);
}

async function answers(
  session: ClusterSession,
  questions: readonly Question[],
  user: string | undefined,
): Promise<readonly Answer[]> {
  return await Promise.all(
    questions.map(async (question) => ({ ...question, isAllowed: await ask(session, question, user) })),
  );
}

async function ask({ transport }: ClusterSession, question: Question, user: string | undefined): Promise<boolean> {
  const { verb, group, resource, name, namespace } = question;
  const [plural = "", subresource = ""] = resource.split("/");
  const resourceAttributes = { verb, group, resource: plural, subresource, name, namespace };
  const kind = user === undefined ? "SelfSubjectAccessReview" : "SubjectAccessReview";
  const spec = user === undefined ? { resourceAttributes } : { resourceAttributes, user, groups: groupsOf(user) };
  const text = await transport.request({
    operation: { verb: "review", resource: `${kind.toLowerCase()}s` },
    method: "POST",
    path: `${authorization}/${kind.toLowerCase()}s`,
    contentType: "application/json",
    body: JSON.stringify({ apiVersion: "authorization.k8s.io/v1", kind, spec }),
  });
  const answer: unknown = JSON.parse(text);
  const status = isRecord(answer) ? answer["status"] : undefined;
  return isRecord(status) && status["allowed"] === true;
}

/** The groups that the API server gives every ServiceAccount. */
function groupsOf(user: string): readonly string[] {
  const namespace = user.split(":")[2] ?? "";
  return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
}
