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
