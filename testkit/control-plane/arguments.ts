// The command lines of the control plane's programs.

export interface Layout {
  /** Temporary folder of this control plane. */
  folder: string;
  etcdPort: number;
  etcdPeerPort: number;
  apiPort: number;
}

/** Files in the folder. */
export const files = {
  certificate: "certificates/apiserver.crt",
  tokens: "tokens.csv",
  signingKey: "service-account.key",
  verifyKey: "service-account.pub",
  auditPolicy: "audit-policy.json",
  auditLog: "audit.log",
  kubeconfig: "kubeconfig",
  managerKubeconfig: "controller-manager.kubeconfig",
} as const;

/** Controllers that only matter where there are nodes, disks, certificates or clouds. */
const controllersOff = [
  "node-ipam-controller",
  "node-lifecycle-controller",
  "taint-eviction-controller",
  "device-taint-eviction-controller",
  "ttl-controller",
  "bootstrap-signer-controller",
  "token-cleaner-controller",
  "persistentvolume-binder-controller",
  "persistentvolume-attach-detach-controller",
  "persistentvolume-expander-controller",
  "persistentvolume-protection-controller",
  "persistentvolumeclaim-protection-controller",
  "ephemeral-volume-controller",
  "resourceclaim-controller",
  "selinux-warning-controller",
  "certificatesigningrequest-signing-controller",
  "certificatesigningrequest-approving-controller",
  "certificatesigningrequest-cleaner-controller",
  "podcertificaterequest-cleaner-controller",
  "cloud-node-lifecycle-controller",
  "node-route-controller",
  "service-lb-controller",
];

export function etcdArguments(at: Layout): string[] {
  const client = `http://127.0.0.1:${at.etcdPort}`;
  const peer = `http://127.0.0.1:${at.etcdPeerPort}`;
  return [
    "--name=default",
    `--data-dir=${at.folder}/etcd`,
    "--unsafe-no-fsync",
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--log-level=warn",
  ];
}

export function apiServerArguments(at: Layout, audited: boolean, extra: readonly string[]): string[] {
  const audit = audited
    ? [`--audit-policy-file=${at.folder}/${files.auditPolicy}`, `--audit-log-path=${at.folder}/${files.auditLog}`]
    : [];
  return [
    `--etcd-servers=http://127.0.0.1:${at.etcdPort}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    // The kubernetes Service gets no endpoint: a loopback address is not allowed there.
    "--endpoint-reconciler-type=none",
    `--secure-port=${at.apiPort}`,
    `--cert-dir=${at.folder}/certificates`,
    `--token-auth-file=${at.folder}/${files.tokens}`,
    "--anonymous-auth=false",
    "--authorization-mode=RBAC",
    "--allow-privileged=true",
    "--service-cluster-ip-range=10.0.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${at.folder}/${files.verifyKey}`,
    `--service-account-signing-key-file=${at.folder}/${files.signingKey}`,
    ...audit,
    ...extra,
  ];
}

export function controllerManagerArguments(at: Layout, extra: readonly string[]): string[] {
  return [
    `--kubeconfig=${at.folder}/${files.managerKubeconfig}`,
    "--bind-address=127.0.0.1",
    "--secure-port=0",
    "--leader-elect=false",
    "--use-service-account-credentials=true",
    `--service-account-private-key-file=${at.folder}/${files.signingKey}`,
    `--root-ca-file=${at.folder}/${files.certificate}`,
    // Its own limit of 20 requests a second would be what every test and bench measures.
    "--kube-api-qps=1000",
    "--kube-api-burst=1000",
    `--controllers=*,${controllersOff.map((name) => `-${name}`).join(",")}`,
    ...extra,
  ];
}
