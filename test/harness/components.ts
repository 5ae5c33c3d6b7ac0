import { join } from "node:path";
import type { Program } from "./processes.ts";

export const loopback = "127.0.0.1";

/** Where everything of one cluster is; ports are on 127.0.0.1, but the API server's. */
export interface Layout {
  /** Folder with the programs. */
  readonly programs: string;
  /** Scratch directory. */
  readonly dir: string;
  /** The API server's. */
  readonly address: string;
  readonly etcdPort: number;
  readonly etcdPeerPort: number;
  readonly apiPort: number;
  readonly controllerManagerPort: number;
  readonly schedulerPort: number;
  readonly kwokPort: number;
}

/** Who the components are, as kubeadm sets them up: admission tells them from people. kwok is the kubelet of its nodes. */
export const componentUsers = {
  "kube-controller-manager": { name: "system:kube-controller-manager" },
  "kube-scheduler": { name: "system:kube-scheduler" },
  kwok: { name: "kwok", groups: ["system:masters", "system:nodes"] },
} as const;

export interface ApiServerFiles {
  readonly tokensFile: string;
  readonly serviceAccountKeyFile: string;
  readonly auditPolicyFile: string | undefined;
  /** Switches of the API server, such as `WatchList=false`. */
  readonly featureGates: readonly string[];
}

/** The certificate that the API server makes for itself, with its CA. */
export const certificateFile = (layout: Layout): string => join(layout.dir, "certs", "apiserver.crt");
export const ownCertificateFile = (layout: Layout, name: string): string => join(layout.dir, name, `${name}.crt`);
export const auditLogFile = (layout: Layout): string => join(layout.dir, "audit.log");
export const apiServerUrl = (layout: Layout): string => `https://${layout.address}:${layout.apiPort}`;
export const kubeconfigFile = (layout: Layout): string => join(layout.dir, "kubeconfig");
/** The kubeconfig of a component, which acts under its own name. */
export const ownKubeconfigFile = (layout: Layout, name: string): string => join(layout.dir, `kubeconfig-${name}`);
export const etcdUrl = (layout: Layout): string => `http://127.0.0.1:${layout.etcdPort}`;

/** A throw-away etcd: no fsync, and no second of waiting for an election among one. */
export function etcd(layout: Layout): Program {
  const peer = `http://127.0.0.1:${layout.etcdPeerPort}`;
  const args = [
    "--name=harness",
    `--data-dir=${join(layout.dir, "etcd")}`,
    `--listen-client-urls=${etcdUrl(layout)}`,
    `--advertise-client-urls=${etcdUrl(layout)}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=harness=${peer}`,
    "--unsafe-no-fsync",
    "--heartbeat-interval=10",
    "--election-timeout=100",
    "--log-level=warn",
  ];
  return program(layout, "etcd", args);
}

/** RBAC and the default admission plug-ins, as a production cluster has them; users come from a token file. */
export function apiServer(layout: Layout, files: ApiServerFiles): Program {
  const args = [
    `--etcd-servers=${etcdUrl(layout)}`,
    `--bind-address=${layout.address}`,
    `--advertise-address=${layout.address}`,
    // No Endpoints object for a loopback address, which the API would refuse.
    ...(layout.address === loopback ? ["--endpoint-reconciler-type=none"] : []),
    "--kubelet-preferred-address-types=InternalIP",
    `--secure-port=${layout.apiPort}`,
    `--cert-dir=${join(layout.dir, "certs")}`,
    `--token-auth-file=${files.tokensFile}`,
    "--authorization-mode=RBAC,Node",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${files.serviceAccountKeyFile}`,
    `--service-account-signing-key-file=${files.serviceAccountKeyFile}`,
    "--service-cluster-ip-range=10.96.0.0/16",
    // As OpenShift does: only who may finalize an owner may have objects block its deletion.
    "--enable-admission-plugins=OwnerReferencesPermissionEnforcement",
    ...(files.featureGates.length > 0 ? [`--feature-gates=${files.featureGates.join(",")}`] : []),
    "--allow-privileged=true",
    "--profiling=false",
  ];
  const audit = files.auditPolicyFile
    ? [`--audit-policy-file=${files.auditPolicyFile}`, `--audit-log-path=${auditLogFile(layout)}`]
    : [];
  return program(layout, "kube-apiserver", [...args, ...audit]);
}

/** Syncs often, so that a test waits for a fact and not for a period. */
export function controllerManager(layout: Layout, serviceAccountKeyFile: string): Program {
  const args = [
    ...client(layout, "kube-controller-manager"),
    ...server(layout, "kube-controller-manager", layout.controllerManagerPort),
    `--service-account-private-key-file=${serviceAccountKeyFile}`,
    `--root-ca-file=${certificateFile(layout)}`,
    "--use-service-account-credentials=true",
    "--resource-quota-sync-period=5s",
    "--namespace-sync-period=30s",
    "--concurrent-namespace-syncs=20",
    "--concurrent-resource-quota-syncs=10",
    "--concurrent-deployment-syncs=10",
    "--concurrent-replicaset-syncs=10",
    "--node-monitor-period=1s",
    // Three times kwok's lease below; short of that a busy machine would lose nodes that are well.
    "--node-monitor-grace-period=24s",
  ];
  return program(layout, "kube-controller-manager", args);
}

export function scheduler(layout: Layout): Program {
  const args = [...client(layout, "kube-scheduler"), ...server(layout, "kube-scheduler", layout.schedulerPort)];
  return program(layout, "kube-scheduler", args);
}

/** Lives the life of the nodes annotated `kwok.x-k8s.io/node: fake` and of their pods, by the stages of `stagesFile`. */
export function kwok(layout: Layout, stagesFile: string): Program {
  const args = [
    `--kubeconfig=${ownKubeconfigFile(layout, "kwok")}`,
    `--config=${stagesFile}`,
    "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
    "--node-lease-duration-seconds=8",
    "--cidr=10.244.0.0/16",
    `--server-address=127.0.0.1:${layout.kwokPort}`,
  ];
  // Else kwok reads the user's own ~/.kwok.
  return { ...program(layout, "kwok", args), env: { ...env, KWOK_WORKDIR: join(layout.dir, "kwok") } };
}

/** A world lives for minutes beside others: memory is given for the processor time that collecting garbage takes. */
const env = { GOGC: "400" };

function program(layout: Layout, name: string, args: readonly string[]): Program {
  return { name, command: join(layout.programs, name), args, env };
}

function client(layout: Layout, name: string): string[] {
  return [
    `--kubeconfig=${ownKubeconfigFile(layout, name)}`,
    "--leader-elect=false",
    "--kube-api-qps=300",
    "--kube-api-burst=600",
  ];
}

function server(layout: Layout, name: string, port: number): string[] {
  return ["--bind-address=127.0.0.1", `--secure-port=${port}`, `--cert-dir=${join(layout.dir, name)}`];
}
