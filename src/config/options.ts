import * as values from "./values.ts";

/** One setting: `--name VALUE`, or the environment variable BERTHAGE_NAME. */
export interface Option<T> {
  readonly name: string;
  readonly placeholder: string;
  readonly help: string;
  readonly parse: values.Parse<T>;
  /** Written as on the command line. Absent: the setting is absent unless given, or depends on where the process runs. */
  readonly fallback?: string;
  /** Says in `--help` what an absent setting means. */
  readonly absent?: string;
}

function option<T>(
  name: string,
  placeholder: string,
  parse: values.Parse<T>,
  help: string,
  rest: Pick<Option<T>, "fallback" | "absent"> = {},
): Option<T> {
  return { name, placeholder, parse, help, ...rest };
}

/** Every setting of the operator. */
export const options = {
  kubeconfig: option("kubeconfig", "FILE", values.text, "Kubeconfig to connect with.", {
    absent: "in a pod its ServiceAccount, else $KUBECONFIG or ~/.kube/config",
  }),
  context: option("context", "NAME", values.text, "Context of the kubeconfig.", { absent: "its current context" }),
  namespace: option("namespace", "NAME", values.dnsLabel, "Namespace of the operator's own objects and Secrets.", {
    absent: "the pod's, else berthage-system",
  }),
  identity: option("identity", "NAME", values.name, "Name of this process in leader election; unique.", {
    absent: "host name and a random part",
  }),
  operationsListen: option(
    "operations-listen",
    "ADDR:PORT",
    values.listen,
    "Where /healthz, /readyz and /metrics are.",
    {
      absent: ":9090 in a pod, else 127.0.0.1:9090",
    },
  ),
  gatewayListen: option("gateway-listen", "ADDR:PORT", values.listen, "Where the tenant API is.", {
    absent: ":8443 in a pod, else 127.0.0.1:8443",
  }),
  gatewayTlsCert: option("gateway-tls-cert", "FILE", values.text, "PEM certificate chain of the tenant API.", {
    absent: "plain HTTP, for use behind an ingress that ends TLS",
  }),
  gatewayTlsKey: option("gateway-tls-key", "FILE", values.text, "PEM private key of that certificate."),
  gatewayTrustedProxies: option(
    "gateway-trusted-proxies",
    "CIDRS",
    values.cidrs,
    "Proxies whose X-Forwarded-For is believed; else rate limits count the proxy's address.",
    { fallback: "" },
  ),
  leaderElection: option("leader-election", "true|false", values.flag, "Whether only an elected process acts.", {
    fallback: "true",
  }),
  leaseDuration: option(
    "leader-election-lease-duration-seconds",
    "N",
    values.integer(2, 3600),
    "How long others wait for a leader that fell silent.",
    { fallback: "15" },
  ),
  renewDeadline: option(
    "leader-election-renew-deadline-seconds",
    "N",
    values.integer(1, 3600),
    "When a leader that cannot renew gives up.",
    { fallback: "10" },
  ),
  retryPeriod: option(
    "leader-election-retry-period-seconds",
    "N",
    values.integer(1, 3600),
    "Time between attempts to lead.",
    { fallback: "2" },
  ),
  concurrency: option("concurrency", "N", values.integer(1, 256), "Keys that each controller reconciles at a time.", {
    fallback: "8",
  }),
  clusterCidrs: option(
    "cluster-cidrs",
    "CIDRS",
    values.exceptableCidrs,
    "Pod, Service and node networks, which tenants' pods must not reach besides the private ranges.",
    { fallback: "" },
  ),
  ingressNamespace: option(
    "ingress-namespace",
    "NAME",
    values.dnsLabel,
    "Namespace of the ingress controller: exposed ports take connections from there and nowhere else.",
    { absent: "they take them from every namespace" },
  ),
  leaseClusterRole: option(
    "lease-cluster-role",
    "NAME",
    values.dnsSubdomain,
    "ClusterRole that the operator binds to its ServiceAccount in each lease's namespace, before it writes there.",
    { absent: "it binds none, and must be allowed to write in every namespace" },
  ),
  serviceAccount: option(
    "service-account",
    "NAME",
    values.dnsSubdomain,
    "The operator's own ServiceAccount, in its namespace, for that binding.",
  ),
  logLevel: option("log-level", "LEVEL", values.oneOf("debug", "info", "warn", "error"), "Least severe level logged.", {
    fallback: "info",
  }),
};

/** The environment variable of a setting. */
export function variableOf(name: string): string {
  return `BERTHAGE_${name.toUpperCase().replaceAll("-", "_")}`;
}
