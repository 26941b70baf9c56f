// Charts of our own, each about one part of Helm, with the ways in which they are rendered.

import type { Case } from "./real-helm.ts";

export interface Fixture {
  name: string;
  files: Record<string, string>;
  /** Without the chart's path; `{}` renders the defaults. `values` become a values file. */
  cases: (Omit<Case, "chart" | "valueFiles"> & { values?: string[] })[];
}

const configMap = (name: string, body: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${body}`;

const chartYaml = (name: string, rest = ""): string => `apiVersion: v2\nname: ${name}\nversion: 1.2.3\n${rest}`;

export const fixtures: readonly Fixture[] = [
  {
    name: "subcharts with conditions, tags, aliases, globals and imports",
    files: {
      "Chart.yaml": chartYaml(
        "parent",
        `dependencies:
  - {name: child, version: "*", repository: "", condition: child.enabled,other.enabled, tags: [front]}
  - {name: child, version: ">=0.1.0", repository: "", alias: twin, import-values: [exported, {child: deep.table, parent: taken}]}
  - {name: lonely, version: 1.x.x, repository: "", tags: [back, never]}
`,
      ),
      "values.yaml":
        "global: {zone: a, nested: {x: 1, y: null}}\nown: 1\nchild: {enabled: true, color: blue, drop: null}\ntwin: {color: red}\ntags: {back: false}\nlonely: {n: 1}\n",
      "templates/_helpers.tpl":
        '{{ define "shared" }}parent{{ end }}{{ define "parent.only" }}p-{{ .Chart.Name }}{{ end }}',
      "templates/cm.yaml": configMap(
        "parent",
        '  v: {{ .Values | toJson | quote }}\n  sub: {{ keys .Subcharts | sortAlpha | toJson | quote }}\n  inc: {{ include "shared" . }}\n',
      ),
      "charts/child/Chart.yaml": chartYaml("child", "version: 0.3.0\nappVersion: 1.10\n".slice(15)),
      "charts/child/values.yaml":
        "color: green\ndrop: me\nkeep: {a: 1, b: 2}\nexports: {exported: {fromChild: yes, list: [1]}}\ndeep: {table: {k: v}}\nglobal: {zone: b, own: c}\n",
      "charts/child/templates/_helpers.tpl": '{{ define "shared" }}child{{ end }}',
      "charts/child/templates/cm.yaml": configMap(
        "{{ .Chart.Name }}",
        '  v: {{ .Values | toJson | quote }}\n  app: {{ .Chart.AppVersion | quote }}\n  inc: {{ include "shared" . }} {{ include "parent.only" . }}\n  path: {{ .Template.Name }} {{ .Template.BasePath }} {{ .Chart.IsRoot }}\n',
      ),
      "charts/child/charts/grand/Chart.yaml": chartYaml("grand"),
      "charts/child/charts/grand/values.yaml": "g: 1\n",
      "charts/child/charts/grand/templates/cm.yaml": configMap(
        "grand-{{ .Values.global.zone }}",
        "  v: {{ .Values | toJson | quote }}\n",
      ),
      "charts/lonely/Chart.yaml": chartYaml("lonely"),
      "charts/lonely/templates/cm.yaml": configMap("lonely", "  v: {{ .Values | toJson | quote }}\n"),
      "charts/_hidden/Chart.yaml": "not: loaded\n",
    },
    cases: [
      {},
      { set: ["child.enabled=false"] },
      { set: ["tags.front=false,tags.back=true"] },
      { set: ["child.color=null,twin.keep.a=null,global.nested=null"] },
      { set: ["child.grand.g=5,twin.grand=null"] },
      { values: ["child: {keep: null, grand: {g: null}}\nglobal: {zone: z, list: [1]}\n", "child: {keep: {c: 3}}\n"] },
      { set: ["child=3"] },
      { values: ["lonely: null\ntags: {never: true}\n"] },
      { setString: ["own=007"], set: ["twin.deep.table.k=changed,twin.exports.exported.list={a,b}"] },
    ],
  },
  {
    name: "hooks, kinds in order, several documents, tests, notes and partials",
    files: {
      "Chart.yaml": chartYaml("hooks"),
      "templates/all.yaml": [
        "kind: Zebra\napiVersion: x/v1\nmetadata: {name: z}",
        "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: d}",
        "",
        "# only a comment",
        "kind: Service\napiVersion: v1\nmetadata: {name: s}\n",
        "kind: Job\napiVersion: batch/v1\nmetadata:\n  name: h1\n  annotations: {helm.sh/hook: 'pre-install, post-upgrade', helm.sh/hook-weight: '5', helm.sh/hook-delete-policy: before-hook-creation}",
        "kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: h2\n  annotations: {helm.sh/hook: pre-install, helm.sh/hook-weight: -3}",
        "kind: Pod\napiVersion: v1\nmetadata:\n  name: t\n  annotations: {helm.sh/hook: test-success}",
        "kind: Pod\napiVersion: v1\nmetadata:\n  name: unknown\n  annotations: {helm.sh/hook: no-such-hook}",
        "kind: Apple\napiVersion: x/v1\nmetadata: {name: a}",
        "kind: Namespace\napiVersion: v1\nmetadata: {name: n}",
      ].join("\n---\n"),
      "templates/spaced.yaml":
        "\n\n---   \n\nkind: Secret\napiVersion: v1\nmetadata: {name: sec}\n\n\n---\t\n{{- if .Values.x }}\nkind: Role\n{{- end }}\n",
      "templates/empty.yaml": "{{ if .Values.x }}a: 1{{ end }}\n",
      "templates/_partial.yaml": "never: printed\n",
      "templates/NOTES.txt": "Thanks for {{ .Release.Name }}\n",
      "templates/sub/dir.txt": "kind: Text\n",
      "templates/.hidden": "kind: Hidden\n",
      "crds/crd.yaml": "kind: CustomResourceDefinition\nmetadata: {name: c}\n",
      "crds/readme.md": "not a manifest\n",
    },
    cases: [{}, { includeCrds: true }, { set: ["x=true"] }, { isUpgrade: true }],
  },
  {
    name: "files, globs, .helmignore and capabilities",
    files: {
      "Chart.yaml": chartYaml(
        "files",
        "kubeVersion: '>=1.20.0-0'\nannotations: {a: 'b', n: 1}\nmaintainers: [{name: m, email: e}]\nkeywords: [k1, k2]\ndeprecated: true\n",
      ),
      ".helmignore": "# comment\n*.bak\nsecret/\n/only-root.txt\nconf/skip?.txt\n!conf\n".replace("!conf\n", ""),
      "conf/a.txt": "alpha\nbeta\n",
      "conf/b.txt": "no newline",
      "conf/skip1.txt": "skipped",
      "conf/deep/c.json": '{"x": 1}',
      "only-root.txt": "skipped",
      "conf/only-root.txt": "kept",
      "x.bak": "skipped",
      "secret/s.txt": "skipped",
      "empty.txt": "",
      "templates/t.yaml": configMap(
        "files",
        `{{ (.Files.Glob "conf/*.txt").AsConfig | indent 2 }}
  secrets: {{ (.Files.Glob "conf/**").AsSecrets | toJson }}
  all: {{ range $path, $bytes := .Files }}{{ $path }}={{ len $bytes }} {{ end }}
  lines: {{ .Files.Lines "conf/a.txt" | toJson }} {{ .Files.Lines "empty.txt" | toJson }}
  get: {{ .Files.Get "conf/b.txt" | quote }} {{ .Files.Get "nope" | quote }} {{ .Files.GetBytes "conf/b.txt" | len }}
  globs: {{ range list "*" "**" "conf/?.txt" "conf/[ab].txt" "conf/[!a].txt" "{conf/a.txt,empty.txt}" "**.json" "conf/{a,b}*" "[" "conf/\\\\a.txt" }}{{ . }}:{{ range $p, $_ := $.Files.Glob . }}{{ $p }},{{ end }} {{ end }}
  json: {{ .Files.Get "conf/deep/c.json" | fromJson | toYaml | quote }}
  chart: {{ .Chart | toJson | quote }}
  caps: {{ .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion.Minor }} {{ .Capabilities.APIVersions.Has "my.api/v1" }} {{ .Capabilities.APIVersions.Has "my.api/v1/Kind" }}
`,
      ),
    },
    cases: [
      {},
      { apiVersions: ["my.api/v1", "my.api/v1/Kind"] },
      { kubeVersion: "1.25.3" },
      { kubeVersion: "v1.30.1-gke.5" },
      { kubeVersion: "1.19.0" },
    ],
  },
  {
    name: "errors of templates at their places",
    files: {
      "Chart.yaml": chartYaml("errors"),
      "values.yaml": "which: none\ntext: x\n",
      "templates/_h.tpl":
        '{{ define "deep" }}\n\n  {{ .Values.text.field }}{{ end }}{{ define "outer" }}{{ include "deep" . }}{{ end }}',
      "templates/a.yaml": [
        '{{ if eq .Values.which "fail" }}{{ fail "stop\\nhere" }}{{ end }}',
        '{{ if eq .Values.which "required" }}{{ required "value needed" .Values.nope }}{{ end }}',
        '{{ if eq .Values.which "deep" }}{{ include "outer" . }}{{ end }}',
        '{{ if eq .Values.which "type" }}{{ .Values.text | repeat "x" }}{{ end }}',
        '{{ if eq .Values.which "nil" }}{{ .Values.a.b.c }}{{ end }}',
        '{{ if eq .Values.which "tpl" }}{{ tpl "{{ .Values.text.field }}" . }}{{ end }}',
        '{{ if eq .Values.which "tplparse" }}{{ tpl "{{ if }}" . }}{{ end }}',
        '{{ if eq .Values.which "missing" }}{{ include "nope" . }}{{ end }}',
        '{{ if eq .Values.which "yaml" }}a: b: c{{ end }}',
        '{{ if eq .Values.which "list" }}[1, 2]{{ end }}',
        '{{ if eq .Values.which "scalar" }}just text{{ end }}',
        '{{ if eq .Values.which "tab" }}a:\n\tb: 1{{ end }}',
      ].join("\n"),
    },
    cases: [
      "none",
      "fail",
      "required",
      "deep",
      "type",
      "nil",
      "tpl",
      "tplparse",
      "missing",
      "yaml",
      "list",
      "scalar",
      "tab",
    ].map((which) => ({ set: [`which=${which}`] })),
  },
  ...[
    "{{ if }}",
    "{{ .Values.x",
    "{{ nosuch }}",
    '{{ define "a" }}',
    "{{ end }}",
    '{{ template "x" }}',
    "a\nb\n{{ range .Values.l }}",
  ].map((template): Fixture => ({
    name: `the template ${template}`,
    files: { "Chart.yaml": chartYaml("parse"), "templates/t.yaml": template },
    cases: [{}],
  })),
  {
    name: "values.schema.json",
    files: {
      "Chart.yaml": chartYaml("schema"),
      "values.yaml": "replicas: 1\nname: ok\n",
      "values.schema.json":
        '{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","required":["name"],"properties":{"replicas":{"type":"integer","minimum":1},"name":{"type":"string","pattern":"^[a-z]+$"},"mode":{"enum":["a","b"]},"list":{"type":"array","items":{"type":"string"}}},"additionalProperties":true}',
      "templates/t.yaml": configMap("x", "  r: '{{ .Values.replicas }}'\n"),
    },
    cases: [
      {},
      { set: ["replicas=0"] },
      { set: ["replicas=x"] },
      { set: ["name=null"] },
      { set: ["name=UPPER"] },
      { set: ["mode=c"] },
      { set: ["list={a,b}"] },
      { set: ["list={1,2}"] },
      { set: ["replicas=2"] },
    ],
  },
  {
    name: "a library chart used by an application, and values that clash",
    files: {
      "Chart.yaml": chartYaml("app", 'dependencies: [{name: lib, version: "1.2.3", repository: ""}]\n'),
      "values.yaml": "table: {a: 1}\nscalar: x\nlist: [1, 2]\nnothing: null\n",
      "templates/t.yaml": '{{ include "lib.cm" . }}\n',
      "charts/lib/Chart.yaml": chartYaml("lib", "type: library\n"),
      "charts/lib/values.yaml": "l: 1\n",
      "charts/lib/templates/_cm.tpl": `{{ define "lib.cm" }}${configMap("lib", "  v: {{ .Values | toJson | quote }}\n")}{{ end }}`,
      "charts/lib/templates/ignored.yaml": "kind: Never\n",
    },
    cases: [
      {},
      { set: ["table=scalar"] },
      { set: ["scalar.a=1"] },
      { set: ["list=x"] },
      { set: ["list[1]=9,list[3]=x"] },
      { set: ["table.a=null"] },
      { set: ["nothing=1"] },
      { set: ["a\\.b=c,x.y[0].z={1,2},t=true,n=null,zero=0,lead=007,big=9223372036854775808,neg=-5,float=1.5"] },
      { set: ["bad"] },
      { set: ["a.b"] },
      { set: ["a[x]=1"] },
      { set: ["a[-1]=1"] },
      { set: ["a={1,2"] },
      { set: ["a=1,"] },
      { set: ["=1"] },
      { set: ["a="] },
      { set: ["a[0][1]=x"] },
      { set: ["lib.l=2"] },
    ],
  },
  ...(
    [
      ["a subchart without Chart.yaml", { "Chart.yaml": chartYaml("x"), "charts/c/values.yaml": "a: 1\n" }],
      ["a Chart.yaml without a name", { "Chart.yaml": "apiVersion: v2\nversion: 1.0.0\n" }],
      ["a Chart.yaml without a version", { "Chart.yaml": "apiVersion: v2\nname: x\n" }],
      ["a bad version", { "Chart.yaml": "apiVersion: v2\nname: x\nversion: one\n" }],
      ["a bad type", { "Chart.yaml": chartYaml("x", "type: other\n") }],
      ["a library", { "Chart.yaml": chartYaml("x", "type: library\n") }],
      ["values that are a list", { "Chart.yaml": chartYaml("x"), "values.yaml": "- 1\n" }],
      ["values that are no YAML", { "Chart.yaml": chartYaml("x"), "values.yaml": "a: b: c\n" }],
      [
        "a missing dependency",
        { "Chart.yaml": chartYaml("x", "dependencies: [{name: gone, version: 1.0.0, repository: ''}]\n") },
      ],
      ["a name with a slash", { "Chart.yaml": chartYaml("x/y") }],
      [
        "two dependencies of a name",
        {
          "Chart.yaml": chartYaml(
            "x",
            "dependencies: [{name: a, version: 1, repository: ''}, {name: a, version: 2, repository: ''}]\n",
          ),
        },
      ],
      [
        "version 1 with requirements",
        {
          "Chart.yaml": "name: x\nversion: 1.0.0\n",
          "requirements.yaml": "dependencies: [{name: c, version: '*', repository: '', condition: c.on}]\n",
          "charts/c/Chart.yaml": "name: c\nversion: 0.1.0\n",
          "charts/c/templates/t.yaml": "kind: C\n",
          "values.yaml": "c: {on: true}\n",
        },
      ],
      ["a kubeVersion that does not fit", { "Chart.yaml": chartYaml("x", "kubeVersion: '>=2'\n") }],
      [
        "values in several documents",
        {
          "Chart.yaml": chartYaml("x"),
          "values.yaml": "a: {b: 1}\n---\na: {c: 2}\nd: [1]\n",
          "templates/t.yaml": "kind: V\nv: {{ .Values | toJson }}\n",
        },
      ],
      [
        "a byte order mark",
        {
          "Chart.yaml": `\ufeff${chartYaml("x")}`,
          "values.yaml": "\ufeffa: 1\n",
          "templates/t.yaml": "\ufeffkind: V\nv: {{ .Values.a }}\n",
        },
      ],
      [
        "templates that change values for each other",
        {
          "Chart.yaml": chartYaml("x"),
          "templates/a.yaml": "kind: A\nv: {{ .Values.set }}\n",
          "templates/b.yaml": 'kind: B\nv: {{ set .Values "set" "by b" | len }}\n',
        },
      ],
    ] as [string, Record<string, string>][]
  ).map(([name, files]): Fixture => ({ name, files, cases: [{}] })),
];
