// Kubeconfigs: what they mean, what is refused, and what is never told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, formatFailure, type JsonObject, type JsonValue } from "@plumbline/core/model";
import {
  contextsOf,
  type KubeconfigSource,
  selectContext,
  trustedKubeconfig,
  untrustedKubeconfig,
} from "./kubeconfig.ts";
import { parseKubeconfig } from "./load.ts";

const token = "very-secret-token";

function source(parts: {
  cluster?: JsonObject;
  user?: JsonObject;
  context?: JsonObject;
  current?: string;
}): KubeconfigSource {
  const value: JsonValue = {
    "current-context": parts.current ?? "ctx",
    contexts: [{ name: "ctx", context: { cluster: "c", user: "u", ...parts.context } }],
    clusters: [{ name: "c", cluster: { server: "https://api.corp:6443", ...parts.cluster } }],
    users: [{ name: "u", user: parts.user ?? { token } }],
  };
  return { value, file: "/home/a/.kube/config", directory: "/home/a/.kube" };
}

const select = (parts: Parameters<typeof source>[0], trust = trustedKubeconfig, env = {}) =>
  selectContext([source(parts)], { env, trust });

function faultOf(work: () => unknown): Failure {
  try {
    work();
  } catch (thrown) {
    assert.ok(thrown instanceof Failure, String(thrown));
    return thrown;
  }
  throw new assert.AssertionError({ message: "a Failure was expected" });
}

test("a context becomes server, TLS, credentials and namespace", () => {
  const base = Buffer.from("PEM").toString("base64");
  const config = select({
    cluster: { "certificate-authority-data": base, "tls-server-name": "kubernetes", "proxy-url": "socks5://p:1080" },
    user: { "client-certificate": "me.crt", "client-key": "/abs/me.key" },
    context: { namespace: "team" },
  });
  assert.deepEqual(config, {
    server: "https://api.corp:6443",
    tls: {
      skipVerify: false,
      ca: { data: Buffer.from("PEM") },
      certificate: { file: "/home/a/.kube/me.crt" },
      key: { file: "/abs/me.key" },
      serverName: "kubernetes",
    },
    credentials: { type: "anonymous" },
    proxyUrl: "socks5://p:1080",
    namespace: "team",
    context: "ctx",
    origin: "kubeconfig /home/a/.kube/config, context ctx",
  });
});

test("each kind of credential is known, and which wins", () => {
  const rows: [JsonObject, unknown][] = [
    [{}, { type: "anonymous" }],
    [{ token }, { type: "token", token }],
    [
      { token, tokenFile: "t" },
      { type: "tokenFile", file: "/home/a/.kube/t" },
    ],
    [
      { username: "a", password: "b" },
      { type: "basic", username: "a", password: "b" },
    ],
  ];
  for (const [user, expected] of rows) assert.deepEqual(select({ user }).credentials, expected);
});

test("an exec plugin is read with its environment and the cluster's extension", () => {
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "./bin/login",
    args: ["get", "token"],
    env: [
      { name: "A", value: "1" },
      { name: "__proto__", value: "x" },
    ],
    provideClusterInfo: true,
    interactiveMode: "IfAvailable",
    installHint: "Install login.",
  };
  const extensions = [{ name: "client.authentication.k8s.io/exec", extension: { audience: "x" } }];
  const { credentials } = select({ user: { exec }, cluster: { extensions } });
  assert.deepEqual(credentials, {
    type: "exec",
    plugin: {
      apiVersion: exec.apiVersion,
      command: "/home/a/.kube/bin/login",
      args: ["get", "token"],
      env: { A: "1" },
      installHint: "Install login.",
      provideClusterInfo: true,
      clusterExtension: { audience: "x" },
    },
  });
});

test("the user may act as somebody else", () => {
  const user = { token, as: "jane", "as-groups": ["g"], "as-uid": "7", "as-user-extra": { reason: ["r"] } };
  const expected = { user: "jane", groups: ["g"], uid: "7", extra: { reason: ["r"] } };
  assert.deepEqual(select({ user }).impersonate, expected);
  assert.equal(select({ user: { token } }).impersonate, undefined);
});

test("the environment's proxy is taken unless the cluster names one or NO_PROXY frees it", () => {
  const env = { HTTPS_PROXY: "http://p:3128" };
  assert.equal(select({}, trustedKubeconfig, env).proxyUrl, "http://p:3128");
  assert.equal(select({}, trustedKubeconfig, { ...env, NO_PROXY: ".corp" }).proxyUrl, undefined);
  assert.equal(select({ cluster: { "proxy-url": "http://q:1" } }, trustedKubeconfig, env).proxyUrl, "http://q:1");
});

test("several files are one: the first that names an entry wins", () => {
  const first = source({ current: "other" });
  const second: KubeconfigSource = {
    file: "second",
    directory: "/second",
    value: {
      "current-context": "ctx",
      contexts: [{ name: "other", context: { cluster: "d", user: "u" } }],
      clusters: [
        { name: "c", cluster: { server: "https://never" } },
        { name: "d", cluster: { server: "https://d", "certificate-authority": "ca" } },
      ],
    },
  };
  const config = selectContext([first, second], { env: {}, trust: trustedKubeconfig });
  assert.deepEqual(
    [config.server, config.tls.ca, config.credentials.type],
    ["https://d", { file: "/second/ca" }, "token"],
  );
  assert.deepEqual(contextsOf([first, second]), ["ctx", "other"]);
});

test("what is missing or contradictory is told with file, field and next step", () => {
  const rows: [Parameters<typeof source>[0], RegExp][] = [
    [{ current: "" }, /current-context: no context is chosen\. Name one: ctx/],
    [{ current: "no" }, /there is no context "no"\. Use one of: ctx/],
    [{ context: { cluster: "x" } }, /names the cluster "x", which is not there/],
    [{ context: { user: "x" } }, /names the user "x", which is not there/],
    [{ cluster: { server: "" } }, /the cluster has no server/],
    [{ cluster: { server: "ftp://x" } }, /no http or https address/],
    [{ cluster: { "proxy-url": "gopher://x" } }, /proxy-url/],
    [{ user: { "client-certificate": "x" } }, /client-key: is missing/],
    [{ user: { "client-key": "x" } }, /client-certificate: is missing/],
    [{ cluster: { "certificate-authority-data": "!!!" } }, /is no base64/],
    [{ user: { "auth-provider": { name: "gcp" } } }, /exec plugin/],
    [{ user: { exec: { apiVersion: "client.authentication.k8s.io/v1alpha1" } } }, /v1 or v1beta1/],
    [
      { user: { exec: { apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "Never" } } },
      /command: is missing/,
    ],
    [
      { user: { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "x", interactiveMode: "Always" } } },
      /terminal/,
    ],
    [{ user: { token, username: "a" } }, /a token and a user name/],
    [
      { user: { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "x" } } },
      /interactiveMode: is missing/,
    ],
    [{ user: { token: 12_345 } }, /token: is no text. Put it in quotes./],
    [{ cluster: { "insecure-skip-tls-verify": "yes" } }, /neither true nor false/],
    [
      { cluster: { "certificate-authority": "a", "certificate-authority-data": "YQ==" } },
      /the authority is given twice/,
    ],
    [{ user: { "as-groups": ["g"] } }, /users.user.as: is missing/],
    [{ user: { token: `${token}\nx` } }, /characters that a token cannot have/],
  ];
  for (const [parts, expected] of rows) {
    const failure = faultOf(() => select(parts));
    const text = formatFailure(failure);
    assert.match(text, expected);
    assert.match(text, /^\/home\/a\/.kube\/config: /);
    assert.equal(failure.retry, "never");
    assert.ok(!text.includes(token), "no secret in the message");
  }
});

test("a kubeconfig out of a Secret runs nothing, reads no file and checks certificates, unless that is allowed", () => {
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "/bin/sh", interactiveMode: "Never" };
  const rows: [Parameters<typeof source>[0], RegExp][] = [
    [{ user: { exec } }, /programs are not run/],
    [{ user: { tokenFile: "/var/run/secrets/kubernetes.io/serviceaccount/token" } }, /names a file/],
    [{ user: { "client-certificate": "/etc/passwd", "client-key": "/etc/passwd" } }, /names a file/],
    [{ cluster: { "certificate-authority": "/etc/shadow" } }, /names a file/],
  ];
  for (const [parts, expected] of rows) {
    assert.match(faultOf(() => select(parts, untrustedKubeconfig)).message, expected);
    assert.ok(select(parts));
  }
  const isSkipped = (trust: typeof trustedKubeconfig): boolean =>
    select({ cluster: { "insecure-skip-tls-verify": true } }, trust).tls.skipVerify;
  assert.deepEqual([isSkipped(untrustedKubeconfig), isSkipped(trustedKubeconfig)], [false, true]);
  const both = select({ user: { exec, token } }, untrustedKubeconfig);
  assert.deepEqual(both.credentials, { type: "token", token }, "a plugin beside a token is not needed");
});

test("parseKubeconfig() reads YAML and keeps its text out of messages", () => {
  const text = `
apiVersion: v1
kind: Config
current-context: a
contexts: [{name: a, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://h:1/"}}]
users: [{name: u, user: {token: ${token}}}]
`;
  const config = parseKubeconfig(text, { origin: "Secret/n/kubeconfig", env: {} });
  assert.deepEqual([config.server, config.credentials], ["https://h:1", { type: "token", token }]);
  const broken = faultOf(() => parseKubeconfig(`a: [${token}\nb: }`, { origin: "Secret/n/kubeconfig", env: {} }));
  assert.ok(!`${formatFailure(broken)}${broken.stack}`.includes(token));
  assert.equal(broken.where?.file, "Secret/n/kubeconfig");
  for (const odd of ["", "null", "[]", "just text", "contexts: {a: b}", "contexts: [1, null, {name: [x]}]"]) {
    assert.equal(faultOf(() => parseKubeconfig(odd, { origin: "o", env: {} })).reason, "UsageError");
  }
});
