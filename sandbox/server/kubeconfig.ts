// The kubeconfig of a sandbox.

/** A kubeconfig with one cluster, user and context called `plumbline-sandbox`. */
export function kubeconfigText(url: string): string {
  return `apiVersion: v1
kind: Config
current-context: plumbline-sandbox
clusters:
- name: plumbline-sandbox
  cluster:
    server: ${url}
users:
- name: plumbline-sandbox
  user: {}
contexts:
- name: plumbline-sandbox
  context:
    cluster: plumbline-sandbox
    user: plumbline-sandbox
`;
}
