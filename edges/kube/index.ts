// The door of the Kubernetes client: kubeconfig, connection, verbs, watches, leases.

export type {
  ClusterConfig,
  Credentials,
  ExecPlugin,
  Impersonation,
  Material,
  TlsConfig,
} from "./config/cluster-config.ts";
export type {
  Applied,
  ApplyOptions,
  CallOptions,
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
export type { WatchEvent } from "./watch-event.ts";
