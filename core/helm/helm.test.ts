// Loading, values and rendering without the real helm: rules that a change should not break unseen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, memoryTree } from "@plumbline/core/model";
import { jsonOf, show, sprigFunctions } from "@plumbline/core/template";
import { defaultCapabilities, parseKubeVersion } from "./capabilities.ts";
import { helmFunctions } from "./functions.ts";
import { compileGlob } from "./glob.ts";
import { ignoreRules } from "./ignore-rules.ts";
import { loadChart, readValues } from "./load-chart.ts";
import { sortManifests, splitManifests } from "./manifests.ts";
import { compilePattern } from "./path-match.ts";
import { checkReleaseName } from "./release-name.ts";
import { printChart, renderChart } from "./render-chart.ts";
import { setJson, setLiteral, setString, setValue } from "./set-values.ts";
import { showChart } from "./show-chart.ts";

const refuse = (): never => {
  throw new RangeError("this test has no cryptography");
};
const functions = helmFunctions({
  now: () => 0n,
  random: (count) => new Uint8Array(count),
  crypto: {
    hash: refuse,
    hmacSha256: refuse,
    scrypt: refuse,
    encryptAes: refuse,
    decryptAes: refuse,
    bcrypt: refuse,
    generateKey: refuse,
    normalizeKey: refuse,
    checkCertificate: refuse,
    signCertificate: refuse,
  },
});

const release = { name: "rel", namespace: "ns" };
const chartYaml = "apiVersion: v2\nname: web\nversion: 1.0.0\n";

function render(files: Record<string, string>, values = "", options = {}): string {
  const chart = loadChart(memoryTree({ "Chart.yaml": chartYaml, ...files }));
  return printChart(renderChart(chart, readValues(values), release, { functions, ...options }));
}

test("renderChart() fills templates with values over defaults", () => {
  const text = render(
    { "values.yaml": "a: {x: 1, y: 2}\n", "templates/t.yaml": "kind: T\nv: {{ .Values | toJson }}\n" },
    "a: {y: null, z: 3}\n",
  );
  assert.equal(text, '---\n# Source: web/templates/t.yaml\nkind: T\nv: {"a":{"x":1,"z":3}}\n');
});

test("renderChart() does not change the chart: the second rendering is the first again", () => {
  const chart = loadChart(
    memoryTree({
      "Chart.yaml": `${chartYaml}dependencies: [{name: s, version: '*', repository: '', alias: t, condition: t.on}]\n`,
      "values.yaml": "t: {on: true}\n",
      "templates/a.yaml": 'kind: A\nv: {{ set .Values "seen" 1 | len }}\n',
      "charts/s/Chart.yaml": "apiVersion: v2\nname: s\nversion: 1.0.0\n",
      "charts/s/values.yaml": "x: 1\n",
      "charts/s/templates/s.yaml": "kind: S\nv: {{ .Values | toJson }}\n",
    }),
  );
  const once = (): string => printChart(renderChart(chart, readValues(""), release, { functions }));
  assert.equal(once(), once());
  assert.match(once(), /web\/charts\/t\/templates\/s.yaml/);
});

test("lookup asks the given function, and is empty without one", () => {
  const files = { "templates/t.yaml": 'kind: T\nv: {{ (lookup "v1" "Secret" "ns" "x").data }}\n' };
  assert.match(render(files), /v:\n$/);
  const asked: string[][] = [];
  const withLookup = helmFunctions({
    now: () => 0n,
    random: (count) => new Uint8Array(count),
    crypto: {} as never, // nothing in this test asks for it
    lookup: (...args) => {
      asked.push(args);
      return { data: "found" };
    },
  });
  assert.match(render(files, "", { functions: withLookup }), /v: found/);
  assert.deepEqual(asked, [["v1", "Secret", "ns", "x"]]);
});

test("a template that includes itself for ever, and a tpl that feeds itself, are refused", () => {
  const loop = { "templates/t.yaml": '{{ define "l" }}{{ include "l" . }}{{ end }}{{ include "l" . }}' };
  assert.throws(() => render(loop), /nested reference name: l/);
  const bomb = {
    "templates/t.yaml": "{{ tpl .Values.t . }}",
    "values.yaml": "t: '{{ tpl .Values.t . }}{{ tpl .Values.t . }}'\n",
  };
  assert.throws(
    () => render(bomb),
    (thrown) => thrown instanceof Failure && thrown.reason === "LimitExceeded",
  );
  const double = {
    "templates/t.yaml":
      '{{ define "d" }}{{ if gt (len .) 0 }}{{ include "d" (rest .) }}{{ include "d" (rest .) }}{{ end }}{{ end }}{{ include "d" (until 60 | reverse) }}',
  };
  assert.throws(
    () => render(double, "", { limits: { steps: 500_000 } }),
    (thrown) => thrown instanceof Failure && thrown.reason === "LimitExceeded",
  );
});

test("a chart's links are followed within the source and refused beyond it", () => {
  const files = { "Chart.yaml": chartYaml, "templates/t.yaml": "kind: T\n" };
  const tree = memoryTree(files);
  const linked = (target: string): ReturnType<typeof memoryTree> => ({
    ...tree,
    kind: (path) => (path === "templates/l.yaml" ? "symlink" : tree.kind(path)),
    list: (path) =>
      path === "templates" ? [{ name: "l.yaml", kind: "symlink" }, ...tree.list(path)] : tree.list(path),
    read: (path) => (path === "templates/l.yaml" ? new TextEncoder().encode(target) : tree.read(path)),
  });
  assert.deepEqual(
    loadChart(linked("t.yaml")).templates.map((file) => file.name),
    ["templates/l.yaml", "templates/t.yaml"],
  );
  for (const target of ["../../etc/passwd", "/etc/passwd", "l.yaml", "gone.yaml"]) {
    assert.throws(() => loadChart(linked(target)), /error evaluating symlink/);
  }
});

const sets: [string, (text: string, into: ReturnType<typeof readValues>) => unknown, string, string][] = [
  ["--set", setValue, "a=1,b=true,c=x,d=null,e=007", '{"a":1,"b":true,"c":"x","d":null,"e":"007"}'],
  ["--set", setValue, "a.b[1].c={1,x},k\\.l=m", '{"a":{"b":[null,{"c":[1,"x"]}]},"k.l":"m"}'],
  ["--set", setValue, "__proto__.x=1", '{"__proto__":{"x":1}}'],
  ["--set-string", setString, "a=1,b=true", '{"a":"1","b":"true"}'],
  ["--set-literal", setLiteral, "a.b=c,d={e}", '{"a":{"b":"c,d={e}"}}'],
  ["--set-json", setJson, 'a={"b":[1,2]},c="x"', '{"a":{"b":[1,2]},"c":"x"}'],
];

for (const [name, set, text, expected] of sets) {
  test(`${name} ${text}`, () => {
    const values = readValues("");
    set(text, values);
    assert.equal(JSON.stringify(jsonOf(values)), expected);
  });
}

test("--set refuses huge indexes and deep names", () => {
  assert.throws(() => setValue("a[99999999]=1", readValues("")), /greater than maximum supported index of 65536/);
  assert.throws(() => setValue(`${"a.".repeat(40)}b=1`, readValues("")), /nested level is greater/);
});

test("ignoreRules() follows .helmignore", () => {
  const ignored = ignoreRules("# c\n*.bak\n/root.txt\ndir/\nsub/*.md\n");
  const kept = ["a.txt", "sub/root.txt", "dir", "sub/x/y.md"].filter((path) => !ignored(path, false));
  assert.deepEqual(kept, ["a.txt", "sub/root.txt", "dir", "sub/x/y.md"]);
  assert.ok(["x.bak", "sub/x.bak", "root.txt", "sub/a.md", "templates/.x"].every((path) => ignored(path, false)));
  assert.ok(ignored("dir", true));
  assert.throws(() => ignoreRules("a/**"), /double-star/);
});

test("compilePattern() matches as filepath.Match does", () => {
  const rows: [string, string, boolean][] = [
    ["*.yaml", "a.yaml", true],
    ["*.yaml", "a/b.yaml", false],
    ["[a-c]?", "bx", true],
    ["[^a]", "b", true],
    ["[^a]", "a", false],
    ["\\*", "*", true],
    ["a**b", "axxb", true],
  ];
  for (const [pattern, path, expected] of rows) assert.equal(compilePattern(pattern).test(path), expected, pattern);
  for (const bad of ["[", "[]", "a\\", "[a-]"]) assert.throws(() => compilePattern(bad), /syntax error in pattern/);
});

test("compileGlob() knows separators, alternatives and classes", () => {
  const fits = (glob: string): string[] => ["a.txt", "d/a.txt", "d/e/b.json"].filter(compileGlob(glob).matches);
  assert.deepEqual(fits("*"), ["a.txt"]);
  assert.deepEqual(fits("**"), ["a.txt", "d/a.txt", "d/e/b.json"]);
  assert.deepEqual(fits("d/{a,b}.txt"), ["d/a.txt"]);
  assert.deepEqual(fits("[!x].txt"), ["a.txt"]);
});

test("compileGlob() takes a dash outside classes for a dash", () => {
  assert.equal(compileGlob("init-db.d/*.{sh,sql}").matches("init-db.d/a.sql"), true);
  assert.equal(compileGlob("init-db.d/*.{sh,sql}").matches("README.md"), false);
});

test("compileGlob() takes no time that grows with the number of wildcards' combinations, and refuses huge globs", () => {
  assert.equal(compileGlob(`${"*a".repeat(500)}!`).matches("a".repeat(500)), false);
  assert.equal(compileGlob(`${"{a,aa}".repeat(300)}!`).matches("a".repeat(500)), false);
  assert.throws(() => compileGlob("{".repeat(4000)), /more than 100 braces/);
  assert.throws(() => compileGlob("*".repeat(5000)), /more than 4096 characters/);
});

test("splitManifests() and sortManifests() put kinds in the order of installation", () => {
  assert.deepEqual(splitManifests("\n---\na: 1\n---  \n\n---\nb: 2\n"), ["a: 1\n", "b: 2\n"]);
  const files = new Map([
    ["c/templates/x.yaml", "kind: Zoo\n---\nkind: Deployment\n---\nkind: Namespace\n---\nkind: Ape\n"],
  ]);
  assert.deepEqual(
    sortManifests(files).manifests.map((manifest) => manifest.kind),
    ["Namespace", "Deployment", "Ape", "Zoo"],
  );
});

test("hooks keep their events, weight and policies", () => {
  const annotations =
    'annotations: {helm.sh/hook: "pre-install,test", helm.sh/hook-weight: "-2", helm.sh/hook-delete-policy: hook-failed}';
  const { hooks, manifests } = sortManifests(
    new Map([["c/x.yaml", `kind: Job\nmetadata:\n  name: j\n  ${annotations}\n`]]),
  );
  assert.equal(manifests.length, 0);
  const [hook] = hooks;
  assert.deepEqual(
    [hook?.name, hook?.events, hook?.weight, hook?.deletePolicies],
    ["j", ["pre-install", "test"], -2, ["hook-failed"]],
  );
});

test("parseKubeVersion() keeps the vendor's suffix apart", () => {
  assert.deepEqual(parseKubeVersion("1.30.1-gke.5"), {
    version: "v1.30.1-gke.5",
    normalized: "v1.30.1",
    major: "1",
    minor: "30",
  });
  assert.throws(() => parseKubeVersion("one"), /could not parse/);
  assert.equal(parseKubeVersion(defaultCapabilities.kubeVersion).normalized, defaultCapabilities.kubeVersion);
});

test("checkReleaseName() refuses what Kubernetes would", () => {
  for (const name of ["a", "a-b.c", "a1"]) checkReleaseName(name);
  for (const name of ["", "A", "-a", "a-", "a".repeat(54)])
    assert.throws(() => checkReleaseName(name), /release name check failed/);
});

test("showChart() prints metadata in alphabetical order and values as they stand", () => {
  const chart = loadChart(memoryTree({ "Chart.yaml": `${chartYaml}appVersion: 1.10\n`, "values.yaml": "# c\na: 1\n" }));
  assert.equal(showChart(chart, "chart"), 'apiVersion: v2\nappVersion: "1.1"\nname: web\nversion: 1.0.0\n\n');
  assert.equal(showChart(chart, "values"), "# c\na: 1\n\n");
});

test("helmFunctions() has sprig's functions but those that reach the host", () => {
  const sprig = sprigFunctions({ now: () => 0n, random: (n) => new Uint8Array(n), crypto: {} as never }); // none is called
  for (const name of sprig.keys()) assert.ok(functions.has(name), name);
  assert.ok(!functions.has("env") && !functions.has("expandenv"));
  assert.equal(show(functions.size > 200), "true");
});
