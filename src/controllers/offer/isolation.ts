import { type NewCondition, newCondition } from "../../api/conditions.ts";
import { type IsolationReport, isolationReportName, parseIsolationReport } from "../../api/isolation-report.ts";
import { sellsUnisolated } from "../../api/names.ts";
import type { ComputeOffer } from "../../api/types.gen.ts";
import { keyOf } from "../../kube/resource.ts";
import { informerSource, type Source } from "../../kube/source.ts";
import type { Informers } from "../informers.ts";

/** Whether tenants of an offer are kept apart, by the newest probe of the cluster's network policies. */
export function isolated(report: IsolationReport | undefined, isWaived: boolean): NewCondition {
  const condition = (reason: Parameters<typeof newCondition<"ComputeOffer", "Isolated">>[2], message?: string) =>
    newCondition("ComputeOffer", "Isolated", reason, message);
  if (report === undefined) return condition("NotProbed");
  if (report.isEnforced) return condition("PolicyEnforced", report.message);
  if (isWaived)
    return condition("Waived", `${report.message} The annotation berthage.dev/sell-unisolated sells anyway.`);
  return condition(
    "PolicyNotEnforced",
    `${report.message} Install a CNI that enforces NetworkPolicy, then probe again.`,
  );
}

/** Only a probe that failed keeps an offer from being sold: what nobody looked at is not unhealthy (law 1). */
export function isKeptFromSale({ reason }: Pick<NewCondition, "reason">): boolean {
  return reason === "PolicyNotEnforced";
}

/** The condition as the cluster has it now. */
export function isolationOf(
  informers: Pick<Informers, "manifests">,
  namespace: string,
  offer: ComputeOffer,
): NewCondition {
  const stored = informers.manifests.store.get(`${namespace}/${isolationReportName}`);
  return isolated(parseIsolationReport(stored?.data), sellsUnisolated(offer));
}

/** A new report concerns every offer. */
export function isolationSource(informers: Pick<Informers, "manifests">, keys: () => readonly string[]): Source {
  return informerSource(informers.manifests, (object) =>
    keyOf(object).endsWith(`/${isolationReportName}`) ? keys() : [],
  );
}
