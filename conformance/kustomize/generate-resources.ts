// Random resources, and documents written by hand with what YAML allows.

import fc from "fast-check";
import { digString } from "@plumbline/core/model";
import type { JsonValue } from "@plumbline/core/yaml";

export type Json = { [key: string]: JsonValue };

export function dropUndefined(value: object): Json {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Json;
}

export const names = fc.constantFrom("web", "db", "cache", "web-data", "a.b", "x1");
export const namespaces = fc.constantFrom("", "", "default", "prod", "dev");
export const labelKeys = fc.constantFrom("app", "tier", "example.com/role", "note", "env");
export const oddScalars = fc.constantFrom<JsonValue>(
  "plain",
  "on",
  "yes",
  "1",
  "1.10",
  "0x1F",
  "2020-01-01",
  "null",
  "~",
  "",
  " padded ",
  "multi\nline\n",
  "trailing \nspace",
  "a: b",
  "# no comment",
  "ünïcode ☃",
  "it's",
  'say "hi"',
  "x".repeat(90) + " " + "y".repeat(20),
  0,
  7,
  -3,
  1.5,
  1e21,
  true,
  false,
);
export const texts = oddScalars.map(String);
export const labels = fc.dictionary(labelKeys, texts, { maxKeys: 3 });

function metadata(extra: Json = {}): fc.Arbitrary<Json> {
  return fc.record({ name: names, namespace: namespaces, labels, annotations: labels }).map((value) => {
    const result: Json = { name: value.name, ...extra };
    if (value.namespace !== "") result["namespace"] = value.namespace;
    if (Object.keys(value.labels).length > 0) result["labels"] = value.labels;
    if (Object.keys(value.annotations).length > 0) result["annotations"] = value.annotations;
    return result;
  });
}

const images = fc.constantFrom(
  "nginx",
  "nginx:1.25",
  "docker.io/library/redis:7@sha256:abc",
  "host:5000/app:v1",
  "app",
);
const env = fc.oneof(
  fc.record({ name: fc.constantFrom("A", "B", "C"), value: texts }),
  fc
    .record({ name: fc.constantFrom("D", "E"), ref: names, kind: fc.constantFrom("configMapKeyRef", "secretKeyRef") })
    .map(({ name, ref, kind }): Json => ({ name, valueFrom: { [kind]: { name: ref, key: "k" } } })),
) as fc.Arbitrary<Json>;
const ports = fc
  .record({ containerPort: fc.constantFrom(80, 443), protocol: fc.constantFrom(undefined, "TCP", "UDP") })
  .map(({ containerPort, protocol }): Json => (protocol ? { containerPort, protocol } : { containerPort }));
export const container = fc
  .record({
    name: fc.constantFrom("main", "side", "init"),
    image: images,
    env: fc.array(env, { maxLength: 3 }),
    envFrom: fc.array(names, { maxLength: 1 }),
    ports: fc.array(ports, { maxLength: 2 }),
    args: fc.array(texts, { maxLength: 2 }),
  })
  .map((value): Json => {
    const result: Json = { name: value.name, image: value.image };
    if (value.env.length > 0) result["env"] = value.env;
    if (value.envFrom.length > 0) result["envFrom"] = value.envFrom.map((name) => ({ configMapRef: { name } }));
    if (value.ports.length > 0) result["ports"] = value.ports;
    if (value.args.length > 0) result["args"] = value.args;
    return result;
  });
const containers = fc.uniqueArray(container, { minLength: 1, maxLength: 2, selector: (each) => each["name"] });
const volumes = fc.array(
  fc.oneof(
    names.map((name): Json => ({ name: "config", configMap: { name } })),
    names.map((secretName): Json => ({ name: "secret", secret: { secretName } })),
    fc.constant<Json>({ name: "scratch", emptyDir: {} }),
  ),
  { maxLength: 2 },
);
const podSpec = fc
  .record({ containers, volumes, serviceAccountName: fc.option(names, { nil: undefined }) })
  .map((value): Json => {
    const result: Json = { containers: value.containers };
    if (value.volumes.length > 0) result["volumes"] = value.volumes;
    if (value.serviceAccountName) result["serviceAccountName"] = value.serviceAccountName;
    return result;
  });

function workload(apiVersion: string, kind: string): fc.Arbitrary<Json> {
  return fc
    .record({ metadata: metadata(), podSpec, labels, replicas: fc.option(fc.nat(3), { nil: undefined }) })
    .map((value) => {
      const spec: Json = {
        selector: { matchLabels: { app: "x" } },
        template: { metadata: { labels: { app: "x", ...value.labels } }, spec: value.podSpec },
      };
      if (value.replicas !== undefined) spec["replicas"] = value.replicas;
      return { apiVersion, kind, metadata: value.metadata, spec };
    });
}

export const data = fc.dictionary(fc.constantFrom("a", "b.txt", "file.json", "n"), texts, { maxKeys: 3 });
const resource: fc.Arbitrary<Json> = fc.oneof(
  workload("apps/v1", "Deployment"),
  workload("apps/v1", "StatefulSet"),
  fc.record({ metadata: metadata(), podSpec }).map((value): Json => ({
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: value.metadata,
    spec: { schedule: "* * * * *", jobTemplate: { spec: { template: { spec: value.podSpec } } } },
  })),
  fc.record({ metadata: metadata(), selector: labels }).map((value): Json => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: value.metadata,
    spec: {
      selector: value.selector,
      ports: [
        { port: 80, targetPort: "http" },
        { port: 80, protocol: "UDP" },
      ],
    },
  })),
  fc.record({ metadata: metadata(), data }).map((value): Json => ({ apiVersion: "v1", kind: "ConfigMap", ...value })),
  fc
    .record({ metadata: metadata(), data })
    .map((value): Json => ({ apiVersion: "v1", kind: "Secret", type: "Opaque", ...value })),
  metadata().map((value): Json => ({ apiVersion: "v1", kind: "ServiceAccount", metadata: value })),
  fc
    .record({ metadata: metadata(), ref: names, namespace: namespaces, kind: fc.constantFrom("Role", "ClusterRole") })
    .map((value): Json => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: value.metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: value.kind, name: value.ref },
      subjects: [
        { kind: "ServiceAccount", name: value.ref, ...(value.namespace ? { namespace: value.namespace } : {}) },
        { kind: "ServiceAccount", name: "default" },
      ],
    })),
  metadata().map((value): Json => {
    const { namespace: _namespace, ...rest } = value;
    const rules = [{ apiGroups: [""], resources: ["secrets"], resourceNames: ["web", "db"], verbs: ["get"] }];
    return { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: rest, rules };
  }),
  fc.record({ metadata: metadata(), service: names }).map((value): Json => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: value.metadata,
    spec: {
      tls: [{ secretName: value.service }],
      rules: [
        { http: { paths: [{ path: "/", backend: { service: { name: value.service, port: { number: 80 } } } }] } },
      ],
    },
  })),
  fc
    .record({
      metadata: metadata(),
      spec: fc.dictionary(fc.constantFrom("field", "list", "on"), oddScalars, { maxKeys: 3 }),
      ref: fc.option(names, { nil: undefined }),
    })
    .map(({ metadata: meta, spec, ref }): Json => {
      const referring =
        ref === undefined ? {} : { ref: { name: ref }, text: "of $(HOST), $(COUNT) and $(A)", image: "nginx:1" };
      return { apiVersion: "example.com/v1", kind: "Widget", metadata: meta, spec: { ...spec, ...referring } };
    }),
  fc.constantFrom("prod", "dev").map((name): Json => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
);

/** Documents written as people write them, with what YAML allows. */
export const handwritten = fc.constantFrom(
  `apiVersion: v1
kind: ConfigMap
metadata: {name: flow, labels: {app: x, n: }, annotations: {a: 1, b: true, c: null}}
data: {k: v, "quoted": 'single', empty: "", tilde: ~}
`,
  `# head
apiVersion: example.com/v1
kind: Widget
metadata:
  name: scalars # line
  namespace: prod
spec:
  octal: 0777
  newOctal: 0o17
  hex: 0xFF
  float: 1.50
  exponent: 1e3
  big: 12345678901234567890
  date: 2020-01-02
  time: 2001-12-14t21:59:43.10-05:00
  yes: yes
  "on": off
  nothing:
  tilde: ~
  text: null
  folded: >-
    one
    two

    three
  foldedDeeper: >
    call(a,
      b
    )
  literal: |+
    keep

  indented: |2
      deep
  plain: a b
    c
`,
  `apiVersion: apps/v1
kind: Deployment
metadata:
  name: anchors
spec:
  template: &t
    metadata: &m
      labels: {app: a}
    spec:
      containers:
      - &c
        name: main
        image: nginx:1.25
      - <<: *c
        name: side
  other: *t
`,
  `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Secret
  metadata: {name: listed}
  stringData: {a: b}
- apiVersion: v1
  kind: ServiceAccount
  metadata: {name: listed}
  imagePullSecrets: [{name: listed}]
`,
  `apiVersion: v1
kind: ConfigMapList
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: inlist, annotations: {config.kubernetes.io/local-config: "true"}}
`,
  `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: claims}
spec:
  serviceName: web
  selector: {matchLabels: {app: x}}
  template:
    metadata: {labels: {app: x}}
    spec:
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - labelSelector: {matchLabels: {app: x}}
            topologyKey: host
      initContainers: [{name: init, image: "app"}]
      containers: [{name: main, image: 'nginx', ports: [{containerPort: 80}, {containerPort: 80, protocol: UDP}]}]
  volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: data}
    spec: {storageClassName: fast}
`,
);

/** The same object twice is an error, so that most cases should not have it. */
function identity(object: Json): string {
  return `${digString(object, "kind")}/${digString(object, "metadata", "name")}`;
}

export const resourceLists = fc
  .tuple(fc.uniqueArray(resource, { minLength: 2, maxLength: 7, selector: identity }), fc.nat(6))
  .map(([all, cut]) => ({ base: all.slice(0, Math.max(1, cut)), own: all.slice(Math.max(1, cut)) }));
