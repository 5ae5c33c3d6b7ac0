import type { IValidatingAdmissionPolicy } from "kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy";
import type { IValidatingAdmissionPolicyBinding } from "kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding";
import type { KubeClient } from "../../../kube/client.ts";
import { namespaces } from "../../../kube/core.ts";
import { Forbidden, Invalid } from "../../../kube/errors.ts";
import { resource } from "../../../kube/resource.ts";
import { type Finding, fail, ok, skipped, warn } from "../finding.ts";
import { chartSelector } from "./installation.ts";

const registration = { group: "admissionregistration.k8s.io", version: "v1", namespaced: false } as const;
const policies = resource<IValidatingAdmissionPolicy>({
  ...registration,
  plural: "validatingadmissionpolicies",
  kind: "ValidatingAdmissionPolicy",
});
const bindings = resource<IValidatingAdmissionPolicyBinding>({
  ...registration,
  plural: "validatingadmissionpolicybindings",
  kind: "ValidatingAdmissionPolicyBinding",
});

export async function admissionFinding(kube: KubeClient): Promise<Finding> {
  const selection = { labelSelector: chartSelector };
  const [found, bound] = await Promise.all([kube.list(policies, selection), kube.list(bindings, selection)]);
  return judgeAdmission(found.items, bound.items);
}

/** Whether the chart's policies are there and refuse what they find. Pure. */
export function judgeAdmission(
  found: readonly Pick<IValidatingAdmissionPolicy, "metadata">[],
  bound: readonly Pick<IValidatingAdmissionPolicyBinding, "spec">[],
): Finding {
  const check = "Admission policies";
  const names = found.flatMap(({ metadata }) => metadata?.name ?? []);
  if (names.length === 0) {
    const fix = "install the chart with admissionPolicies.enabled=true: they stand behind the operator's own care";
    return warn(check, "none of Berthage's is installed", fix);
  }
  const denying = new Set(
    bound.flatMap(({ spec }) => (spec?.validationActions?.includes("Deny") === true ? (spec.policyName ?? []) : [])),
  );
  const idle = names.filter((name) => !denying.has(name));
  if (idle.length === 0) return ok(check, `${names.length} are bound and deny`);
  return warn(check, `not bound, or bound without Deny: ${idle.join(", ")}`, "upgrade the chart, which binds them");
}

/** A level that no Pod Security standard has; only the admission plug-in minds. */
const NO_SUCH_LEVEL = "as-berthage-asks";

/** Whether Pod Security admission is on: it refuses a namespace with a level that does not exist. Nothing is made. */
export async function podSecurityFinding(kube: KubeClient, name: string): Promise<Finding> {
  const check = "Pod Security";
  const labels = { "pod-security.kubernetes.io/enforce": NO_SUCH_LEVEL };
  const options = { fieldManager: "berthage-preflight", dryRun: true };
  try {
    await kube.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } }, options);
  } catch (error) {
    if (error instanceof Invalid) return ok(check, "the admission plug-in is on");
    if (!(error instanceof Forbidden)) throw error;
    return skipped(check, "we may not try to create a namespace", "use a user that may, such as a cluster admin");
  }
  return fail(
    check,
    "the API server takes a namespace with a level that does not exist: nobody enforces Pod Security",
    "turn the admission plug-in PodSecurity on (--enable-admission-plugins), as it is by default",
  );
}
