import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import type { IPod } from "kubernetes-models/v1/Pod";
import type { KubeClient } from "../../src/kube/client.ts";
import { networkPolicies, pods } from "../../src/kube/core.ts";
import { Informer } from "../../src/kube/informer.ts";
import { nodePrograms } from "../harness/node/programs.ts";

const run = promisify(execFile);

/** What a CNI minds of IPv6: one that forgets it leaves pods a way to each other over their link-local addresses. */
export type Families = "IPv4" | "IPv4 and IPv6";

/**
 * Enforces those policies that allow nothing, which are all that the isolation probe has, by dropping packets of the pods that they select.
 * @returns what ends it, and its rules
 */
export async function enforcePolicies(client: KubeClient, families: Families): Promise<() => Promise<void>> {
  const { env } = await nodePrograms();
  const nft = async (text: string): Promise<void> => {
    await run("nft", [text], { env: { ...process.env, ...env } });
  };
  const stop = new AbortController();
  const informers = {
    pods: new Informer(client, pods, {}),
    policies: new Informer(client, networkPolicies, {}),
  };
  let work = nft("add table inet policies");
  const render = (): void => {
    const text = rules(informers.pods.store.list(), informers.policies.store.list(), families);
    work = work.then(() => nft(text));
    work.catch(() => undefined); // told in the end
  };
  informers.pods.onChange(render);
  informers.policies.onChange(render);
  const running = Promise.all([informers.pods.run(stop.signal), informers.policies.run(stop.signal)]);
  return async () => {
    stop.abort();
    await running;
    await work;
    await nft("delete table inet policies");
  };
}

/** The whole table anew: every forwarded packet to or from a pod that a policy closes is dropped. */
export function rules(
  all: readonly Pick<IPod, "metadata" | "status">[],
  policies: readonly Pick<INetworkPolicy, "metadata" | "spec">[],
  families: Families,
): string {
  const drops = policies.flatMap(({ metadata, spec }) =>
    all
      .filter(
        (pod) => pod.metadata?.namespace === metadata?.namespace && isSelected(pod, spec?.podSelector?.matchLabels),
      )
      .flatMap(({ status }) => status?.podIP ?? [])
      .flatMap((ip) =>
        (spec?.policyTypes ?? []).map((type) => `ip ${type === "Egress" ? "saddr" : "daddr"} ${ip} drop`),
      ),
  );
  const ipv6 = families === "IPv4" || drops.length === 0 ? [] : ["meta nfproto ipv6 drop"];
  const chain = ["type filter hook forward priority -5", ...drops, ...ipv6].join("\n");
  return `flush table inet policies\ntable inet policies {\nchain forward {\n${chain}\n}\n}`;
}

function isSelected({ metadata }: Pick<IPod, "metadata">, labels: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(labels).every(([key, value]) => metadata?.labels?.[key] === value);
}
