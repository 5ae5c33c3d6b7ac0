/** The image of which containerd makes what holds a pod's namespaces. */
export const sandboxImage = "registry.example/pause:1";
/** Addresses of the node's pods. */
export const podNetwork = "10.244.0.0/24";
/** The interface that joins them. */
export const podBridge = "pods0";
/** Kubelet knows this folder by heart, wherever its data are. */
export const kubeletFolder = "/var/lib/kubelet";
/** Users of the API server; RBAC and the node authoriser know both names. */
export const nodeUser = (node: string): string => `system:node:${node}`;
export const proxyUser = "system:kube-proxy";
