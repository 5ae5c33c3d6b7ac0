import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { closedRanges } from "./address-ranges.ts";
import { type Context, metadata, programLabel } from "./context.ts";

type Spec = NonNullable<INetworkPolicy["spec"]>;

/** Nothing in or out but: each other, cluster DNS, and the internet without the ranges that are not the internet. */
export function buildNetworkPolicies(context: Context): INetworkPolicy[] {
  const { clusterCidrs, apiServerAddresses, dns } = context.isolation;
  const closed = closedRanges({ cidrs: clusterCidrs, addresses: apiServerAddresses });
  const dnsPods = { ...inNamespace(dns.namespace), podSelector: { matchLabels: { ...dns.podLabels } } };
  const dnsPorts = [
    { protocol: "UDP" as const, port: 53 },
    { protocol: "TCP" as const, port: 53 },
  ];
  return [
    policy(context, "default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    policy(context, "allow-lease", {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [{ podSelector: {} }] }],
      egress: [{ to: [{ podSelector: {} }] }],
    }),
    policy(context, "allow-dns", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [dnsPods], ports: dnsPorts }],
    }),
    policy(context, "allow-internet", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            { ipBlock: { cidr: "0.0.0.0/0", except: closed.ipv4 } },
            { ipBlock: { cidr: "::/0", except: closed.ipv6 } },
          ],
        },
      ],
    }),
  ];
}

/** Lets the ingress controller reach the exposed port of a program. */
export function buildExposedPolicy(context: Context, program: string, port: number): INetworkPolicy {
  const { ingressNamespace } = context.isolation;
  const from = [ingressNamespace === undefined ? { namespaceSelector: {} } : inNamespace(ingressNamespace)];
  return policy(
    context,
    `expose-${program}`,
    {
      podSelector: { matchLabels: { [programLabel]: program } },
      policyTypes: ["Ingress"],
      ingress: [{ from, ports: [{ protocol: "TCP", port }] }],
    },
    program,
  );
}

/** The API server keeps this label true itself. */
function inNamespace(name: string): { namespaceSelector: { matchLabels: Record<string, string> } } {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
}

function policy(context: Context, name: string, spec: Spec, program?: string): INetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(context, name, program),
    spec,
  };
}
