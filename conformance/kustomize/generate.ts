// Random kustomizations for differential tests: small trees that combine features in ways people would not.

import fc from "fast-check";
import { toYaml, type JsonValue } from "@plumbline/core/yaml";

/** Files of one case; `overlay` is what gets built. */
export type GeneratedFiles = Record<string, string>;

type Json = { [key: string]: JsonValue };

const names = fc.constantFrom("web", "db", "cache", "web-data", "a.b", "x1");
const namespaces = fc.constantFrom("", "", "default", "prod", "dev");
const labelKeys = fc.constantFrom("app", "tier", "example.com/role", "note", "env");
const oddScalars = fc.constantFrom<JsonValue>(
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
const texts = oddScalars.map(String);
const labels = fc.dictionary(labelKeys, texts, { maxKeys: 3 });

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
const container = fc
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

const data = fc.dictionary(fc.constantFrom("a", "b.txt", "file.json", "n"), texts, { maxKeys: 3 });
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
    })
    .map((value): Json => ({ apiVersion: "example.com/v1", kind: "Widget", ...value })),
  fc.constantFrom("prod", "dev").map((name): Json => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
);

/** Documents written as people write them, with what YAML allows. */
const handwritten = fc.constantFrom(
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
  const { name } = object["metadata"] as Json;
  return `${String(object["kind"])}/${String(name)}`;
}

const resourceLists = fc
  .tuple(fc.uniqueArray(resource, { minLength: 2, maxLength: 7, selector: identity }), fc.nat(6))
  .map(([all, cut]) => ({ base: all.slice(0, Math.max(1, cut)), own: all.slice(Math.max(1, cut)) }));

const fieldPaths = fc.constantFrom(
  "metadata.labels.app",
  "metadata.annotations.note",
  "spec.template.spec.containers.[name=main].image",
  "spec.template.spec.containers.*.image",
  "spec.template.spec.containers.0.env.[name=A].value",
  "spec.replicas",
  "data.a",
  "spec.selector",
);

const kinds = fc.constantFrom(
  "Deployment",
  "StatefulSet",
  "Service",
  "ConfigMap",
  "Secret",
  "Widget",
  "Ingress",
  "CronJob",
);
const target = fc
  .record(
    {
      kind: fc.option(kinds, { nil: undefined }),
      name: fc.option(fc.constantFrom("web", "db", ".*", "web|db", "w.*", "x", "claims", "scalars|anchors"), {
        nil: undefined,
      }),
      namespace: fc.option(fc.constantFrom("prod", "default"), { nil: undefined }),
      labelSelector: fc.option(fc.constantFrom("app=x", "app", "tier!=a", "app in (x,plain)"), { nil: undefined }),
    },
    { requiredKeys: [] },
  )
  .map(dropUndefined);

function dropUndefined(value: object): Json {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Json;
}

const mergePatch = fc
  .record({
    kind: kinds,
    labels: fc.option(fc.dictionary(labelKeys, fc.oneof(texts, fc.constant(null)), { maxKeys: 2 }), { nil: undefined }),
    annotations: fc.option(fc.oneof(labels, fc.constant(null)), { nil: undefined }),
    container: fc.option(container, { nil: undefined }),
    directive: fc.constantFrom(undefined, undefined, "delete", "replace", "merge"),
    level: fc.constantFrom("root", "container", "template", "metadata"),
    replicas: fc.option(fc.oneof(fc.nat(5), fc.constant(null), fc.constant("3")), { nil: undefined }),
    data: fc.option(data, { nil: undefined }),
    name: names,
  })
  .map((value): Json => {
    const meta: Json = { name: value.name };
    if (value.labels) meta["labels"] = value.labels as Json;
    if (value.annotations !== undefined) meta["annotations"] = value.annotations as Json;
    const patch: Json = { apiVersion: apiVersions[value.kind] ?? "v1", kind: value.kind, metadata: meta };
    const directive: Json = value.directive ? { $patch: value.directive } : {};
    if (value.level === "root") Object.assign(patch, directive);
    if (value.level === "metadata") Object.assign(meta, directive);
    if (value.data) patch["data"] = value.data;
    const spec: Json = {};
    if (value.replicas !== undefined) spec["replicas"] = value.replicas as JsonValue;
    if (value.container) {
      const item = value.level === "container" ? { ...directive, ...value.container } : value.container;
      const template: Json = { spec: { containers: [item] } };
      spec["template"] = value.level === "template" ? { ...template, ...directive } : template;
    }
    if (Object.keys(spec).length > 0) patch["spec"] = spec;
    return patch;
  });

const apiVersions: Record<string, string> = {
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  Widget: "example.com/v1",
  Ingress: "networking.k8s.io/v1",
  CronJob: "batch/v1",
};

const operation = fc
  .record({
    op: fc.constantFrom("add", "replace", "remove", "test", "copy", "move"),
    path: fc.constantFrom(
      "/metadata/labels/app",
      "/metadata/annotations/note",
      "/metadata/annotations",
      "/spec/replicas",
      "/spec/template/spec/containers/0/image",
      "/spec/template/spec/containers/-",
      "/spec/template/spec/containers/-1/image",
      "/data/a",
      "/data",
      "/metadata/name",
    ),
    from: fc.constantFrom("/metadata/name", "/metadata/labels/app", "/spec"),
    value: fc.oneof(oddScalars, fc.constant({ a: "b" }), fc.constant(["x"])),
  })
  .map(({ op, path, from, value }): Json => {
    if (op === "remove") return { op, path };
    return op === "copy" || op === "move" ? { op, path, from } : { op, path, value: value as JsonValue };
  });

const patches = fc.oneof(
  { weight: 1, arbitrary: mergePatch.map((patch): Json => ({ patch: toYaml(patch) })) },
  fc.record({ mergePatch, target }).map((value): Json => ({ patch: toYaml(value.mergePatch), target: value.target })),
  fc.record({ mergePatch, target }).map((value): Json => ({
    patch: toYaml(value.mergePatch),
    target: value.target,
    options: { allowNameChange: true, allowKindChange: true },
  })),
  fc
    .record({ operations: fc.array(operation, { minLength: 1, maxLength: 3 }), target })
    .map((value): Json => ({ patch: toYaml(value.operations), target: value.target })),
);

const generator = fc
  .record({
    name: names,
    namespace: namespaces,
    behavior: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, "create", "merge", "replace"),
    literals: fc.uniqueArray(fc.constantFrom("a=1", "b.txt=two", "n='quoted'", "k=v=w", "on=yes"), { maxLength: 2 }),
    options: fc.option(
      fc.record({ disableNameSuffixHash: fc.boolean(), immutable: fc.boolean(), labels }).map((each) => each as Json),
      { nil: undefined },
    ),
  })
  .map(({ name, namespace, behavior, literals, options }) =>
    dropUndefined({ name, namespace: namespace || undefined, behavior, literals, options, files: ["extra.txt"] }),
  );

const replacement = fc
  .record({
    source: fc
      .record({ kind: kinds, name: names, fieldPath: fc.option(fieldPaths, { nil: undefined }) })
      .map(dropUndefined),
    select: target,
    fieldPaths: fc.array(fieldPaths, { minLength: 1, maxLength: 2 }),
    options: fc.option(
      fc.record({
        create: fc.boolean(),
        delimiter: fc.constantFrom("", ":", "/"),
        index: fc.constantFrom(-1, 0, 1, 5),
      }),
      { nil: undefined },
    ),
  })
  .map(({ source, select, fieldPaths: paths, options }): Json => ({
    source: options ? { ...source, options: { delimiter: options.delimiter, index: 0 } } : source,
    targets: [{ select, fieldPaths: paths, ...(options ? { options } : {}) }],
  }));

/** Present once in `rarity`. */
function sometimes<T>(value: fc.Arbitrary<T>, rarity = 4): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: rarity - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

const label = fc
  .record({
    pairs: labels,
    includeSelectors: fc.boolean(),
    includeTemplates: fc.boolean(),
    fields: fc.constantFrom(undefined, [{ path: "spec/extra/labels", create: true, kind: "Widget" }]),
  })
  .map(dropUndefined);

function kustomization(resources: string[]): fc.Arbitrary<Json> {
  const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[] | undefined> =>
    sometimes(fc.array(item, { minLength: 1, maxLength: 2 }), 5);
  const sparse = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[] | undefined> =>
    sometimes(fc.array(item, { minLength: 1, maxLength: 1 }), 12);
  return fc
    .record({
      namespace: sometimes(fc.constantFrom("prod", "dev", "other")),
      namePrefix: sometimes(fc.constantFrom("pre-", "1-", "a")),
      nameSuffix: sometimes(fc.constantFrom("-suf", "-2")),
      commonLabels: sometimes(labels),
      labels: list(label),
      commonAnnotations: sometimes(labels),
      images: list(
        fc
          .record({
            name: fc.constantFrom("nginx", "app", "docker.io/library/redis", "host:5000/app"),
            newName: sometimes(fc.constantFrom("other/nginx", "123")),
            newTag: sometimes(fc.constantFrom("v2", "1.10")),
            digest: sometimes(fc.constant("sha256:def")),
            tagSuffix: sometimes(fc.constant("-x")),
          })
          .map(dropUndefined),
      ),
      replicas: sparse(fc.record({ name: names, count: fc.nat(4) })),
      patches: list(patches),
      configMapGenerator: list(generator),
      secretGenerator: sparse(generator),
      generatorOptions: sometimes(fc.record({ labels, disableNameSuffixHash: fc.boolean() }), 8),
      replacements: sparse(replacement),
      buildMetadata: sometimes(
        fc.subarray(["originAnnotations", "transformerAnnotations", "managedByLabel"], { minLength: 1 }),
        1,
      ),
      sortOptions: sometimes(fc.constantFrom<Json>({ order: "fifo" }, { order: "legacy" }), 8),
    })
    .map((value) => ({ ...dropUndefined(value), resources }));
}

/** A base, sometimes a component, and an overlay over them. */
export const generatedFiles: fc.Arbitrary<GeneratedFiles> = fc
  .record({
    resources: resourceLists,
    baseKustomization: kustomization(["resources.yaml"]),
    overlayKustomization: kustomization(["../base", "own.yaml"]),
    component: sometimes(kustomization([]), 4),
    extra: texts,
    handwritten: sometimes(handwritten, 2),
  })
  .map((value) => {
    const document = (list: readonly Json[]): string => list.map((each) => toYaml(each)).join("---\n");
    const overlay = { ...value.overlayKustomization };
    const files: GeneratedFiles = {
      "base/resources.yaml": [document(value.resources.base), ...(value.handwritten ? [value.handwritten] : [])].join(
        "---\n",
      ),
      "base/extra.txt": value.extra,
      "base/kustomization.yaml": toYaml(value.baseKustomization),
      "overlay/own.yaml": document(value.resources.own),
      "overlay/extra.txt": `${value.extra}!`,
    };
    if (value.component) {
      const { buildMetadata: _metadata, sortOptions: _sort, resources: _resources, ...component } = value.component;
      const type = { apiVersion: "kustomize.config.k8s.io/v1alpha1", kind: "Component" };
      files["component/kustomization.yaml"] = toYaml({ ...type, ...component });
      files["component/extra.txt"] = value.extra;
      overlay["components"] = ["../component"];
    }
    files["overlay/kustomization.yaml"] = toYaml(overlay);
    return files;
  });
