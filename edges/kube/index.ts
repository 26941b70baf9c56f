// The door of the Kubernetes client: kubeconfig, connection, verbs, watches, leases.

export type {
  ClusterConfig,
  Credentials,
  ExecPlugin,
  Impersonation,
  Material,
  TlsConfig,
} from "./config/cluster-config.ts";
export { type KubeconfigTrust, trustedKubeconfig, untrustedKubeconfig } from "./config/kubeconfig.ts";
export {
  inClusterConfig,
  loadClusterConfig,
  loadKubeconfig,
  type LoadOptions,
  parseKubeconfig,
} from "./config/load.ts";
export { proxyFor } from "./config/proxy.ts";
export { connect } from "./connect.ts";
export {
  type ApiCause,
  type ApiStatus,
  apiStatus,
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isKindUnknown,
  isNotFound,
  isTooManyRequests,
  isUnauthorized,
  isUnreachable,
} from "./failure.ts";
export type {
  Applied,
  ApplyOptions,
  CallOptions,
  ClientLoad,
  ConnectOptions,
  DeleteOptions,
  Discovery,
  KindRef,
  KubeClient,
  ListOptions,
  ListPage,
  Patch,
  PatchOptions,
  RequestRecord,
  ResourceInfo,
  UpdateOptions,
  Watch,
  WatchOptions,
  WriteOptions,
} from "./kube-client.ts";
export {
  FLUX_LEASE_DURATIONS,
  type HeldLease,
  holdLease,
  type LeaseDurations,
  type LeaseOptions,
} from "./lease/hold-lease.ts";
export { type HolderOptions, type LeaseHolder, readLeaseHolder } from "./lease/read-holder.ts";
export type { WatchEvent } from "./watch-event.ts";
