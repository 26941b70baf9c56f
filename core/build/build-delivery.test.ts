// Whole builds: order of the steps, labels, what is refused and how it is said.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  type BuildSpec,
  dig,
  type FileTree,
  memoryTree,
  NotLoaded,
  type Substitution,
  type Variables,
} from "@plumbline/core/model";
import { failureOf, plainBuild } from "@plumbline/testkit/delivery";
import { type BuiltDelivery, buildDelivery } from "./index.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const spec = plainBuild("./app");
const origin = {
  group: "kustomize.toolkit.fluxcd.io",
  version: "v1",
  kind: "Kustomization",
  namespace: "flux-system",
  name: "apps",
  uid: "",
  generation: 1,
  resourceVersion: "1",
};
const configMap =
  "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {own: x, team: files}\ndata:\n  k: ${v}\n";

interface Given {
  spec?: Partial<BuildSpec>;
  substitution?: Partial<Substitution>;
  variables?: Variables;
}

function buildOf(files: Record<string, string> | FileTree, given: Given = {}): BuiltDelivery {
  const tree = typeof files.read === "function" ? (files as FileTree) : memoryTree(files as Record<string, string>);
  const substitution: Substitution | undefined = given.substitution && {
    inline: {},
    from: [],
    strategy: "WithVariables",
    ...given.substitution,
  };
  const delivery = { origin, build: { ...spec, ...given.spec }, substitution };
  return buildDelivery(tree, delivery, { variables: given.variables, sha256 });
}

test("owner labels are added, and common metadata wins over everything", () => {
  const commonLabels = { team: "edge", "kustomize.toolkit.fluxcd.io/name": "other" };
  const { manifests } = buildOf(
    { "app/a.yaml": configMap },
    { spec: { commonLabels, commonAnnotations: { note: "n" } } },
  );
  assert.deepEqual(dig(manifests[0], "metadata"), {
    name: "a",
    labels: {
      own: "x",
      team: "edge",
      "kustomize.toolkit.fluxcd.io/name": "other",
      "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    },
    annotations: { note: "n" },
  });
});

test("common metadata does not count in the digest, substitution does", () => {
  const plain = buildOf({ "app/a.yaml": configMap });
  assert.equal(buildOf({ "app/a.yaml": configMap }, { spec: { commonLabels: { a: "b" } } }).digest, plain.digest);
  const substituted = buildOf({ "app/a.yaml": configMap }, { substitution: {}, variables: { v: "1" } });
  assert.notEqual(substituted.digest, plain.digest);
  assert.equal(dig(substituted.manifests[0], "data", "k"), 1);
});

test("nothing is substituted without postBuild, nor without any variable", () => {
  for (const given of [{ variables: { v: "1" } }, { substitution: {} }, { substitution: {}, variables: {} }]) {
    assert.equal(dig(buildOf({ "app/a.yaml": configMap }, given).manifests[0], "data", "k"), "${v}");
  }
  const failure = failureOf(() => buildOf({ "app/a.yaml": configMap }, { substitution: { strategy: "Always" } }));
  assert.match(failure.message, /variable not set \(strict mode\): "v"/u);
});

test("an empty folder is an empty build", () => {
  assert.deepEqual(buildOf({ "app/readme.md": "x" }).manifests, []);
});

test("settings of kustomize that are listed as resources are not applied", () => {
  const files = {
    "app/a.yaml": configMap,
    "app/k.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: x}\n",
  };
  assert.deepEqual(
    buildOf(files).manifests.map((manifest) => manifest.kind),
    ["ConfigMap"],
  );
});

test("what is wrong in a file is said with file and line, to be tried again with the next revision", () => {
  const failure = failureOf(() =>
    buildOf({
      "app/a.yaml": configMap,
      "app/b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n bad: x\n",
    }),
  );
  assert.equal(failure.where?.file, "app/b.yaml");
  assert.equal(failure.where?.line, 5);
  assert.notEqual(failure.retry, "never");
  const missing = failureOf(() => buildOf({ "app/kustomization.yaml": "resources: [gone.yaml]\n" }));
  assert.match(missing.message, /gone\.yaml/u);
  assert.equal(missing.reason, "BuildFailed");
});

test("bytes that are elsewhere are asked for, and nothing is caught on the way", () => {
  const real = memoryTree({ "app/a.yaml": configMap });
  const tree: FileTree = {
    ...real,
    read: (path) => {
      throw new NotLoaded([path]);
    },
  };
  assert.throws(
    () => buildOf(tree),
    (thrown) => thrown instanceof NotLoaded && thrown.paths.includes("app/a.yaml"),
  );
});

test("nothing outside of the tree is reached", () => {
  for (const outside of ["../../etc/passwd", "/etc/passwd", "../../../x.yaml", "file:///etc/passwd"]) {
    const failure = failureOf(() => buildOf({ "app/kustomization.yaml": `resources: ["${outside}"]\n` }));
    assert.equal(failure.reason, "BuildFailed", outside);
  }
});

test("whatever cannot be built is BuildFailed, as alerts expect; a missing path and a bomb are not", () => {
  const rows = [
    ["resources: ['https://example.com/x//y?ref=v1']\n", "BuildFailed"],
    ["resources: [\n", "BuildFailed"],
    ["helmCharts: [{name: x}]\n", "BuildFailed"],
    ["resources: [../app]\n", "BuildFailed"],
    [`a: ${"{".repeat(5000)}`, "LimitExceeded"],
  ] as const;
  for (const [text, reason] of rows) {
    assert.equal(failureOf(() => buildOf({ "app/kustomization.yaml": text })).reason, reason, text.slice(0, 80));
  }
  assert.equal(failureOf(() => buildOf({ "other/a.yaml": "" })).reason, "ArtifactFailed");
});

test("a link in the tree is as if it were not there", () => {
  const real = memoryTree({ "app/a.yaml": configMap });
  const tree: FileTree = {
    ...real,
    kind: (path) => (path === "app/link.yaml" ? "symlink" : real.kind(path)),
    list: (path) => (path === "app" ? [...real.list(path), { name: "link.yaml", kind: "symlink" }] : real.list(path)),
  };
  assert.equal(buildOf(tree).manifests.length, 1);
});

test("names of the prototype are names like others", () => {
  const text =
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {__proto__: x, constructor: y}\ndata: {__proto__: z}\n";
  const [manifest] = buildOf({ "app/a.yaml": text }).manifests;
  assert.deepEqual(Object.keys(dig(manifest, "metadata", "labels") as object).slice(0, 2), [
    "__proto__",
    "constructor",
  ]);
  assert.equal(Object.getPrototypeOf(dig(manifest, "metadata", "labels")), Object.prototype);
});

test("the same files give the same result, and nothing of the input is changed", () => {
  const first = buildOf({ "app/a.yaml": configMap });
  const second = buildOf({ "app/a.yaml": configMap });
  assert.deepEqual(first, second);
});

test("a name that a patch or a variable makes a second time is refused", () => {
  const two = `${configMap}---\n${configMap.replace("name: a", "name: b")}`;
  const rename = { patch: "- op: replace\n  path: /metadata/name\n  value: same\n", target: { kind: "ConfigMap" } };
  const patched = failureOf(() => buildOf({ "app/a.yaml": two }, { spec: { patches: [rename] } }));
  assert.match(patched.message, /already registered id: ConfigMap\.v1\.\[noGrp\]\/same/);
  const variable = configMap.replace("name: a", "name: a-${v}") + "---\n" + configMap.replace("name: a", "name: a-1");
  const substituted = failureOf(() => buildOf({ "app/a.yaml": variable }, { substitution: {}, variables: { v: "1" } }));
  assert.equal(substituted.where?.object, "ConfigMap/a-1");
  const elsewhere = configMap + "---\n" + configMap.replace("name: a", "name: a\n  namespace: other");
  assert.equal(buildOf({ "app/a.yaml": elsewhere }).manifests.length, 2);
});

test("remote bases and files are refused, with the file that names them and another way", () => {
  for (const [address, hint] of [
    ["https://git.example.com/team/repo//base?ref=v1", /source of its own/],
    ["github.com/team/repo/base", /source of its own/],
    ["https://example.com/crd.yaml", /Copy the file/],
  ] as const) {
    const failure = failureOf(() => buildOf({ "app/kustomization.yaml": `resources: ["${address}"]\n` }));
    assert.deepEqual([failure.reason, failure.where?.file], ["BuildFailed", "app/kustomization.yaml"]);
    assert.ok(failure.message.includes(`${address} cannot be fetched here`), failure.message);
    assert.match(failure.hint ?? "", hint);
  }
});
