// The kustomization file of a delivery: collected, edited, refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type BuildSpec, memoryTree, NotLoaded } from "@plumbline/core/model";
import { failureOf, plainBuild } from "@plumbline/testkit/delivery";
import { generateKustomization } from "./generate-kustomization.ts";

const plain = plainBuild("");
const head = "apiVersion: kustomize.config.k8s.io/v1beta1\n";

function textOf(files: Record<string, string>, spec: Partial<BuildSpec> = {}): string {
  return generateKustomization(memoryTree(files), "app", { ...plain, ...spec }).text;
}

test("without a file the manifests are collected, and folders with a file of their own are one entry", () => {
  const files = {
    "app/b.yaml": "",
    "app/a/x.yml": "",
    "app/own/Kustomization": "",
    "app/own/y.yaml": "",
    "app/z.txt": "",
  };
  assert.equal(textOf(files), `${head}kind: Kustomization\nresources:\n- ./a/x.yml\n- ./b.yaml\n- ./own\n`);
  assert.equal(textOf({ "app/z.txt": "" }), `${head}kind: Kustomization\nnamespace: _placeholder\n`);
});

test("none of the manifests is read to collect them", () => {
  const tree = memoryTree({ "app/b.yaml": "" });
  const unread = {
    ...tree,
    read: (path: string): Uint8Array => {
      throw new NotLoaded([path]);
    },
  };
  assert.equal(generateKustomization(unread, "app", plain).generated, true);
});

test("a file that is not loaded is asked for", () => {
  const tree = memoryTree({ "app/kustomization.yml": "" });
  const unread = {
    ...tree,
    read: (path: string): Uint8Array => {
      throw new NotLoaded([path]);
    },
  };
  assert.throws(
    () => generateKustomization(unread, "app", plain),
    (thrown) => thrown instanceof NotLoaded && thrown.paths[0] === "app/kustomization.yml",
  );
});

test("the file that is there is edited under its own name", () => {
  const result = generateKustomization(memoryTree({ "app/Kustomization": "resources: [a.yaml]\n" }), "app", {
    ...plain,
    targetNamespace: "x",
  });
  assert.deepEqual(result, {
    file: "app/Kustomization",
    text: `${head}kind: Kustomization\nnamespace: x\nresources:\n- a.yaml\n`,
    generated: false,
  });
});

test("a field of the wrong form is named with its file", () => {
  const failure = failureOf(() => textOf({ "app/kustomization.yaml": "resources: [a.yaml]\nimages:\n- name: [x]\n" }));
  assert.equal(failure.reason, "BuildFailed");
  assert.match(failure.message, /^app\/kustomization\.yaml: images\[0\]\.name must be a text, is a list$/u);
  assert.deepEqual(failure.where, { file: "app/kustomization.yaml", field: "images[0].name" });
});

test("broken YAML is named with file and line", () => {
  const failure = failureOf(() => textOf({ "app/kustomization.yaml": "resources:\n- a\n b: c\n" }));
  assert.equal(failure.where?.file, "app/kustomization.yaml");
  assert.ok((failure.where?.line ?? 0) >= 2);
});

test("components from outside of the source are refused", () => {
  for (const component of [
    "https://x/y",
    "HTTP://x/y",
    "git@host:x",
    "github.com/x/y",
    "/etc",
    "file:///etc",
    "gh:x",
  ]) {
    const failure = failureOf(() =>
      textOf({ "app/kustomization.yaml": "" }, { components: [component], ignoreMissingComponents: true }),
    );
    assert.equal(failure.message, `component path '${component}' must be local and relative`);
  }
  assert.match(textOf({ "app/kustomization.yaml": "", "gh:/x": "" }, { components: ["gh:"] }), /components:\n- 'gh:'/u);
});

test("keys of the prototype are fields that do not exist", () => {
  const text = textOf({
    "app/kustomization.yaml":
      "__proto__: {resources: [evil]}\nconstructor: x\nresources: [a.yaml]\ncommonLabels: {__proto__: x}\n",
  });
  assert.equal(text, `${head}commonLabels:\n  __proto__: x\nkind: Kustomization\nresources:\n- a.yaml\n`);
});

test("folders nested without end are refused", () => {
  const deep = `app/${"d/".repeat(150)}x.yaml`;
  assert.equal(failureOf(() => textOf({ [deep]: "" })).reason, "LimitExceeded");
});
