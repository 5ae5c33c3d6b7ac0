import type { Values } from "./chart.ts";

const address = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

/** A network as values give it, with the signer wanted. */
export function networkSpec(signer: Values, url = "https://rpc.example"): Values {
  return {
    driver: "Market",
    market: { chainId: 31337, address, endpoints: [{ name: "rpc", url }] },
    signer,
    manifestKey: { secretRef: { name: "operator-manifest" } },
  };
}

export const rawKey: Values = { rawKey: { secretRef: { name: "operator" } } };

export const offerSpec: Values = {
  networkRef: { name: "market" },
  unit: {
    accelerator: { resource: "nvidia.com/gpu", product: "NVIDIA-H100-80GB-HBM3", count: 1 },
    cpu: 8,
    memory: "64Gi",
    ephemeralStorage: "50Gi",
  },
  placement: { tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }] },
  capacity: { maxUnits: 8 },
  price: { token: `0x${"0".repeat(39)}1`, perUnitHour: "2500000" },
  terms: { minSeconds: 0, heartbeatWindowSeconds: 7200, noticeSeconds: 3600, unfundedGraceSeconds: 600 },
};

/** Ways to install the chart, each of which must be accepted by the API server. */
export const matrix: Readonly<Record<string, Values>> = {
  "the defaults": {},
  "one replica without election": { replicas: 1, leaderElection: { enabled: false } },
  "no replica, as for maintenance": { replicas: 0 },
  "many replicas, spread over zones": {
    replicas: 5,
    podDisruptionBudget: { minAvailable: "60%" },
    topologySpreadConstraints: [
      { topologyKey: "topology.kubernetes.io/zone", maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", minDomains: 2 },
      {
        topologyKey: "kubernetes.io/hostname",
        maxSkew: 1,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { own: "selector" } },
      },
    ],
    leaderElection: { leaseDurationSeconds: 60, renewDeadlineSeconds: 40, retryPeriodSeconds: 5 },
  },
  "TLS ended by the operator, behind a load balancer": {
    gateway: {
      service: {
        type: "LoadBalancer",
        port: 443,
        loadBalancerSourceRanges: ["192.0.2.0/24", "2001:db8::/32"],
        annotations: { "example.com/balancer": "layer-4" },
      },
      tls: { secretName: "gateway-tls" },
      trustedProxies: ["10.0.0.0/8", "fd00::/8"],
    },
  },
  "a port on every node": {
    gateway: { service: { type: "NodePort", nodePort: 30443, externalTrafficPolicy: "Cluster" } },
  },
  "an ingress with a certificate": {
    gateway: {
      ingress: {
        enabled: true,
        className: "nginx",
        host: "gateway.example.com",
        annotations: { "cert-manager.io/cluster-issuer": "letsencrypt" },
        tls: { secretName: "gateway-ingress-tls" },
      },
    },
  },
  "network policies narrowed to what is there": {
    networkPolicy: {
      ingress: {
        operations: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
        gateway: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }],
      },
      egress: {
        dns: [{ namespaceSelector: {}, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
        apiServer: { to: [{ ipBlock: { cidr: "10.96.0.1/32" } }], ports: [443] },
        rpc: { to: [{ ipBlock: { cidr: "192.0.2.7/32" } }], ports: [8545, 9545] },
      },
    },
  },
  "no limit to where the operator goes": { networkPolicy: { egress: { enabled: false } } },
  "no network policy, no budget, no admission policy": {
    networkPolicy: { enabled: false },
    podDisruptionBudget: { enabled: false },
    admissionPolicies: { enabled: false },
  },
  "everything for the Prometheus operator and Grafana": {
    monitoring: {
      podMonitor: { enabled: true, labels: { release: "prometheus" }, interval: "15s", scrapeTimeout: "10s" },
      rules: {
        enabled: true,
        labels: { release: "prometheus" },
        alertLabels: { team: "gpu" },
        runbookBaseUrl: "https://runbooks.example/berthage/",
      },
      dashboards: { enabled: true, namespace: "berthage-system", annotations: { folder: "Berthage" } },
    },
  },
  "a ServiceMonitor": { monitoring: { serviceMonitor: { enabled: true, labels: { release: "prometheus" } } } },
  "roles and ServiceAccount of your own": {
    serviceAccount: { create: false, name: "seller" },
    rbac: { create: false, leaseClusterRole: "seller-leases", aggregate: false },
  },
  "a place to run": {
    nodeSelector: { "node-role.kubernetes.io/control-plane": "" },
    tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "nvidia.com/gpu.present", operator: "DoesNotExist" }] }],
        },
      },
    },
    priorityClassName: "system-cluster-critical",
    terminationGracePeriodSeconds: 120,
    resources: { requests: { cpu: 1, memory: "1Gi" }, limits: { cpu: 2, memory: "1.5Gi" } },
  },
  "an image of your own registry": {
    image: {
      repository: "registry.example:5000/compute/berthage",
      tag: "1.10",
      digest: `sha256:${"ab".repeat(32)}`,
      pullPolicy: "Always",
      pullSecrets: ["registry"],
    },
  },
  "a network and an offer": {
    networks: { market: networkSpec(rawKey) },
    offers: { h100: offerSpec },
  },
  "two networks, by keystore and remote signer": {
    networks: {
      market: networkSpec({
        keystore: { secretRef: { name: "operator" }, passwordSecretRef: { name: "operator", key: "password" } },
      }),
      "market-2": networkSpec({ remote: { url: "http://signer.keys:9000", address } }, "http://rpc.internal:8545/v1"),
    },
    offers: { h100: offerSpec, "h100-spot": { ...offerSpec, networkRef: { name: "market-2" } } },
  },
  "settings of the process": {
    operator: {
      logLevel: "debug",
      concurrency: 32,
      clusterCidrs: ["10.244.0.0/16", "fd00:10:244::/56"],
      ingressNamespace: "ingress-nginx",
      extraEnv: [
        { name: "NODE_EXTRA_CA_CERTS", value: "/etc/ca/ca.crt" },
        { name: "HOST_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
      ],
      extraVolumes: [{ name: "ca", configMap: { name: "ca" } }],
      extraVolumeMounts: [{ name: "ca", mountPath: "/etc/ca", readOnly: true }],
    },
    resources: { requests: { cpu: "100m" }, limits: null },
  },
  "names, labels and objects of your own": {
    fullnameOverride: "gpu-shop",
    nameOverride: "shop",
    commonLabels: { team: "gpu", "app.kubernetes.io/part-of": "shop" },
    podLabels: { sidecar: "no" },
    podAnnotations: { "example.com/note": "true" },
    serviceAccount: { annotations: { "eks.amazonaws.com/role-arn": "arn" } },
    crds: { keep: false },
    extraObjects: [
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "{{ .Release.Name }}-object" } },
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ include "berthage.fullname" . }}-text\n',
    ],
  },
  "part of another chart": { global: { imageRegistry: "registry.example" } },
};
