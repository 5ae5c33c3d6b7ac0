import { isolationReportData, isolationReportName } from "../../../api/isolation-report.ts";
import { labels, managedBy } from "../../../api/names.ts";
import type { KubeClient } from "../../../kube/client.ts";
import { configMaps, namespaces, nodes } from "../../../kube/core.ts";
import { Forbidden, NotFound } from "../../../kube/errors.ts";
import type { ClusterSession } from "../../cluster/session.ts";
import { type Context, nowSeconds } from "../../context.ts";
import { type Finding, fail, ok, skipped, warn } from "../finding.ts";
import { chooseNode } from "./choose-node.ts";
import { ProbeFailed, probeIsolation } from "./probe.ts";
import { probeLabels } from "./probe-objects.ts";
import type { Verdict } from "./verdict.ts";

const CHECK = "Isolation";
const by = { fieldManager: "berthage-preflight" };
/** No probe lasts as long; what is older was left by one that was killed. */
const ABANDONED_SECONDS = 900;

export interface IsolationSettings {
  readonly image: string;
  /** Where to probe; absent: on a node that can be sold. */
  readonly node: string | undefined;
  /** The operator's, where the report is put. */
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/** Tries out whether NetworkPolicy is enforced, and tells the operator by a ConfigMap. */
export async function isolationFinding(
  { kube }: ClusterSession,
  { image, node, namespace, signal }: IsolationSettings,
  context: Context,
): Promise<Finding> {
  await removeAbandoned(kube, nowSeconds(context));
  const chosen = node ?? chooseNode((await kube.list(nodes)).items);
  if (chosen === undefined) {
    return skipped(
      CHECK,
      "no node that runs pods is Ready, so nothing can be tried",
      "mend the nodes, or name one: --probe-node",
    );
  }
  const { clock, random } = context;
  const name = `berthage-probe-${Buffer.from(random(4)).toString("hex")}`;
  let verdict: Verdict;
  try {
    verdict = await probeIsolation({ kube, clock, namespace: name, image, node: chosen, signal });
  } catch (error) {
    if (!(error instanceof ProbeFailed)) throw error;
    verdict = { kind: "unknown", message: error.message };
  }
  const obstacle = await store(kube, namespace, verdict, nowSeconds(context));
  return findingOf(verdict, obstacle === undefined ? "" : ` Not noted: ${obstacle}.`);
}

function findingOf({ kind, message }: Verdict, note: string): Finding {
  const detail = `${message}${note}`;
  switch (kind) {
    case "enforced":
      return ok(CHECK, detail);
    case "notEnforced": {
      const fix =
        "install a CNI that enforces NetworkPolicy (Cilium, Calico, …): until then the operator sells nothing new";
      return fail(CHECK, detail, fix);
    }
    case "unknown": {
      const fix = "see to it that pods run, or name an image with node on its PATH: --probe-image";
      return warn(CHECK, `not known: ${detail}`, fix);
    }
  }
}

/** A probe that could not tell leaves the last report as it is (law 1). @returns why the operator was not told */
async function store(
  kube: KubeClient,
  namespace: string,
  verdict: Verdict,
  timeSeconds: number,
): Promise<string | undefined> {
  if (verdict.kind === "unknown") return undefined;
  const data = isolationReportData({ isEnforced: verdict.kind === "enforced", message: verdict.message, timeSeconds });
  const metadata = { name: isolationReportName, namespace, labels: { [labels.managedBy]: managedBy } };
  try {
    await kube.apply(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata, data }, by);
    return undefined;
  } catch (error) {
    if (error instanceof NotFound) return `there is no namespace ${namespace} yet`;
    if (error instanceof Forbidden) return `we may not write ConfigMaps in ${namespace}`;
    throw error;
  }
}

async function removeAbandoned(kube: KubeClient, now: number): Promise<void> {
  const [[key, value] = []] = Object.entries(probeLabels);
  const { items } = await kube.list(namespaces, { labelSelector: `${key}=${value}` });
  for (const { metadata } of items) {
    const { name = "", uid = "", creationTimestamp = "" } = metadata ?? {};
    if (now - Date.parse(creationTimestamp) / 1000 > ABANDONED_SECONDS)
      await kube.delete(namespaces, { name }, { uid });
  }
}
