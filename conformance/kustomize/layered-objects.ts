// The objects of layered cases: one catalogue of kinds that refer to each other as people's do.

/** Texts of YAML documents by a name of ours; `settings` and `keys` are made by the base's generators. */
export const catalogue = {
  account: `apiVersion: v1
kind: ServiceAccount
metadata: {name: web, labels: {app: web}}
secrets: [{name: keys}]
imagePullSecrets: [{name: pull}]
`,
  pull: `apiVersion: v1
kind: Secret
metadata: {name: pull, annotations: {note: a}}
type: kubernetes.io/dockerconfigjson
data: {.dockerconfigjson: e30=}
`,
  deployment: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web, tier: front}
  annotations: {note: "1", other: yes please}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      priorityClassName: high
      initContainers:
      - {name: init, image: "host:5000/team/init:1@sha256:abc", env: [{name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: LEVEL}}}]}
      containers:
      - name: main
        image: nginx:1.25
        args: [--host=web.shop.svc, "--port=80"]
        env:
        - {name: HOST, value: "web.shop.svc.cluster.local"}
        - {name: URL, value: "http://web:80/path"}
        - {name: TOKEN, valueFrom: {secretKeyRef: {name: keys, key: token}}}
        envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: pull}}]
        ports: [{name: http, containerPort: 80}, {name: dns, containerPort: 53, protocol: UDP}, {containerPort: 53}]
        volumeMounts: [{name: data, mountPath: /data}, {name: conf, mountPath: /conf}]
      - {name: side, image: busybox, command: [sh, -c, "echo on"]}
      volumes:
      - {name: data, persistentVolumeClaim: {claimName: data}}
      - {name: conf, projected: {sources: [{configMap: {name: settings}}, {secret: {name: keys}}]}}
      tolerations: [{key: a, operator: Exists}, {key: b, value: c}]
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}]
`,
  stateful: `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, labels: {app: db}}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}, annotations: {sum: "0"}}
    spec:
      containers: [{name: main, image: docker.io/library/postgres}]
  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce]}}]
`,
  service: `apiVersion: v1
kind: Service
metadata: {name: web, annotations: {note: "2"}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}, {name: dns, port: 53, protocol: UDP}]
`,
  headless: `apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}
`,
  ingress: `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, annotations: {nginx/host: web.example.com}}
spec:
  ingressClassName: nginx
  tls: [{hosts: [web.example.com], secretName: pull}]
  rules:
  - host: web.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}
`,
  scaler: `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {minReplicas: 1, maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
`,
  claim: `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {volumeName: disk, storageClassName: fast, resources: {requests: {storage: 1Gi}}}
`,
  volume: `apiVersion: v1
kind: PersistentVolume
metadata: {name: disk}
spec: {storageClassName: fast, capacity: {storage: 1Gi}}
`,
  storageClass: `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: example.com/disk
`,
  priority: `apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 100000
`,
  budget: `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 50%, selector: {matchLabels: {app: web}}}
`,
  network: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]
  egress: [{to: [{podSelector: {matchExpressions: [{key: app, operator: Exists}]}}]}]
`,
  role: `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web}
rules:
- {apiGroups: [""], resources: [configmaps, secrets], resourceNames: [settings, keys, pull], verbs: [get]}
`,
  binding: `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: web}, {kind: ServiceAccount, name: default, namespace: other}, {kind: User, name: web}]
`,
  clusterBinding: `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
`,
  webhook: `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: web}
webhooks: [{name: a.example.com, clientConfig: {service: {name: web, namespace: shop, path: /check}}}]
`,
  job: `apiVersion: batch/v1
kind: CronJob
metadata: {name: tidy}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec: {template: {spec: {serviceAccountName: web, restartPolicy: Never, containers: [{name: main, image: nginx, envFrom: [{configMapRef: {name: settings}}]}]}}}
`,
  config: `apiVersion: v1
kind: ConfigMap
metadata: {name: files, labels: {app: web}}
data:
  host: web.example.com
  list: "a,b,c"
  app.yaml: |
    server: {host: old, port: 80}
    names: [a, b]
  app.json: '{"server": {"host": "old"}, "n": 1}'
`,
  widget: `apiVersion: example.com/v1
kind: Widget
metadata: {name: wheel, labels: {app: web}}
spec:
  ref: {name: files}
  secretRef: {kind: Secret, name: pull}
  image: nginx:1
  parts: [{id: a, size: 1}, {id: b, size: 2}]
  labels: {}
`,
  definition: `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec: {group: example.com, names: {kind: Widget, plural: widgets}, scope: Namespaced}
`,
  space: `apiVersion: v1
kind: Namespace
metadata: {name: shop}
`,
} as const;

export type ObjectName = keyof typeof catalogue;
export const objectNames = Object.keys(catalogue) as ObjectName[];
