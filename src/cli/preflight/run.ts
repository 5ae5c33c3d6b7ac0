import { version } from "../../version.ts";
import { type ClusterSession, withCluster } from "../cluster/session.ts";
import { type Context, nowSeconds } from "../context.ts";
import { explain } from "../explain.ts";
import type { Flags } from "../flags.ts";
import { readSigner } from "../input/key-file.ts";
import { parseAddress, parseUrl } from "../input/values.ts";
import { clusterFindings, reachCluster } from "./cluster/checks.ts";
import { findInstallation, type Installation } from "./cluster/installation.ts";
import { about, attempt, type Finding, fail, skipped } from "./finding.ts";
import { isolationFinding } from "./isolation/checks.ts";
import { networkFindings } from "./network/checks.ts";
import { gatewayFinding } from "./network/gateway.ts";
import { type NetworkTarget, networkTargets } from "./network/target.ts";

/** Everything that is looked at before selling, in the order in which a person would mend it. */
export async function preflight(flags: Flags, context: Context, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    return await withCluster(flags, context, async (session) => {
      const version = await reachCluster(session);
      if (!("text" in version)) return [...version, ...(await everyNetwork(flags, context, undefined, undefined))];
      const installation = await installationOf(session, flags.required("namespace"));
      const cluster = await clusterFindings(session, version, installation, context);
      const isolated = await attempt("Isolation", () => isolation(session, installation, flags, context, signal));
      signal.throwIfAborted();
      return [...cluster, ...isolated, ...(await everyNetwork(flags, context, session, installation))];
    });
  } catch (error) {
    signal.throwIfAborted();
    const { what, next } = explain(error);
    return [fail("API server", what, next), ...(await everyNetwork(flags, context, undefined, undefined))];
  }
}

/** What we may not see is as good as not there: the check of permissions says that we may not. */
async function installationOf({ kube }: ClusterSession, namespace: string): Promise<Installation> {
  try {
    return await findInstallation(kube, namespace);
  } catch {
    return { namespace, operator: undefined, gatewayUrl: undefined };
  }
}

async function isolation(
  session: ClusterSession,
  { operator, namespace }: Installation,
  flags: Flags,
  context: Context,
  signal: AbortSignal,
): Promise<Finding> {
  if (!flags.isSet("probe")) return skipped("Isolation", "--no-probe was given", "leave it away, to have it tried");
  const image = flags.text("probeImage") ?? operator?.image ?? `berthage:${version}`;
  return await isolationFinding(session, { image, node: flags.text("probeNode"), namespace, signal }, context);
}

async function everyNetwork(
  flags: Flags,
  context: Context,
  session: ClusterSession | undefined,
  installation: Installation | undefined,
): Promise<readonly Finding[]> {
  return await attempt("Network", async () => {
    const targets = await networkTargets(flags, session?.kube);
    if (targets.length === 0) {
      const fix = "apply a ComputeNetwork (`berthage market deploy` prints one), or give --rpc (BERTHAGE_RPC)";
      return [skipped("Network", "there is no ComputeNetwork, and no endpoint was named", fix)];
    }
    const found = await Promise.all(targets.map((target) => oneNetwork(target, flags, context, session, installation)));
    return found.flat();
  });
}

async function oneNetwork(
  target: NetworkTarget,
  flags: Flags,
  context: Context,
  session: ClusterSession | undefined,
  installation: Installation | undefined,
): Promise<readonly Finding[]> {
  const settings = {
    kube: session?.kube,
    namespace: flags.required("namespace"),
    operator: await operatorOf(target, flags, context),
  };
  const text = flags.text("gateway") ?? installation?.gatewayUrl;
  const url = text === undefined ? undefined : parseUrl(text, "--gateway");
  const name = target.resource?.metadata.name;
  return [
    ...(await attempt("Network", () => networkFindings(target, settings, context))),
    about(name, await gatewayFinding(url, target, nowSeconds(context))),
  ];
}

/** A ComputeNetwork names its own signer; a key file on this machine is asked only where there is none. */
async function operatorOf({ resource }: NetworkTarget, flags: Flags, context: Context): Promise<string | undefined> {
  const operator = flags.text("operator");
  if (operator !== undefined) return parseAddress(operator, "--operator");
  if (resource !== undefined || flags.text("keyFile") === undefined) return undefined;
  return (await readSigner(flags, context)).address;
}
