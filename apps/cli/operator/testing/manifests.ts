// Small manifests for tests, as the YAML that stands in a repository.

/** A ConfigMap with one key. */
export function configMap(name: string, namespace: string, value = "1"): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\ndata:\n  value: "${value}"\n`;
}

/** A Deployment without replicas: ready without nodes. */
export function deployment(name: string, namespace: string, image = "example/app:1", replicas = 0): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  replicas: ${replicas}
  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      containers:
        - name: app
          image: ${image}
          ports:
            - containerPort: 80
`;
}

/** The definition of a kind that takes every field. Its plural is the lower-case kind with an s. */
export function customKind(group: string, kind = "Thing"): string {
  const singular = kind.toLowerCase();
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${singular}s.${group}
spec:
  group: ${group}
  names: { kind: ${kind}, plural: ${singular}s, singular: ${singular}, listKind: ${kind}List }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`;
}
