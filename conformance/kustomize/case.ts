// What one of our own fixtures is: a small tree, the directory to build, and what to expect.

export interface OwnCase {
  name: string;
  files: Record<string, string>;
  directory?: string;
  /** Expected to be refused, by kustomize and by us; the word that our failure must contain. */
  refused?: string;
}

export const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: main
        image: nginx:1.0
        args: ["--host=$(HOST)", "--n=$(COUNT)"]
        env:
        - {name: CONFIG, valueFrom: {configMapKeyRef: {name: settings, key: a}}}
`;
export const configMap = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  host: example.com
  port: "8080"
  config.yaml: |
    server:
      host: old
      ports:
      - 80
      - 443
  commented.yaml: |
    # top
    server:   # trailing
        host: 'old'  # the host
        # before the list
        list: [a, "b", {c: d}]
        text: |
          keep
          this
    # foot
  config.json: '{"server": {"host": "old", "n": 1}}'
  pretty.json: |-
    {
      "server": {
        "host": "old"
      }
    }
`;
const base = { "deployment.yaml": deployment, "config.yaml": configMap };
const resources = "resources: [deployment.yaml, config.yaml]\n";

/** A case of one directory with a Deployment `web` and a ConfigMap `settings`. */
export function plain(name: string, kustomization: string, files: Record<string, string> = {}): OwnCase {
  return { name, files: { ...base, "kustomization.yaml": resources + kustomization, ...files } };
}

export function refused(
  name: string,
  word: string,
  kustomization: string,
  files: Record<string, string> = {},
): OwnCase {
  return { ...plain(name, kustomization, files), refused: word };
}
