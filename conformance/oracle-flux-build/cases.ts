// Files and Kustomizations that the build is tried on, by Flux and by us.

import type { JsonObject } from "@plumbline/core/model";

export interface BuildCase {
  name: string;
  files: Record<string, string>;
  path: string;
  spec: JsonObject;
}

function configMap(name: string, data: Record<string, string> = { key: "value" }): string {
  const lines = Object.entries(data).map(([key, value]) => `  ${key}: ${value}\n`);
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${lines.join("")}`;
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: web:1.0
      - name: side
        image: registry.example.com/side@sha256:aaaa
`;

function kustomization(text: string): Record<string, string> {
  return { "app/kustomization.yaml": text, "app/web.yaml": deployment, "app/a.yaml": configMap("a") };
}

function row(name: string, files: Record<string, string>, spec: JsonObject = {}, path = "./app"): BuildCase {
  return { name, files, path, spec };
}

const generation: BuildCase[] = [
  row("plain manifests, deep, with folders of their own in between", {
    "app/b.yaml": configMap("b"),
    "app/a.yml": configMap("a"),
    "app/deep/er/c.yaml": configMap("c"),
    "app/deep/own/Kustomization": "resources: [d.yaml]\n",
    "app/deep/own/d.yaml": configMap("d"),
    "app/deep/own/ignored.yaml": "no: manifest\n",
    "app/notes.txt": "x",
    "app/upper.YAML": "not: read\n",
    "other/e.yaml": configMap("e"),
  }),
  row("names in byte order, folders among files", {
    "app/B.yaml": configMap("b"),
    "app/a/x.yaml": configMap("x"),
    "app/a.yaml": configMap("a"),
    "app/a-b.yaml": configMap("a-b"),
    "app/10.yaml": configMap("ten"),
    "app/9.yaml": configMap("nine"),
    "app/é.yaml": configMap("e-acute"),
  }),
  row("an empty folder", { "app/readme.md": "x" }),
  row("a file that is no manifest", { "app/a.yaml": configMap("a"), "app/values.yaml": "replicas: 1\n" }),
  row("a file with comments only", { "app/a.yaml": configMap("a"), "app/empty.yaml": "# nothing\n" }),
  row("a file that is empty", { "app/empty.yaml": "" }),
  row("a file that starts with a byte order mark", { "app/a.yaml": `\ufeff${configMap("a")}` }),
  row("broken YAML", { "app/a.yaml": "apiVersion: v1\n kind: x\n" }),
  row("several documents and a list", {
    "app/a.yaml": `${configMap("a")}---\n${configMap("b")}---\n# end\n`,
    "app/l.yaml": `apiVersion: v1\nkind: List\nitems:\n- ${configMap("c").replaceAll("\n", "\n  ").trimEnd()}\n`,
  }),
  row("a local configuration", {
    "app/a.yaml": configMap("a"),
    "app/l.yaml": configMap("l").replace(
      "name: l",
      'name: l\n  annotations: {config.kubernetes.io/local-config: "true"}',
    ),
  }),
  row("twice the same object", { "app/a.yaml": configMap("a"), "app/b.yaml": configMap("a") }),
  row("no name", { "app/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  generateName: a-\n" }),
  row("the root", { "a.yaml": configMap("a"), "x/b.yaml": configMap("b") }, {}, ""),
  row("the root as a dot", { "a.yaml": configMap("a") }, {}, "./"),
  row("a path out of the root ends at it", { "b/a.yaml": configMap("a") }, {}, "../../b"),
  row("a path with detours", { "b/a.yaml": configMap("a") }, {}, "/b/../b/./"),
  row("a path that is not there", { "b/a.yaml": configMap("a") }, {}, "./nowhere"),
  row("a path that is a file", { "b/a.yaml": configMap("a") }, {}, "./b/a.yaml"),
];

const edits: BuildCase[] = [
  row("nothing to edit", kustomization("resources: [web.yaml, a.yaml]\n")),
  row("an empty kustomization file", kustomization("")),
  row("no resources, a generator", kustomization("configMapGenerator:\n- name: g\n  literals: [a=1]\n")),
  row(
    "fields that do not exist are dropped",
    kustomization("resources: [a.yaml]\nresorces: [x]\nimages:\n- name: web\n  tag: x\n"),
  ),
  row("names of fields in any case", kustomization("Resources: [web.yaml]\nIMAGES:\n- NAME: web\n  newtag: 2\n")),
  row(
    "numbers where texts belong",
    kustomization(
      "resources: [web.yaml]\nimages:\n- name: web\n  newTag: 1.10\nlabels:\n- pairs: {num: 1, flag: true, float: 1e3}\n",
    ),
  ),
  row("a list where a text belongs", kustomization("resources: [web.yaml]\nnamespace: [a]\n")),
  row("a text where a list belongs", kustomization("resources: web.yaml\n")),
  row(
    "a text where a flag belongs",
    kustomization('resources: [web.yaml]\nlabels:\n- pairs: {a: b}\n  includeSelectors: "yes"\n'),
  ),
  row("not a mapping", kustomization("- a\n")),
  row("nulls", kustomization("resources: [web.yaml]\npatches:\nimages: null\ncommonAnnotations: {a: null}\n")),
  row("another kind", kustomization("kind: Component\nresources: [a.yaml]\n")),
  row("another version", kustomization("apiVersion: kustomize.config.k8s.io/v1\nresources: [a.yaml]\n")),
  row("two kustomization files", {
    ...kustomization("resources: [a.yaml]\n"),
    "app/kustomization.yml": "resources: [web.yaml]\n",
  }),
  row("a namespace for all", kustomization("resources: [web.yaml, a.yaml]\nnamespace: there\n"), {
    targetNamespace: "here",
  }),
  row("prefix and suffix", kustomization("resources: [web.yaml, a.yaml]\nnamePrefix: x-\n"), {
    namePrefix: "p-",
    nameSuffix: "-s",
  }),
  row(
    "images over images",
    kustomization(
      "resources: [web.yaml]\nimages:\n- name: web\n  newTag: '1'\n  digest: sha256:bb\n- name: registry.example.com/side\n  newName: x\n",
    ),
    {
      images: [
        { name: "web", newTag: "2" },
        { name: "registry.example.com/side", digest: "sha256:cc" },
        { name: "other", newName: "o" },
      ],
    },
  ),
  row("a new name alone", kustomization("resources: [web.yaml]\nimages:\n- name: web\n  newTag: '1'\n"), {
    images: [{ name: "web", newName: "mirror.example.com/web" }],
  }),
  row(
    "patches behind patches",
    kustomization(
      "resources: [web.yaml]\npatches:\n- patch: |-\n    - op: replace\n      path: /spec/replicas\n      value: 1\n  target: {kind: Deployment}\n",
    ),
    {
      patches: [
        { patch: "- op: add\n  path: /spec/replicas\n  value: 5\n", target: { kind: "Deployment", name: "w.*" } },
        { patch: "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  paused: true\n" },
      ],
    },
  ),
  row("a patch for nothing", kustomization("resources: [web.yaml]\n"), {
    patches: [{ patch: "- op: remove\n  path: /x\n", target: { kind: "Service" } }],
  }),
  row(
    "components",
    {
      ...kustomization("resources: [web.yaml]\n"),
      "parts/one/kustomization.yaml":
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {part: one}\n",
    },
    { components: ["../parts/one"] },
  ),
  row("components that are missing, and may be", kustomization("resources: [web.yaml]\n"), {
    components: ["../parts/one", "missing"],
    ignoreMissingComponents: true,
  }),
  row("components that are missing, and may not be", kustomization("resources: [web.yaml]\n"), {
    components: ["../parts/one"],
  }),
  row("a component from elsewhere", kustomization("resources: [web.yaml]\n"), {
    components: ["https://example.com/x"],
    ignoreMissingComponents: true,
  }),
  row("a component with an absolute path", kustomization("resources: [web.yaml]\n"), { components: ["/etc"] }),
  row("a base outside of the folder, inside the root", {
    "app/kustomization.yaml": "resources: [../base]\n",
    "base/kustomization.yaml": "resources: [a.yaml]\n",
    "base/a.yaml": configMap("a"),
  }),
  row("a file outside of the root", { "app/kustomization.yaml": "resources: [../../../../etc/passwd]\n" }),
  row("a base that is missing", { "app/kustomization.yaml": "resources: [../base]\n" }),
  row(
    "edits on generated files",
    { "app/web.yaml": deployment, "app/a.yaml": configMap("a") },
    {
      targetNamespace: "here",
      namePrefix: "p-",
      images: [{ name: "web", newTag: "3" }],
    },
  ),
];

const substitution: BuildCase[] = [
  row(
    "variables",
    { "app/a.yaml": configMap("a-${site}", { x: "${v}", y: "${w:-d}", z: "$${v}", p: "$v" }) },
    {
      postBuild: { substitute: { site: "hall-a", v: "1" } },
    },
  ),
  row(
    "an undefined variable",
    { "app/a.yaml": configMap("a", { x: "${undefined}" }) },
    { postBuild: { substitute: { v: "1" } } },
  ),
  row(
    "no variables at all leave everything",
    { "app/a.yaml": configMap("a", { x: "${undefined}" }) },
    { postBuild: {} },
  ),
  row(
    "no variables, always",
    { "app/a.yaml": configMap("a", { x: "${w:=d}" }) },
    { postBuild: { substituteStrategy: "Always" } },
  ),
  row("a name that is none", { "app/a.yaml": configMap("a") }, { postBuild: { substitute: { "a-b": "1" } } }),
  row(
    "values become numbers and flags again",
    { "app/a.yaml": configMap("a", { x: "${v}", y: '"${v}"', z: "${t}" }) },
    {
      postBuild: { substitute: { v: "5", t: "true" } },
    },
  ),
  row(
    "a value that breaks the YAML",
    { "app/a.yaml": configMap("a", { x: "${v}" }) },
    { postBuild: { substitute: { v: "a: b: c" } } },
  ),
  row(
    "an object that opts out",
    {
      "app/a.yaml": configMap("a", { x: "${v}" }).replace(
        "name: a",
        "name: a\n  labels: {kustomize.toolkit.fluxcd.io/substitute: disabled}",
      ),
      "app/b.yaml": configMap("b", { x: "${v}" }),
    },
    { postBuild: { substitute: { v: "1" } } },
  ),
  row(
    "line breaks in values vanish",
    { "app/a.yaml": configMap("a", { x: "${v}" }) },
    { postBuild: { substitute: { v: "a\nb\n" } } },
  ),
];

const twice: BuildCase[] = [
  row(
    "a patch gives two objects one name",
    { "app/a.yaml": configMap("a"), "app/b.yaml": configMap("b") },
    {
      patches: [{ patch: "- op: replace\n  path: /metadata/name\n  value: same\n", target: { kind: "ConfigMap" } }],
    },
  ),
  row(
    "a variable gives two objects one name",
    { "app/a.yaml": configMap("x-${v}"), "app/b.yaml": configMap("x-1") },
    { postBuild: { substitute: { v: "1" } } },
  ),
  row("one name in two namespaces", {
    "app/a.yaml": configMap("a"),
    "app/b.yaml": configMap("a").replace("name: a", "name: a\n  namespace: other"),
  }),
  row("no namespace and the default one", {
    "app/a.yaml": configMap("a"),
    "app/b.yaml": configMap("a").replace("name: a", "name: a\n  namespace: default"),
  }),
  row("one name in two versions", {
    "app/a.yaml": "apiVersion: example.com/v1\nkind: Custom\nmetadata: {name: a}\n",
    "app/b.yaml": "apiVersion: example.com/v2\nkind: Custom\nmetadata: {name: a}\n",
  }),
];

export const buildCases: BuildCase[] = [...generation, ...edits, ...substitution, ...twice];
