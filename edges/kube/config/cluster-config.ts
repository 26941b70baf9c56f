// How to reach one API server and as whom: what a kubeconfig context or a Pod's mounted files come down to.

/** Bytes given in place, or a file that is read again whenever a connection is made, so that rotation takes effect. */
export type Material = { data: Uint8Array } | { file: string };

/** An exec credential plugin, as `users[].user.exec` of a kubeconfig (client.authentication.k8s.io v1 and v1beta1). */
export interface ExecPlugin {
  apiVersion: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  installHint: string;
  provideClusterInfo: boolean;
  /** `clusters[].cluster.extensions[client.authentication.k8s.io/exec]`, handed to the plugin as it stands. */
  clusterExtension?: unknown;
}

export type Credentials =
  | { type: "anonymous" }
  | { type: "token"; token: string }
  /** Read again at most once a minute, and at once after a 401. */
  | { type: "tokenFile"; file: string }
  | { type: "basic"; username: string; password: string }
  | { type: "exec"; plugin: ExecPlugin };

/** Whom a request acts as (headers `Impersonate-*`); `user` is required by the API server whenever another is set. */
export interface Impersonation {
  user: string;
  groups?: readonly string[];
  uid?: string;
  extra?: Readonly<Record<string, readonly string[]>>;
}

export interface TlsConfig {
  ca?: Material;
  /** Client certificate and key, both or neither. */
  certificate?: Material;
  key?: Material;
  /** Replaces the host of the URL in SNI and in the check of the server's certificate. */
  serverName?: string;
  skipVerify: boolean;
}

export interface ClusterConfig {
  /** `https://host:port[/prefix]`, or `http://` for a sandbox or `kubectl proxy`. */
  server: string;
  tls: TlsConfig;
  credentials: Credentials;
  /** Applied to every request that names no other (kubeconfig `as`, `as-groups`, `as-uid`, `as-user-extra`). */
  impersonate?: Impersonation;
  /** `http://`, `https://` or `socks5://` proxy, already chosen from `proxy-url` or the environment. */
  proxyUrl?: string;
  /** The namespace of the context; `default` when it names none. */
  namespace: string;
  /** The name of the context, or `in-cluster`. */
  context: string;
  /** Where this came from, for messages: `kubeconfig /home/a/.kube/config, context b`. */
  origin: string;
}
