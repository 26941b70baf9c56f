// Hostile repositories on a real API server: every attack ends in a condition, and the neighbours notice nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanText, dig, digString, type JsonObject, type Manifest, type Reason } from "@plumbline/core/model";
import { eventually } from "./testing/eventually.ts";
import { configMap } from "./testing/manifests.ts";
import { conditionOf, openSite, type Site } from "./testing/site.ts";

type Files = Parameters<Site["repository"]["commit"]>[0];

interface Attack {
  files?: Files;
  spec?: JsonObject;
  /** Of the condition; BuildFailed when it is left out. */
  reason?: Reason;
  /** What the condition says; undefined when the attack may be applied because it does no harm. */
  says?: RegExp;
}

const kustomization = (text: string): string =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${text}`;
const generator = (file: string): string =>
  kustomization(`configMapGenerator:\n  - name: loot\n    files: [${JSON.stringify(file)}]\n`);
const bomb = (levels: number): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\nx0: &x0 [1,1,1,1,1,1,1,1,1,1]\n${Array.from(
    { length: levels },
    (_, i) => `x${i + 1}: &x${i + 1} [${Array.from({ length: 10 }, () => `*x${i}`).join(",")}]\n`,
  ).join("")}`;
const object = (name: string, more: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`;
/** Each variable doubles the one before. */
const doubling = (count: number): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`v${i}`, i === 0 ? "x".repeat(64) : "y".repeat(i)]));

const attacks: Record<string, Attack> = {
  "path out of the repository": {
    spec: { path: "../../../../etc" },
    reason: "ArtifactFailed",
    says: /kustomization path not found: etc/,
  },
  "resource out of the repository": {
    files: { "kustomization.yaml": kustomization("resources: [../../../../../../etc/passwd]\n") },
    says: /etc\/passwd/,
  },
  "absolute resource": {
    files: { "kustomization.yaml": kustomization("resources: [/etc/passwd]\n") },
    says: /etc\/passwd/,
  },
  "generator that reads the host": {
    files: { "kustomization.yaml": generator("../../../../../../../etc/hostname") },
    says: /hostname/,
  },
  "link to a file of the host": {
    files: { "kustomization.yaml": generator("link"), link: { symlink: "/etc/passwd" } },
    says: /link/,
  },
  "link to a folder of the host": {
    files: { "kustomization.yaml": generator("etc/passwd"), etc: { symlink: "../../../../../../etc" } },
    says: /etc/,
  },
  "alias bomb": { files: { "bomb.yaml": bomb(12) }, says: /alias|nodes|limit/i },
  "nesting bomb": { files: { "deep.yaml": `a: ${"[".repeat(200_000)}` }, says: /deep|nest|depth/i },
  "prototype keys": {
    files: {
      "proto.yaml": object("proto", `  labels: {constructor: a}\ndata:\n  __proto__: polluted\n  toString: b\n`),
    },
  },
  "prototype keys in a patch": {
    files: {
      "kustomization.yaml": kustomization(
        `resources: [cm.yaml]\npatches:\n  - patch: |-\n      apiVersion: v1\n      kind: ConfigMap\n      metadata: {name: patched}\n      __proto__: {polluted: "yes"}\n      constructor: {prototype: {polluted: "yes"}}\n`,
      ),
      "cm.yaml": object("patched", ""),
    },
  },
  "bases in a circle": {
    files: {
      "kustomization.yaml": kustomization("resources: [a]\n"),
      "a/kustomization.yaml": kustomization("resources: [../b]\n"),
      "b/kustomization.yaml": kustomization("resources: [../a]\n"),
    },
    says: /cycle/i,
  },
  "bases without end": {
    files: Object.fromEntries([
      ["kustomization.yaml", kustomization("resources: [d0]\n")],
      ...Array.from({ length: 200 }, (_, i) => [
        `${Array.from({ length: i + 1 }, (__, j) => `d${j}`).join("/")}/kustomization.yaml`,
        kustomization(i === 199 ? "" : `resources: [d${i + 1}]\n`),
      ]),
    ]) as Files, // keys are made above
    says: /deep|bases|levels/i,
  },
  "a pattern made to hang": {
    files: {
      "kustomization.yaml": kustomization(
        `resources: [cm.yaml]\npatches:\n  - target: {name: "(a+)+(a+)+(a+)+$"}\n    patch: '[{"op": "add", "path": "/data", "value": {}}]'\n`,
      ),
      "cm.yaml": object("a".repeat(240), ""),
    },
  },
  "substitution that grows": {
    files: { "cm.yaml": object("grow", `data:\n  k: "${"${v0}".repeat(400_000)}"\n`) },
    spec: { postBuild: { substitute: doubling(50) } },
    says: /grows beyond/,
  },
  "substitution without end": {
    files: { "cm.yaml": object("nest", `data:\n  k: "${"${a:=".repeat(5000)}x${"}".repeat(5000)}"\n`) },
    spec: { postBuild: { substitute: { b: "1" } } },
    says: /nest|deep|limit|substitut/i,
  },
  "names that are paths": {
    files: { "cm.yaml": object('"../../secrets/x"', "") },
    reason: "ReconciliationFailed",
    says: /secrets\/x.*cannot be part of an API path/,
  },
  "marks that turn text around": {
    files: { "cm.yaml": object('"\\u202e\\u001b[31mgnp.exe"', "") },
    reason: "ReconciliationFailed",
    says: /gnp\.exe.*metadata\.name: Invalid value/,
  },
  "a helm chart": {
    files: { "kustomization.yaml": kustomization("helmCharts: [{name: x, repo: https://example.invalid}]\n") },
    says: /helm/i,
  },
  "a program to run": {
    files: {
      "kustomization.yaml": kustomization("generators: [exec.yaml]\n"),
      "exec.yaml": `apiVersion: example.org/v1\nkind: Evil\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: "exec: {path: /bin/sh}"\n`,
    },
    says: /exec|plugin|function/i,
  },
};

test("every attack of a manifest is answered by its own condition; good neighbours are applied and kept", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const files: Record<string, Files[string]> = { "good/cm.yaml": configMap("good", namespace) };
  const names = new Map<string, string>();
  for (const [i, [title, { files: own = {} }]] of Object.entries(attacks).entries()) {
    const name = `attack-${i}`;
    names.set(title, name);
    files[`${name}/.keep`] = "";
    for (const [path, content] of Object.entries(own)) files[`${name}/${path}`] = content;
  }
  const head = await site.repository.commit(files);
  await site.source("fleet");
  for (const [title, { spec = {} }] of Object.entries(attacks)) {
    const name = names.get(title) ?? "";
    await site.kustomization(name, { path: `./${name}`, targetNamespace: namespace, ...spec });
  }
  await site.kustomization("good", { path: "./good" });
  await site.applied("good", head);
  for (const [title, { says, reason = "BuildFailed" }] of Object.entries(attacks)) {
    const found = await site.ready(names.get(title) ?? "", ({ status }) => status !== "Unknown");
    const { status, reason: given, message } = conditionOf(found, "Ready") ?? { status: "", reason: "", message: "" };
    await t.test(title, () => {
      if (!says) return;
      assert.deepEqual([status, given], ["False", reason], message);
      assert.match(message, says);
      assert.equal(conditionOf(found, "Stalled"), undefined, "a commit may correct it");
      assert.ok(message.length < 4000, `a message of ${message.length} characters`);
      assert.equal(message, cleanText(message));
    });
  }
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  const proto = await site.client.get({ group: "", version: "v1", kind: "ConfigMap", namespace, name: "proto" });
  assert.deepEqual(Object.keys((dig(proto, "data") ?? {}) as JsonObject).sort(), ["__proto__", "toString"]);
  const next = await site.repository.commit({ "good/cm.yaml": configMap("good", namespace, "2") });
  await site.applied("good", next);
});

test("a hostile commit keeps the last good state: nothing is changed, nothing is pruned", async (t) => {
  const site = await openSite(t);
  const { namespace } = site;
  const good = await site.repository.commit({
    "app/a.yaml": configMap("a", namespace),
    "app/b.yaml": configMap("b", namespace),
  });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", good);
  const read = (name: string): Promise<Manifest> =>
    site.client.get({ group: "", version: "v1", kind: "ConfigMap", namespace, name });
  const before = [await read("a"), await read("b")].map((found) => digString(found, "metadata", "resourceVersion"));
  const broken = await site.repository.commit({
    "app/a.yaml": configMap("a", namespace, "2"),
    "app/b.yaml": null,
    "app/bomb.yaml": bomb(12),
  });
  const failed = await site.ready("app", ({ status }) => status === "False");
  assert.match(digString(failed, "status", "lastAttemptedRevision") ?? "", new RegExp(broken));
  assert.match(digString(failed, "status", "lastAppliedRevision") ?? "", new RegExp(good));
  const after = [await read("a"), await read("b")].map((found) => digString(found, "metadata", "resourceVersion"));
  assert.deepEqual(after, before);
});

test("addresses and references that git would take for options or programs are refused before git sees them", async (t) => {
  const site = await openSite(t);
  const marker = `${site.cacheDirectory}/pwned`;
  const refName = /is not a valid Git reference name/;
  const rows: Record<string, { spec: JsonObject; says: RegExp }> = {
    "branch-option": { spec: { ref: { branch: `--upload-pack=touch ${marker}` } }, says: refName },
    "branch-colon": { spec: { ref: { branch: "main:refs/heads/stolen" } }, says: refName },
    "name-option": { spec: { ref: { name: `--exec=touch ${marker}` } }, says: refName },
    "tag-dots": { spec: { ref: { tag: "../../config" } }, says: refName },
    "commit-option": { spec: { ref: { commit: `--output=${marker}` } }, says: /is not a full commit id/ },
    "semver-huge": {
      spec: { ref: { semver: `>=1.0.0 ${"|| >=1.0.0 ".repeat(50_000)}` } },
      says: /is not a semver range: .*too long/,
    },
  };
  site.git.reset();
  for (const [name, { spec, says }] of Object.entries(rows)) {
    await site.source(name, spec);
    const found = await site.ready(name, ({ status }) => status === "False", "GitRepository");
    const { reason, message } = conditionOf(found, "Ready") ?? {};
    assert.equal(reason, "GitOperationFailed", name);
    assert.match(message ?? "", says, name);
    assert.ok((message ?? "").length < 4000, name);
    assert.equal(conditionOf(found, "Stalled")?.reason, reason, `${name}: nothing to try again`);
  }
  assert.deepEqual(site.git.requests, [], "git was never run");
  // These the API server itself refuses, by the pattern of the field in the CRD.
  const refusedAddresses: Record<string, string> = {
    "url-option": `--upload-pack=touch ${marker}`,
    "url-ext": `ext::sh -c "touch ${marker}"`,
    "url-file": "file:///etc",
    "url-newline": `${site.repository.url}\n[core]\nsshCommand=touch ${marker}`,
  };
  for (const [name, url] of Object.entries(refusedAddresses)) {
    await assert.rejects(
      site.source(name, { url }),
      /spec\.url in body should match '\^\(http\|https\|ssh\):\/\/\.\*\$'/,
      name,
    );
  }
  // These pass that pattern.
  const odd: Record<string, string> = {
    "url-blank": `https://host/ --upload-pack=touch ${marker}`,
    "url-hostless": "https://",
  };
  for (const [name, url] of Object.entries(odd)) {
    await site.source(name, { url });
    const found = await site.ready(name, ({ status }) => status === "False", "GitRepository");
    assert.equal(conditionOf(found, "Ready")?.reason, "URLInvalid", name);
    assert.equal(conditionOf(found, "Stalled")?.reason, "URLInvalid", name);
  }
  const { access } = await import("node:fs/promises");
  await assert.rejects(access(marker), { code: "ENOENT" });
  const head = await site.repository.commit({ "app/cm.yaml": configMap("a", site.namespace) });
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", head);
});

test("a commit subject with control characters and a huge file that nobody reads do no harm", async (t) => {
  const site = await openSite(t);
  const noise = new Uint8Array(48 * 1024 * 1024);
  for (let i = 0; i < noise.length; i += 4096) noise[i] = i % 251;
  const head = await site.repository.commit(
    { "app/cm.yaml": configMap("a", site.namespace), "blob.bin": noise },
    { message: "\u001b]0;owned\u0007 subject \u202e" },
  );
  await site.source("fleet");
  await site.kustomization("app", { path: "./app" });
  await site.applied("app", head);
  let items: Manifest[] = [];
  await eventually("an event tells of the commit", async () => {
    const fieldSelector = "involvedObject.kind=GitRepository";
    const kind = { group: "", version: "v1", kind: "Event" };
    ({ items } = await site.client.listAll(kind, { namespace: site.namespace, fieldSelector }));
    return items.length > 0;
  });
  for (const item of items) assert.equal(digString(item, "message"), cleanText(digString(item, "message") ?? ""));
});

test("files too large to be manifests are refused by name, read by no one, and the next commit heals", async (t) => {
  const site = await openSite(t);
  const huge = new Uint8Array(65 * 1024 * 1024).fill(97);
  await site.repository.commit({
    "generated/kustomization.yaml": generator("huge.bin"),
    "generated/huge.bin": huge,
    "listed/kustomization.yaml": kustomization("resources: [huge.yaml]\n"),
    "listed/huge.yaml": huge,
  });
  await site.source("fleet");
  await site.ready("fleet", ({ status }) => status === "True", "GitRepository");
  for (const name of ["generated", "listed"]) {
    await site.kustomization(name, { path: `./${name}`, targetNamespace: site.namespace });
    const failed = await site.ready(name, ({ status }) => status === "False");
    assert.match(conditionOf(failed, "Ready")?.message ?? "", /huge\.(bin|yaml).*(large|MiB|bytes)/);
  }
  const head = await site.repository.commit({
    "generated/huge.bin": "small",
    "listed/huge.yaml": configMap("a", site.namespace),
  });
  for (const name of ["generated", "listed"]) await site.applied(name, head);
});
