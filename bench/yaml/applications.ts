// Manifests as they stand in repositories: about a kilobyte each, with comments, quotes and blocks.

/** A stream of `count` documents, four per application. */
export function applications(count: number): string {
  const documents: string[] = [];
  for (let i = 0; documents.length < count; i++) documents.push(deployment(i), service(i), config(i), ingress(i));
  return documents.slice(0, count).join("\n---\n");
}

function metadata(kind: string, apiVersion: string, i: number): string {
  return `apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: app-${i}
  namespace: team-${i % 17}
  labels:
    app.kubernetes.io/name: app-${i}
    app.kubernetes.io/part-of: shop
    app.kubernetes.io/version: "1.${i % 30}.0"
`;
}

function deployment(i: number): string {
  return `${metadata("Deployment", "apps/v1", i)}spec:
  replicas: ${i % 5}
  selector:
    matchLabels: {app.kubernetes.io/name: app-${i}}
  template:
    metadata:
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: '9090'
    spec:
      # one container per application
      containers:
      - name: main
        image: registry.example.com/shop/app-${i}:1.${i % 30}.0 # {"$imagepolicy": "shop:app-${i}"}
        args: ["--listen=:8080", "--log-level=info", --shard=${i}]
        env:
        - name: GREETING
          value: "hello, world: ${i}"
        - name: POD_IP
          valueFrom:
            fieldRef:
              fieldPath: status.podIP
        ports:
        - containerPort: 8080
          name: http
        resources:
          limits: {cpu: 500m, memory: 256Mi}
          requests:
            cpu: 10m
            memory: 64Mi
        livenessProbe:
          httpGet:
            path: /healthz
            port: http
          initialDelaySeconds: 10
          periodSeconds: 5
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          runAsUser: 65532`;
}

function service(i: number): string {
  return `${metadata("Service", "v1", i)}spec:
  type: ClusterIP
  ports:
  - port: 80
    targetPort: http
    protocol: TCP
    name: http
  - port: 9090
    targetPort: metrics
    name: metrics
  selector:
    app.kubernetes.io/name: app-${i}`;
}

function config(i: number): string {
  const lines = Array.from({ length: 12 }, (_, n) => `    option_${n} = "value ${n * i}"   # explained here`);
  return `${metadata("ConfigMap", "v1", i)}data:
  LOG_LEVEL: info
  TIMEOUT: "30"
  app.ini: |
    [main]
${lines.join("\n")}
  notice: >-
    A longer text that somebody wrote over two lines
    because an editor wrapped it.`;
}

function ingress(i: number): string {
  return `${metadata("Ingress", "networking.k8s.io/v1", i)}spec:
  ingressClassName: nginx
  tls:
  - hosts:
    - app-${i}.example.com
    secretName: app-${i}-tls
  rules:
  - host: app-${i}.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: app-${i}
            port:
              name: http
      - path: /metrics
        pathType: Exact
        backend:
          service: {name: app-${i}, port: {number: 9090}}`;
}
