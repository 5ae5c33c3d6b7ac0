import type { Values } from "./chart.ts";
import { networkSpec, offerSpec, rawKey } from "./matrix.ts";

/** Values that must be refused, and what the answer must say: where, and what is allowed. */
export interface WrongValues {
  readonly what: string;
  readonly values: Values;
  readonly says: readonly string[];
}

const selling = { networks: { market: networkSpec(rawKey) } };

function offer(patch: Values): Values {
  return { ...selling, offers: { h100: { ...offerSpec, ...patch } } };
}

function unit(patch: Values): Values {
  const accelerator = { resource: "nvidia.com/gpu", product: "NVIDIA-H100-80GB-HBM3", count: 1 };
  return offer({ unit: { accelerator, cpu: 8, memory: "64Gi", ephemeralStorage: "50Gi", ...patch } });
}

function network(patch: Values): Values {
  return { networks: { market: { ...networkSpec(rawKey), ...patch } } };
}

/** Refused by values.schema.json. */
export const wrongByShape: readonly WrongValues[] = [
  {
    what: "a name that is no value",
    values: { replica: 2 },
    says: ["additional properties 'replica' not allowed", "value must be one of", "'replicas'"],
  },
  {
    what: "a mistyped setting",
    values: { operator: { loglevel: "debug" } },
    says: ["at '/operator': additional properties 'loglevel' not allowed", "'logLevel'"],
  },
  { what: "replicas in words", values: { replicas: "two" }, says: ["at '/replicas': got string, want integer"] },
  { what: "replicas below zero", values: { replicas: -1 }, says: ["at '/replicas': minimum: got -1, want 0"] },
  { what: "half a replica", values: { replicas: 1.5 }, says: ["at '/replicas': got number, want integer"] },
  { what: "a section that is null", values: { image: null }, says: ["missing property 'image'"] },
  { what: "a value that is null", values: { crds: { keep: null } }, says: ["at '/crds': missing property 'keep'"] },
  {
    what: "yes for true",
    values: { crds: { enabled: "yes" } },
    says: ["at '/crds/enabled': got string, want boolean"],
  },
  {
    what: "an unknown log level",
    values: { operator: { logLevel: "verbose" } },
    says: ["at '/operator/logLevel': value must be one of 'debug', 'info', 'warn', 'error'"],
  },
  {
    what: "no concurrency",
    values: { operator: { concurrency: 0 } },
    says: ["at '/operator/concurrency': minimum: got 0, want 1"],
  },
  {
    what: "an unknown pull policy",
    values: { image: { pullPolicy: "Sometimes" } },
    says: ["at '/image/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'"],
  },
  {
    what: "half a digest",
    values: { image: { digest: "sha256:abc" } },
    says: ["at '/image/digest': 'sha256:abc' does not match pattern '^(sha256:[0-9a-f]{64})?$'"],
  },
  {
    what: "an unknown type of Service",
    values: { gateway: { service: { type: "ExternalName" } } },
    says: ["at '/gateway/service/type': value must be one of 'ClusterIP', 'NodePort', 'LoadBalancer'"],
  },
  {
    what: "a port that there is not",
    values: { gateway: { service: { port: 70000 } } },
    says: ["at '/gateway/service/port': maximum: got 70,000, want 65,535"],
  },
  {
    what: "a list of proxies as text",
    values: { gateway: { trustedProxies: "10.0.0.0/8" } },
    says: ["at '/gateway/trustedProxies': got string, want array"],
  },
  {
    what: "a key inlined where a Secret is named",
    values: { gateway: { tls: { cert: "-----BEGIN CERTIFICATE-----" } } },
    says: ["at '/gateway/tls': additional properties 'cert' not allowed", "'secretName'"],
  },
  {
    what: "too little time to end",
    values: { terminationGracePeriodSeconds: 30 },
    says: ["at '/terminationGracePeriodSeconds': minimum: got 30, want 40"],
  },
  {
    what: "a budget that is neither number nor percentage",
    values: { podDisruptionBudget: { minAvailable: "one" } },
    says: ["at '/podDisruptionBudget/minAvailable'", "want integer", "does not match pattern"],
  },
  {
    what: "a toleration with a mistyped field",
    values: { tolerations: [{ key: "gpu", operation: "Exists" }] },
    says: ["at '/tolerations/0': additional properties 'operation' not allowed", "'operator'"],
  },
  {
    what: "a peer without its selector",
    values: { networkPolicy: { ingress: { gateway: [{ cidr: "10.0.0.0/8" }] } } },
    says: ["at '/networkPolicy/ingress/gateway/0': additional properties 'cidr' not allowed", "'ipBlock'"],
  },
  {
    what: "no port to the API server",
    values: { networkPolicy: { egress: { apiServer: { ports: [] } } } },
    says: ["at '/networkPolicy/egress/apiServer/ports': minItems: got 0, want 1"],
  },
  {
    what: "an interval without a unit",
    values: { monitoring: { podMonitor: { interval: "30" } } },
    says: ["at '/monitoring/podMonitor/interval': '30' does not match pattern '^([0-9]+(ms|s|m|h|d))+$'"],
  },
  {
    what: "an unknown severity",
    values: { monitoring: { rules: { overrides: { OperatorDown: { severity: "page" } } } } },
    says: [
      "at '/monitoring/rules/overrides/OperatorDown/severity': value must be one of 'critical', 'warning', 'info'",
    ],
  },
  {
    what: "a label value with a space",
    values: { commonLabels: { team: "gpu team" } },
    says: ["at '/commonLabels/team': 'gpu team' does not match pattern"],
  },
  {
    what: "a name that Kubernetes would refuse",
    values: { fullnameOverride: "Berthage_1" },
    says: ["at '/fullnameOverride': 'Berthage_1' does not match pattern"],
  },
  {
    what: "a network of an unknown driver",
    values: network({ driver: "Akash" }),
    says: ["at '/networks/market/driver': value must be 'Market'"],
  },
  {
    what: "a private key inlined",
    values: network({ signer: { rawKey: { value: `0x${"1".repeat(64)}` } } }),
    says: ["at '/networks/market/signer/rawKey'", "additional properties 'value' not allowed", "'secretRef'"],
  },
  {
    what: "an address that YAML read as a number",
    values: offer({ price: { token: 1, perUnitHour: "2500000" } }),
    says: ["at '/offers/h100/price/token': got number, want string"],
  },
  {
    what: "a price that is a number",
    values: offer({ price: { token: `0x${"1".repeat(40)}`, perUnitHour: 2500000 } }),
    says: ["at '/offers/h100/price/perUnitHour': got number, want string"],
  },
  {
    what: "an offer without terms",
    values: { ...selling, offers: { h100: { networkRef: { name: "market" } } } },
    says: ["at '/offers/h100': missing properties 'unit', 'capacity', 'price', 'terms'"],
  },
  {
    what: "a mistyped field of an offer",
    values: unit({ storage: "50Gi" }),
    says: ["at '/offers/h100/unit': additional properties 'storage' not allowed", "'ephemeralStorage'"],
  },
];

/** Refused by the templates: what a schema cannot say, or not well. */
export const wrongTogether: readonly WrongValues[] = [
  {
    what: "two leaders",
    values: { leaderElection: { enabled: false } },
    says: ["leaderElection.enabled is false with replicas 2", "set it to true, or replicas to 1"],
  },
  {
    what: "a leader that gives up too late",
    values: { leaderElection: { renewDeadlineSeconds: 15 } },
    says: ["leaderElection.leaseDurationSeconds (15) must be greater than leaderElection.renewDeadlineSeconds (15)"],
  },
  {
    what: "a leader that tries too seldom",
    values: { leaderElection: { retryPeriodSeconds: 12 } },
    says: ["leaderElection.renewDeadlineSeconds (10) must be greater than leaderElection.retryPeriodSeconds (12)"],
  },
  {
    what: "a budget that lets no node drain",
    values: { podDisruptionBudget: { minAvailable: 2 } },
    says: ["podDisruptionBudget.minAvailable (2) must be less than replicas (2)"],
  },
  {
    what: "no ServiceAccount",
    values: { serviceAccount: { create: false } },
    says: ["serviceAccount.name must be given when serviceAccount.create is false"],
  },
  {
    what: "an ingress for no host",
    values: { gateway: { ingress: { enabled: true } } },
    says: ["gateway.ingress.host must be given", "such as gateway.example.com"],
  },
  {
    what: "a node port of a Service that has none",
    values: { gateway: { service: { nodePort: 30443 } } },
    says: ["gateway.service.nodePort needs gateway.service.type NodePort or LoadBalancer; it is ClusterIP"],
  },
  {
    what: "source ranges without a load balancer",
    values: { gateway: { service: { loadBalancerSourceRanges: ["10.0.0.0/8"] } } },
    says: ["gateway.service.loadBalancerSourceRanges needs gateway.service.type LoadBalancer; it is ClusterIP"],
  },
  ...["10.0.0.0", "10.0.0.0/33", "256.0.0.0/8", "fd00:/8", "1:2:/64", "010.0.0.0/8", "fd00::/129", "pods"].map(
    (cidr) => ({
      what: `${cidr} as a CIDR`,
      values: { operator: { clusterCidrs: ["10.244.0.0/16", cidr] } },
      says: [
        `operator.clusterCidrs[1] "${cidr}" is no CIDR; write an address and a prefix length, such as 10.244.0.0/16`,
      ],
    }),
  ),
  {
    what: "megabytes in another unit",
    values: { resources: { limits: { memory: "512MB" } } },
    says: ['resources.limits.memory "512MB" is no quantity of bytes; write for example 512Mi or 1Gi'],
  },
  {
    what: "memory that is not enough",
    values: { resources: { requests: { memory: "64Mi" }, limits: { memory: "64Mi" } } },
    says: ['resources.limits.memory "64Mi" is too little', "give at least 128Mi"],
  },
  {
    what: "Node's options by hand",
    values: { operator: { extraEnv: [{ name: "NODE_OPTIONS", value: "--inspect" }] } },
    says: ["operator.extraEnv[0] sets NODE_OPTIONS", "set the limit"],
  },
  {
    what: "a setting past its value",
    values: { operator: { extraEnv: [{ name: "BERTHAGE_LOG_LEVEL", value: "debug" }] } },
    says: ["operator.extraEnv[0] sets BERTHAGE_LOG_LEVEL", "use the value of the chart for it"],
  },
  {
    what: "every sample twice",
    values: { monitoring: { podMonitor: { enabled: true }, serviceMonitor: { enabled: true } } },
    says: ["monitoring.podMonitor.enabled and monitoring.serviceMonitor.enabled are both true", "enable one"],
  },
  {
    what: "a network's name with a dot",
    values: { networks: { "market.one": networkSpec(rawKey) } },
    says: ["networks.market.one: name it with at most 40 lowercase letters, digits and hyphens"],
  },
  {
    what: "a network without a signer",
    values: network({ signer: {} }),
    says: ["networks.market.signer has none; set exactly one of keystore, rawKey (development only) and remote"],
  },
  {
    what: "a network with two signers",
    values: network({
      signer: { ...rawKey, remote: { url: "http://signer.keys:9000", address: `0x${"1".repeat(40)}` } },
    }),
    says: ["networks.market.signer has rawKey and remote; set exactly one"],
  },
  {
    what: "an endpoint by websocket",
    values: { networks: { market: networkSpec(rawKey, "wss://rpc.example") } },
    says: ['networks.market.market.endpoints[0].url "wss://rpc.example" is no http or https URL'],
  },
  {
    what: "an endpoint with a password",
    values: { networks: { market: networkSpec(rawKey, "https://me:secret@rpc.example") } },
    says: ["networks.market.market.endpoints[0].url holds a user or password; remove them"],
  },
  {
    what: "an offer's name in capitals",
    values: { ...selling, offers: { H100: offerSpec } },
    says: ["offers.H100: name it with at most 63 lowercase letters, digits and hyphens"],
  },
  {
    what: "memory of a unit in another unit",
    values: unit({ memory: "64GB" }),
    says: ['offers.h100.unit.memory "64GB" is no quantity; write for example 64Gi'],
  },
  {
    what: "shared GPUs",
    values: unit({ accelerator: { resource: "nvidia.com/gpu.shared", product: "NVIDIA-A10", count: 1 } }),
    says: ['offers.h100.unit.accelerator.resource "nvidia.com/gpu.shared" is a shared GPU, which is not sold'],
  },
];
