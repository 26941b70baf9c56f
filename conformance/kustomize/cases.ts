// Our own fixtures: features and corners that generated cases rarely reach.

import { configMap, deployment, plain, refused, type OwnCase } from "./case.ts";
import { blockCase } from "./block-case.ts";
import { refusedCases } from "./refused-cases.ts";

export const ownCases: OwnCase[] = [
  plain(
    "vars keep the type of what they stand for",
    `
vars:
- {name: HOST, objref: {apiVersion: v1, kind: ConfigMap, name: settings}, fieldref: {fieldPath: data.host}}
- {name: COUNT, objref: {apiVersion: apps/v1, kind: Deployment, name: web}, fieldref: {fieldPath: spec.replicas}}
namePrefix: p-
`,
  ),
  plain(
    "vars index lists",
    `
vars:
- {name: HOST, objref: {apiVersion: apps/v1, kind: Deployment, name: web}, fieldref: {fieldPath: "spec.template.spec.containers[0].image"}}
`,
  ),
  plain("tagSuffix", "images: [{name: nginx, tagSuffix: -x}]\n"),
  plain("images with digest and name", "images: [{name: nginx, newName: 'reg:5000/n', digest: 'sha256:abc'}]\n"),
  plain("image names that are patterns", "images: [{name: 'ng.*', newTag: '2'}]\n"),
  refused("literals with numeric keys", "no string", "configMapGenerator: [{name: num, literals: ['123=abc']}]\n"),
  refused("labels with boolean keys", "no string", "labels: [{pairs: {'true': 'x'}}]\n"),
  plain("names that turn into numbers", "namePrefix: '1'\nresources: [n.yaml]\n", {
    "kustomization.yaml": "namePrefix: '1'\nresources: [n.yaml]\n",
    "n.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: 23\n",
  }),
  plain("labels written by a base change together", "", {
    "kustomization.yaml":
      "resources: [base]\npatches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, labels: {team: b}}}'}]\n",
    "base/kustomization.yaml": "resources: [d.yaml]\ncommonLabels: {team: a}\n",
    "base/d.yaml": deployment,
  }),
  plain("a replace directive at the root does nothing, whatever it removes beside", "", {
    "kustomization.yaml":
      "resources: [base]\nbuildMetadata: [transformerAnnotations]\npatches: [{patch: '{$patch: replace, apiVersion: apps/v1, kind: Deployment, metadata: {name: web, annotations: null}}'}]\n",
    "base/kustomization.yaml":
      "resources: [d.yaml]\nbuildMetadata: [transformerAnnotations]\nnameSuffix: -x\nnamespace: shop\n",
    "base/d.yaml": deployment,
  }),
  plain("what a replacement made is a text after a merge", "", {
    "kustomization.yaml":
      "resources: [base]\npatches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, labels: {x: y}}}'}]\n",
    "base/kustomization.yaml":
      "resources: [d.yaml]\nreplacements: [{sourceValue: '80', targets: [{select: {kind: Deployment}, fieldPaths: [data.made], options: {create: true}}]}]\n",
    "base/d.yaml": deployment,
  }),
  plain("annotations that a patch removes take kustomize's notes along", "", {
    "kustomization.yaml":
      "resources: [base]\nbuildMetadata: [transformerAnnotations]\npatches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, annotations: null}}'}]\n",
    "base/kustomization.yaml":
      "resources: [d.yaml]\nbuildMetadata: [transformerAnnotations]\nnameSuffix: -x\nnamespace: shop\n",
    "base/d.yaml": deployment,
  }),
  plain(
    "strategic merge directives",
    `
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      template:
        spec:
          containers:
          - name: main
            $patch: replace
            image: other
          - name: side
            image: side
            $patch: delete
          - {name: third, image: x, ports: [{containerPort: 80}, {containerPort: 80, protocol: UDP}]}
          volumes:
          - $patch: replace
          - {name: v, emptyDir: {}}
`,
  ),
  plain(
    "patch deletes a resource",
    `
patches:
- patch: |
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: settings}
    $patch: delete
`,
  ),
  plain(
    "null in a patch with target becomes text in labels",
    `
patches:
- target: {kind: Deployment}
  patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: any, labels: {gone: null}}
    spec: {replicas: null}
`,
  ),
  plain(
    "several documents in one patch",
    `
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec: {replicas: 3}
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: settings}
    data: {more: x}
`,
  ),
  plain(
    "a patch renames and references follow",
    `
patches:
- target: {kind: ConfigMap}
  options: {allowNameChange: true}
  patch: |
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: renamed}
`,
  ),
  plain(
    "JSON patches with escapes and negative indices",
    `
patches:
- target: {kind: Deployment}
  patch: |
    - {op: add, path: /metadata/annotations/a~1b, value: "1"}
    - {op: add, path: /spec/template/spec/containers/-, value: {name: z, image: z}}
    - {op: replace, path: /spec/template/spec/containers/-1/image, value: zz}
    - {op: replace, path: /spec/absent, value: made}
    - {op: test, path: /spec/replicas, value: 1}
    - {op: move, from: /spec/replicas, path: /spec/moved}
`,
    {
      "config.yaml": configMap,
      "deployment.yaml": deployment.replace("name: web", "name: web\n  annotations: {x: y}"),
    },
  ),
  plain(
    "replacement into YAML inside a text",
    `
replacements:
- source: {kind: ConfigMap, name: settings, fieldPath: data.host}
  targets:
  - select: {kind: ConfigMap}
    fieldPaths: ["data.config\\\\.yaml.server.host"]
`,
  ),
  plain(
    "replacement into a list item in YAML inside a text",
    `
replacements:
- sourceValue: "8080"
  targets:
  - select: {kind: ConfigMap}
    fieldPaths: ["data.[config.yaml].server.ports.0"]
`,
  ),
  plain(
    "replacement into commented YAML inside a text, making fields",
    `
replacements:
- sourceValue: "8080"
  targets:
  - select: {kind: ConfigMap}
    fieldPaths: ["data.[commented.yaml].server.host", "data.[commented.yaml].server.list.1", "data.[commented.yaml].server.made.deep"]
    options: {create: true}
`,
  ),
  plain(
    "replacement into JSON inside a text",
    `
replacements:
- source: {kind: ConfigMap, name: settings, fieldPath: data.port}
  targets:
  - select: {kind: ConfigMap}
    fieldPaths: ["data.[config.json].server.n", "data.[pretty.json].server.host"]
`,
  ),
  plain(
    "replacements with delimiters, create and reject",
    `
resources: [deployment.yaml, config.yaml, other.yaml]
replacements:
- source: {kind: Deployment, name: web, fieldPath: "spec.template.spec.containers.0.image", options: {delimiter: ":", index: 1}}
  targets:
  - select: {kind: ConfigMap}
    reject: [{name: other}]
    fieldPaths: [metadata.labels.version]
    options: {create: true}
  - select: {name: web}
    fieldPaths: ["spec.template.spec.containers.[name=main].image"]
    options: {delimiter: ":", index: 0}
`,
    {
      "kustomization.yaml": `resources: [deployment.yaml, config.yaml, other.yaml]
replacements:
- source: {kind: Deployment, name: web, fieldPath: "spec.template.spec.containers.0.image", options: {delimiter: ":", index: 1}}
  targets:
  - select: {kind: ConfigMap}
    reject: [{name: other}]
    fieldPaths: [metadata.labels.version]
    options: {create: true}
  - select: {name: web}
    fieldPaths: ["spec.template.spec.containers.[name=main].image"]
    options: {delimiter: ":", index: 0}
`,
      "other.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n",
    },
  ),
  plain("replacements from a file", "replacements: [{path: r.yaml}]\n", {
    "r.yaml":
      "- source: {kind: ConfigMap, name: settings, fieldPath: data.host}\n  targets: [{select: {kind: Deployment}, fieldPaths: [metadata.annotations.host], options: {create: true}}]\n",
  }),
  plain("transformers of every kind", "transformers: [t.yaml]\n", {
    "t.yaml": `apiVersion: builtin
kind: LabelTransformer
metadata: {name: l}
labels: {n: 5, b: true}
fieldSpecs: [{path: metadata/labels, create: true}]
---
apiVersion: builtin
kind: AnnotationsTransformer
metadata: {name: a}
annotations: {x: y}
fieldSpecs: [{path: metadata/annotations, create: true}]
---
apiVersion: builtin
kind: PrefixTransformer
metadata: {name: p}
prefix: pre-
fieldSpecs: [{path: metadata/name}]
---
apiVersion: builtin
kind: SuffixTransformer
metadata: {name: s}
suffix: -suf
fieldSpecs: [{path: metadata/name}]
---
apiVersion: builtin
kind: NamespaceTransformer
metadata: {name: n, namespace: ns}
unsetOnly: true
---
apiVersion: builtin
kind: ImageTagTransformer
metadata: {name: i}
imageTag: {name: nginx, newTag: "9"}
---
apiVersion: builtin
kind: ReplicaCountTransformer
metadata: {name: r}
replica: {name: web, count: 4}
fieldSpecs: [{path: spec/replicas, create: true, kind: Deployment}]
---
apiVersion: builtin
kind: ValueAddTransformer
metadata: {name: v}
value: added
targets: [{selector: {kind: ConfigMap}, fieldPath: data/path, filePathPosition: 2}]
---
apiVersion: builtin
kind: PatchTransformer
metadata: {name: pt}
target: {kind: ConfigMap}
patch: '[{"op": "add", "path": "/data/patched", "value": "yes"}]'
---
apiVersion: builtin
kind: PatchStrategicMergeTransformer
metadata: {name: psm}
patches: |
  apiVersion: v1
  kind: ConfigMap
  metadata: {name: settings}
  data: {merged: x}
---
apiVersion: builtin
kind: PatchJson6902Transformer
metadata: {name: pj}
target: {version: v1, kind: ConfigMap, name: settings}
jsonOp: '[{"op": "add", "path": "/data/json", "value": "j"}]'
---
apiVersion: builtin
kind: ReplacementTransformer
metadata: {name: rt}
replacements:
- source: {kind: ConfigMap, fieldPath: data.host}
  targets: [{select: {kind: Deployment}, fieldPaths: [metadata.annotations.x]}]
`,
  }),
  plain("generators of every kind", "generators: [g.yaml]\n", {
    "g.yaml": `apiVersion: builtin
kind: ConfigMapGenerator
metadata: {name: gen, namespace: ns}
literals: [a=b]
---
apiVersion: builtin
kind: SecretGenerator
metadata: {name: sec}
literals: [a=b]
type: custom
---
apiVersion: builtin
kind: IAMPolicyGenerator
metadata: {name: iam}
cloud: gke
kubernetesService: {namespace: k, name: ksa}
serviceAccount: {name: gsa, projectId: p}
`,
  }),
  plain(
    "inline transformers and validators",
    `
transformers:
- |-
  apiVersion: builtin
  kind: PrefixSuffixTransformer
  metadata: {name: x}
  prefix: a-
  suffix: -z
  fieldSpecs: [{path: metadata/name}]
validators:
- |-
  apiVersion: builtin
  kind: LabelTransformer
  metadata: {name: none}
  labels: {}
`,
  ),
  refused(
    "validators may not change anything",
    "validator",
    `
validators:
- |-
  apiVersion: builtin
  kind: LabelTransformer
  metadata: {name: some}
  labels: {a: b}
  fieldSpecs: [{path: metadata/labels, create: true}]
`,
  ),
  plain(
    "env files",
    "configMapGenerator: [{name: e, envs: [a.env]}]\nsecretGenerator: [{name: s, envs: [a.env], type: t}]\n",
    {
      "a.env": "\ufeff# comment\nA=1\n  B = 2\n\nC\nD==x\r\nE=\n",
    },
  ),
  plain(
    "generator options",
    `
generatorOptions: {labels: {a: b}, annotations: {c: d}, immutable: true}
configMapGenerator:
- {name: one, literals: ["k=v"], options: {labels: {a: own}}}
- {name: two, files: [key=config.yaml, deployment.yaml], options: {disableNameSuffixHash: true}}
`,
  ),
  plain("a generator merges with a base", "", {
    "kustomization.yaml":
      "resources: [base]\nconfigMapGenerator:\n- {name: cm, behavior: merge, literals: [b=2, c=3]}\nsecretGenerator:\n- {name: s, behavior: replace, literals: [z=1]}\n",
    "base/kustomization.yaml":
      "namePrefix: p-\nconfigMapGenerator: [{name: cm, literals: [a=1, b=1], options: {labels: {l: m}}}]\nsecretGenerator: [{name: s, literals: [y=1]}]\n",
  }),
  plain(
    "configurations",
    "commonLabels: {l: m}\nnamePrefix: x-\nconfigurations: [c.yaml]\nresources: [deployment.yaml, config.yaml, w.yaml]\n",
    {
      "kustomization.yaml":
        "commonLabels: {l: m}\nnamePrefix: x-\nconfigurations: [c.yaml]\nresources: [deployment.yaml, config.yaml, w.yaml]\nimages: [{name: nginx, newTag: '3'}]\n",
      "w.yaml":
        "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {config: settings, list: [{ref: settings}], image: nginx, sel: {}}\n",
      "c.yaml":
        "nameReference:\n- kind: ConfigMap\n  version: v1\n  fieldSpecs:\n  - {kind: Widget, path: spec/config}\n  - {kind: Widget, path: spec/list/ref}\nimages: [{kind: Widget, path: spec/image}]\ncommonLabels: [{kind: Widget, path: spec/sel, create: true}]\n",
    },
  ),
  plain("crds", "namePrefix: x-\ncrds: [crd.json]\nresources: [deployment.yaml, config.yaml, w.yaml]\n", {
    "kustomization.yaml":
      "namePrefix: x-\ncommonAnnotations: {an: other}\ncrds: [crd.json]\nresources: [deployment.yaml, config.yaml, w.yaml]\n",
    "w.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {config: {name: settings}}\n",
    "crd.json":
      '{"example.com/v1.Widget": {"Schema": {"properties": {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {}, "spec": {"$ref": "example.com/v1.WidgetSpec"}}}}, "example.com/v1.WidgetSpec": {"Schema": {"properties": {"config": {"x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "ConfigMap"}}}}}',
  }),
  plain("a custom OpenAPI document names merge keys", "openapi: {path: api.json}\n", {
    "kustomization.yaml": `openapi: {path: api.json}
resources: [w.yaml]
patches:
- patch: |
    apiVersion: example.com/v1
    kind: Widget
    metadata: {name: w}
    spec: {items: [{id: b, v: 2}, {id: c}]}
`,
    "w.yaml":
      "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {items: [{id: a}, {id: b, v: 1}]}\n",
    "api.json":
      '{"definitions": {"W": {"type": "object", "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Widget"}], "properties": {"spec": {"$ref": "#/definitions/S"}}}, "S": {"properties": {"items": {"type": "array", "items": {"$ref": "#/definitions/I"}, "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "id"}}}, "I": {"properties": {"id": {"type": "string"}}}}}',
  }),
  plain("role bindings across namespaces", "", {
    "kustomization.yaml": "resources: [a, b]\n",
    "a/kustomization.yaml": "namespace: a\nnamePrefix: a-\nresources: [r.yaml]\n",
    "a/r.yaml":
      "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: cr}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: crb}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cr}\nsubjects: [{kind: ServiceAccount, name: sa, namespace: x}, {kind: ServiceAccount, name: default}]\n",
    "b/kustomization.yaml": "nameSuffix: -b\nnamespace: b\nresources: [r.yaml]\n",
    "b/r.yaml":
      "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: rb}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cr}\nsubjects: [{kind: ServiceAccount, name: sa, namespace: a}]\n",
  }),
  plain("case-insensitive fields and YAML 1.1", "NAMEPREFIX: x-\nCommonLabels: {a: 'yes'}\n"),
  plain("legacy fields", "", {
    "kustomization.yaml":
      "bases: [base]\nimageTags: [{name: nginx, newTag: '7'}]\npatchesStrategicMerge: [p.yaml]\npatchesJson6902: [{target: {group: apps, version: v1, kind: Deployment, name: web}, path: j.json}]\n",
    "base/kustomization.yaml": "resources: [d.yaml]\n",
    "base/d.yaml": deployment,
    "p.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 5}\n",
    "j.json": '[{"op": "add", "path": "/spec/x", "value": "y"}]',
  }),
  plain(
    "sort order of one's own",
    "sortOptions: {order: legacy, legacySortOptions: {orderFirst: [Deployment], orderLast: [ConfigMap]}}\n",
  ),
  plain("build metadata over bases and generators", "", {
    "kustomization.yaml":
      "resources: [base]\nbuildMetadata: [originAnnotations, transformerAnnotations, managedByLabel]\nnamePrefix: x-\nlabels: [{pairs: {a: b}}]\nconfigMapGenerator: [{name: g, literals: [a=b]}]\ntransformers: [t.yaml]\n",
    "base/kustomization.yaml": "resources: [d.yaml]\nnamespace: space\n",
    "base/d.yaml": deployment,
    "t.yaml":
      "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: lt}\nlabels: {z: z}\nfieldSpecs: [{path: metadata/labels, create: true}]\n",
  }),
  refused("annotations whose keys are numbers", "no string", "", {
    "kustomization.yaml": "resources: [a.yaml]\n",
    "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, annotations: {'8080': a}}\n",
  }),
  plain("labels whose keys are quoted numbers", "", {
    "kustomization.yaml": "resources: [a.yaml]\nlabels: [{pairs: {a: b}}]\n",
    "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: {'8080': a}}\n",
  }),
  refused("an object that is renamed after a patch took its name", "cannot be renamed", "", {
    "kustomization.yaml": "resources: [base]\nnameSuffix: -b\n",
    "base/kustomization.yaml":
      'resources: [d.yaml]\nnameSuffix: -a\npatches:\n- target: {kind: Deployment}\n  patch: |\n    - {op: add, path: /metadata/name, value: ""}\n',
    "base/d.yaml": deployment,
  }),
  refused("a renamed object with a comma in its name", "cannot be renamed", "namePrefix: x-\n", {
    "kustomization.yaml": "resources: [c.yaml]\nnamePrefix: x-\n",
    "c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 'a,b'}\n",
  }),
  blockCase,
  ...refusedCases,
];
