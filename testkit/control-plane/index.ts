// A real control plane for tests: etcd, kube-apiserver and kube-controller-manager on this machine, without nodes.

export { type AuditEvent, type AuditFilter, type AuditLog, type RequestCount, countRequests } from "./audit.ts";
export { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "./start.ts";
export { type ApiAnswer, type ApiRequest, type Cluster, apiRequest, clusterOfKubeconfig } from "./cluster.ts";
export { sharedCluster, sharedClusterVariable } from "./shared-cluster.ts";
export { type TestHooks, serviceAccountToken, withNamespace } from "./namespace.ts";
