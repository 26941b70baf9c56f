// Our kubeconfigs, proxies, identities and names beside client-go's.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { digString, type JsonObject } from "@plumbline/core/model";
import { type Answer, askClientGo, type Question } from "../../conformance/oracle-kube/oracle.ts";
import { impersonationHeaders } from "./call/identity-headers.ts";
import { readWarnings } from "./call/warnings.ts";
import { loadKubeconfig } from "./config/load.ts";
import { proxyFor } from "./config/proxy.ts";
import type { ClusterConfig, Material } from "./index.ts";
import { buildRequest } from "./request.ts";

function randomOf(seed: number): <T>(of: readonly T[]) => T {
  let state = seed;
  return (of) => {
    state = (state * 48271) % 2147483647;
    return of[state % of.length] as (typeof of)[number]; // the index is within bounds
  };
}

test("NO_PROXY and its relatives: 6000 random environments, answered as by Go", async () => {
  const pick = randomOf(20261121);
  const hosts = [
    "api.corp",
    "corp",
    "xcorp",
    "a.b.corp",
    "API.Corp",
    "10.1.2.3",
    "10.255.0.1",
    "192.168.1.9",
    "[fd00::1]",
    "[fe80::2]",
    "localhost",
    "127.0.0.1",
    "127.9.9.9",
    "[::1]",
    "example.com",
  ];
  const ports = ["", ":443", ":6443", ":80"];
  const entries = [
    "corp",
    ".corp",
    "*.corp",
    "*",
    "api.corp",
    "api.corp:6443",
    "corp:443",
    ".corp:80",
    "10.0.0.0/8",
    "10.1.2.3",
    "10.1.2.3:6443",
    "192.168.0.0/16",
    "fd00::/8",
    "fd00::1",
    "[fd00::1]:6443",
    "[fd00::1]",
    " corp ",
    "",
    "10.0.0.0/33",
    "1.2.3.4/x",
    ":",
    "corp:",
    "localhost",
    "a.b",
    "..",
    "*corp",
    "COM",
    "0.0.0.0/0",
    "::/0",
  ];
  const proxies = ["http://p:3128", "https://p", "p:3128", "socks5://p:1080", "", "http://u:w@p:1"];
  const questions = Array.from({ length: 6000 }, (): Question & { op: "proxy" } => {
    const list = Array.from({ length: pick([0, 1, 1, 2, 3]) }, () => pick(entries)).join(",");
    const env = { HTTP_PROXY: pick(proxies), HTTPS_PROXY: pick(proxies), NO_PROXY: list };
    return { op: "proxy", url: `${pick(["https", "https", "http"])}://${pick(hosts)}${pick(ports)}`, env };
  });
  const answers = await askClientGo(questions);
  const differences = questions.filter((question, i) => {
    const theirs = answers[i] && "value" in answers[i] ? answers[i].value : "error";
    return theirs !== (proxyFor(question.url, question.env) ?? "");
  });
  const shown = differences
    .slice(0, 10)
    .map(({ url, env }) => [
      url,
      env,
      proxyFor(url, env),
      answers[questions.findIndex((q) => q.url === url && q.env === env)],
    ]);
  assert.equal(differences.length, 0, JSON.stringify(shown, null, 1));
});

const pem = Buffer.from("-----BEGIN-----").toString("base64");
const execPlugin = {
  apiVersion: "client.authentication.k8s.io/v1",
  command: "./login",
  args: ["a", "b"],
  interactiveMode: "Never",
};

/** What differs from a plain kubeconfig, or whole files. */
interface Case {
  cluster?: JsonObject;
  user?: JsonObject;
  context?: JsonObject;
  top?: JsonObject;
  name?: string;
  /** Why ours is another answer. */
  differs?: string;
}

const cases: Record<string, Case> = {
  plain: {},
  "a namespace": { context: { namespace: "team" } },
  "a context by name": { name: "other" },
  "a context that is not there": { name: "absent" },
  "no current context": { top: { "current-context": "" } },
  "a cluster that is not there": { context: { cluster: "absent" } },
  "a user that is not there": {
    context: { user: "absent" },
    differs: "client-go would go on as nobody; that is never what was meant",
  },
  "no user at all": { context: { user: "" } },
  "no server": { cluster: { server: "" } },
  "a server with a path": { cluster: { server: "https://h:1/k8s/clusters/c" } },
  "a server with a slash at its end": { cluster: { server: "https://h:1/" } },
  "plain http": { cluster: { server: "http://h:8001" } },
  "no scheme": { cluster: { server: "h:6443" }, differs: "client-go keeps the text and adds the scheme later" },
  "authority in place": { cluster: { "certificate-authority-data": pem } },
  "authority by file": { cluster: { "certificate-authority": "ca.crt" } },
  "authority both ways": { cluster: { "certificate-authority": "ca.crt", "certificate-authority-data": pem } },
  "not checked": { cluster: { "insecure-skip-tls-verify": true } },
  "not checked, with an authority": {
    cluster: { "insecure-skip-tls-verify": true, "certificate-authority-data": pem },
  },
  "another server name": { cluster: { "tls-server-name": "kubernetes" } },
  "a proxy": { cluster: { "proxy-url": "http://p:3128" } },
  "a socks proxy": { cluster: { "proxy-url": "socks5://p:1080" } },
  "no proxy scheme": { cluster: { "proxy-url": "gopher://p" } },
  token: { user: { token: "t" } },
  "token file": { user: { tokenFile: "token" } },
  "token and file": { user: { token: "t", tokenFile: "token" } },
  basic: { user: { username: "u", password: "p" } },
  "basic and token": { user: { username: "u", password: "p", token: "t" } },
  "a certificate": { user: { "client-certificate": "me.crt", "client-key": "me.key" } },
  "a certificate in place": { user: { "client-certificate-data": pem, "client-key-data": pem } },
  "a certificate, file and place": { user: { "client-certificate": "me.crt", "client-key-data": pem } },
  "a certificate without key": { user: { "client-certificate-data": pem } },
  "a key without certificate": { user: { "client-key-data": pem }, differs: "client-go overlooks the lonely key" },
  "a number for a token": { user: { token: 12_345 } },
  "as somebody": { user: { token: "t", as: "jane", "as-groups": ["g", "h"], "as-uid": "7" } },
  "as a group of nobody": { user: { token: "t", "as-groups": ["g"] } },
  plugin: { user: { exec: execPlugin } },
  "plugin from the path": { user: { exec: { ...execPlugin, command: "login" } } },
  "plugin without version": { user: { exec: { ...execPlugin, apiVersion: "" } } },
  "plugin without command": { user: { exec: { ...execPlugin, command: "" } } },
  "plugin without mode": { user: { exec: { ...execPlugin, interactiveMode: "" } } },
  "plugin of v1beta1 without mode": {
    user: { exec: { apiVersion: "client.authentication.k8s.io/v1beta1", command: "x" } },
  },
  "plugin with a token": { user: { exec: execPlugin, token: "t" } },
  "unknown fields": { cluster: { surprise: 1 }, top: { more: true } },
  "booleans of YAML 1.1": { cluster: { "insecure-skip-tls-verify": "yes" } },
};

function describe(config: ClusterConfig): JsonObject {
  const { credentials, tls } = config;
  const data = (material?: Material): string =>
    material && "data" in material ? Buffer.from(material.data).toString() : "";
  const file = (material?: Material): string => (material && "file" in material ? material.file : "");
  const plugin = credentials.type === "exec" ? credentials.plugin : undefined;
  return {
    server: config.server,
    namespace: config.namespace,
    skipVerify: tls.skipVerify,
    serverName: tls.serverName ?? "",
    ca: data(tls.ca),
    caFile: file(tls.ca),
    cert: data(tls.certificate),
    certFile: file(tls.certificate),
    key: data(tls.key),
    keyFile: file(tls.key),
    token: credentials.type === "token" ? credentials.token : "",
    tokenFile: credentials.type === "tokenFile" ? credentials.file : "",
    username: credentials.type === "basic" ? credentials.username : "",
    password: credentials.type === "basic" ? credentials.password : "",
    as: config.impersonate?.user ?? "",
    asGroups: [...(config.impersonate?.groups ?? [])],
    asUid: config.impersonate?.uid ?? "",
    proxy: config.proxyUrl ?? "",
    command: plugin?.command ?? "",
    ...(plugin ? { args: [...plugin.args] } : {}),
  };
}

/** Their answer in our words: what is overridden there is left out here. */
function normalise(value: JsonObject): JsonObject {
  const result: JsonObject = { ...value, server: (digString(value, "server") ?? "").replace(/\/$/, "") };
  if (result["ca"] !== "") result["caFile"] = "";
  if (result["cert"] !== "") result["certFile"] = "";
  if (result["key"] !== "") result["keyFile"] = "";
  if (result["tokenFile"] !== "") result["token"] = "";
  if (result["token"] !== "") Object.assign(result, { command: "", args: [] }); // a token in place wins over a plugin
  result["args"] ??= [];
  return result;
}

test("kubeconfigs are read as client-go reads them, and refused where it refuses", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plumbline-kubeconfig-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ["ca.crt", "me.crt", "me.key", "token"]) writeFileSync(join(folder, name), "content");
  const questions = Object.entries(cases).map(([title, one], i): Question & { op: "kubeconfig"; title: string } => {
    const path = join(folder, `config${i}`);
    writeFileSync(path, JSON.stringify(kubeconfigOf(one)));
    return { op: "kubeconfig", files: [path], context: one.name ?? "", title };
  });
  const answers = await askClientGo(questions);
  const wrong = questions.flatMap(({ title, files, context }, i) => {
    const theirs = summary(answers[i]);
    const ours = summary(ourAnswer(files[0] ?? "", context));
    const isEqual = theirs === ours;
    return isEqual === (cases[title]?.differs === undefined) ? [] : [{ title, theirs, ours, said: answers[i] }];
  });
  assert.deepEqual(wrong, []);
});

function kubeconfigOf({ cluster, user, context, top }: Case): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "c",
    contexts: [
      { name: "c", context: { cluster: "c", user: "u", ...context } },
      { name: "other", context: { cluster: "d", user: "u" } },
    ],
    clusters: [
      { name: "c", cluster: { server: "https://h:1", ...cluster } },
      { name: "d", cluster: { server: "https://d:1" } },
    ],
    users: [{ name: "u", user: user ?? {} }],
    ...top,
  };
}

function ourAnswer(path: string, context: string): Answer {
  try {
    return { value: describe(loadKubeconfig({ path, env: {}, ...(context === "" ? {} : { context }) })) };
  } catch (thrown) {
    return { error: (thrown as Error).message }; // Failures are errors
  }
}

function summary(answer: Answer | undefined): string {
  if (!answer || "error" in answer) return "refused";
  const value = normalise(answer.value as JsonObject);
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));
}

test("impersonation has client-go's headers", async () => {
  const identities = [
    { user: "u", groups: [], uid: "", extra: {} },
    { user: "system:serviceaccount:a:b", groups: ["g", "h i"], uid: "7", extra: { "acme.com/Why?": ["x", "y"] } },
    {
      user: "u",
      groups: [],
      uid: "",
      extra: { "100%": ["a"], "UPPER_lower-1.~": ["b"], ü: ["c"], "a b": ["d"], "x%2fy": ["e"] },
    },
    { user: "u", groups: [], uid: "", extra: { "!#$&'*+^`|\"(),:;<=>?@[\\]{}": ["v"] } },
  ];
  const answers = await askClientGo(identities.map((who) => ({ op: "impersonate" as const, ...who })));
  identities.forEach((who, i) => {
    const answer = answers[i];
    assert.ok(answer && "value" in answer);
    const theirs = Object.entries(answer.value as Record<string, string[]>).map(([name, values]) => [
      name.toLowerCase(),
      values,
    ]);
    const ours = Object.entries(impersonationHeaders(who)).map(([name, values]) => [
      name.toLowerCase(),
      [values].flat(),
    ]);
    assert.deepEqual(Object.fromEntries(ours), Object.fromEntries(theirs));
  });
});

test("names that may stand in a path are those of apimachinery, and warnings are read alike", async () => {
  const names = ["a", "a.b", ".", "..", "...", "a/b", "a%b", "", " ", "A", "system:x", "ä", "a?b", "-", "a\nb"];
  const answers = await askClientGo(names.map((name) => ({ op: "segment" as const, name })));
  const resource = {
    group: "",
    version: "v1",
    kind: "K",
    plural: "ks",
    singular: "",
    namespaced: false,
    verbs: [],
    subresources: [],
    shortNames: [],
    categories: [],
  };
  names.forEach((name, i) => {
    let isAllowed = true;
    try {
      buildRequest({ verb: "get", resource, namespace: "", name });
    } catch {
      isAllowed = false;
    }
    assert.deepEqual(answers[i], { value: isAllowed }, JSON.stringify(name));
  });
  const headers = [
    '299 - "plain"',
    '299 agent "with \\"quotes\\" and \\\\"',
    '299 - "one", 299 - "two"',
    '199 - "other code"',
    '299 - "comma, inside"',
  ];
  const read = await askClientGo(headers.map((header) => ({ op: "warnings" as const, headers: [header] })));
  headers.forEach((header, i) => assert.deepEqual(read[i], { value: readWarnings(header) }, header));
});
