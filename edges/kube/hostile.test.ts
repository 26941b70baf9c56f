// Whatever a server or a file holds: an answer or a Failure, never another error, never another path.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, type JsonValue } from "@plumbline/core/model";
import fc from "fast-check";
import { readExecCredential } from "./config/exec-plugin.ts";
import { selectContext, trustedKubeconfig, untrustedKubeconfig } from "./config/kubeconfig.ts";
import { proxyFor } from "./config/proxy.ts";
import { parseKubeconfig } from "./config/load.ts";
import { failureOf } from "./failure.ts";
import { formatJson, parseJson } from "./json.ts";
import type { ResourceInfo } from "./kube-client.ts";
import { buildRequest, type Subject } from "./request.ts";
import { nextAction, startState, step } from "./watch/watch-state.ts";
import { LineSplitter } from "./watch/line-splitter.ts";

const json = fc.jsonValue({ maxDepth: 6 }) as fc.Arbitrary<JsonValue>;

function onlyFailures(work: () => unknown): void {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
  }
}

const kubeconfigs = fc.record({
  "current-context": fc.constantFrom("c", "__proto__", ""),
  contexts: fc.oneof(json, fc.constant([{ name: "c", context: { cluster: "c", user: "c" } }])),
  clusters: fc.oneof(json, fc.array(fc.record({ name: fc.constant("c"), cluster: fc.dictionary(clusterKey(), json) }))),
  users: fc.oneof(json, fc.array(fc.record({ name: fc.constant("c"), user: fc.dictionary(userKey(), json) }))),
}) as fc.Arbitrary<JsonValue>;

function clusterKey(): fc.Arbitrary<string> {
  return fc.constantFrom(
    "server",
    "proxy-url",
    "certificate-authority-data",
    "tls-server-name",
    "extensions",
    "__proto__",
  );
}

function userKey(): fc.Arbitrary<string> {
  return fc.constantFrom(
    "token",
    "exec",
    "as",
    "as-user-extra",
    "as-groups",
    "client-key-data",
    "username",
    "tokenFile",
  );
}

test("kubeconfigs of any shape are read or refused by a Failure", () => {
  fc.assert(
    fc.property(kubeconfigs, fc.boolean(), (value, isTrusted) => {
      const trust = isTrusted ? trustedKubeconfig : untrustedKubeconfig;
      const source = { value, file: "f", directory: "/d" };
      onlyFailures(() => {
        const config = selectContext([source], { env: {}, trust });
        if (!isTrusted) assert.notEqual(config.credentials.type, "exec");
        if (!isTrusted) assert.notEqual(config.credentials.type, "tokenFile");
      });
    }),
    { numRuns: 500 },
  );
  fc.assert(fc.property(fc.string(), (text) => onlyFailures(() => parseKubeconfig(text, { origin: "o", env: {} }))));
});

test("what a credential plugin prints is read or refused by a Failure, and never quoted", () => {
  const plugin = { apiVersion: "v1", command: "x", args: [], env: {}, installHint: "", provideClusterInfo: true };
  const printed = fc.oneof(
    fc.string(),
    json.map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(printed, (text) => {
      try {
        readExecCredential(plugin, `${text} secret-mark`);
      } catch (thrown) {
        assert.ok(thrown instanceof Failure);
        assert.ok(!`${thrown.message}${thrown.hint}`.includes("secret-mark"));
      }
    }),
  );
});

const subject: Subject = {
  verb: "apply",
  group: "",
  version: "v1",
  kind: "Secret",
  resource: "secrets",
  namespace: "n",
  name: "s",
  dryRun: false,
};

test("refusals of any shape become a Failure; about a Secret they hold none of its words", () => {
  const mark = "hunter2-hunter2";
  const statuses = fc.record(
    {
      kind: fc.constantFrom("Status", "Secret"),
      message: fc.oneof(
        json,
        fc.string().map((text) => `${text}${mark}`),
      ),
      reason: fc.constantFrom("Invalid", "BadRequest", ""),
      details: fc.oneof(
        json,
        fc.record({
          causes: fc.array(fc.record({ message: fc.constant(mark), reason: json, field: fc.constant("data.a") })),
        }),
      ),
    },
    { requiredKeys: [] },
  );
  const bodies = fc.oneof(
    fc.string().map((text) => text + mark),
    statuses.map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(bodies, fc.constantFrom(400, 403, 422, 500, 502, 503), fc.string(), (body, status, retryAfter) => {
      const failure = failureOf(subject, { status, body, retryAfter }, 0);
      assert.ok(failure.hint);
      assert.ok(!JSON.stringify([failure.message, failure.hint, failure.where, failure.cause]).includes(mark));
    }),
    { numRuns: 500 },
  );
});

test("names never change which path is asked", () => {
  const resource: ResourceInfo = {
    group: "apps",
    version: "v1",
    kind: "Deployment",
    plural: "deployments",
    singular: "deployment",
    namespaced: true,
    verbs: [],
    subresources: [],
    shortNames: [],
    categories: [],
  };
  const name = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("..", "a/../b", "a?b", "a#b", "a b", "%2e%2e", "\r\n", "\ud800"),
  );
  fc.assert(
    fc.property(name, name, (namespace, of) => {
      onlyFailures(() => {
        const { path } = buildRequest({ verb: "get", resource, namespace, name: of });
        const parsed = new URL(path, "https://h");
        const parts = parsed.pathname.split("/");
        assert.equal(parts.length, 8, path);
        assert.deepEqual(parts.slice(0, 5), ["", "apis", "apps", "v1", "namespaces"]);
        assert.equal(parsed.search + parsed.hash, "");
        assert.match(path, /^[\x21-\x7e]+$/);
      });
    }),
    { numRuns: 500 },
  );
});

test("frames of any shape keep the watch going", () => {
  const frame = fc.record({
    type: fc.constantFrom("ADDED", "MODIFIED", "DELETED", "BOOKMARK"),
    object: fc.dictionary(fc.constantFrom("metadata", "kind", "__proto__"), json),
  });
  fc.assert(
    fc.property(fc.array(frame), (frames) => {
      let state = startState({ apiVersion: "v1", kind: "ConfigMap" });
      for (const given of frames) {
        state = step(state, { type: "frame", frame: given as never }).state; // the shape is what is tested
        assert.ok(nextAction(state));
      }
    }),
  );
});

test("JSON comes out as it went in", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), json, (big, value) => {
      const text = `{"a":${big},"b":${JSON.stringify(value)}}`;
      const parsed = parseJson(text);
      assert.deepEqual(parseJson(formatJson(parsed)), parsed);
      const a = (parsed as { a: unknown }).a;
      assert.equal(String(a), String(big));
    }),
  );
});

test("lines are the same however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme" }).filter((line) => line !== "" && !line.includes("\n"))),
      fc.array(fc.nat(20)),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const out: string[] = [];
        const splitter = new LineSplitter((line) => out.push(line));
        let at = 0;
        for (const size of [...cuts, bytes.length]) {
          splitter.push(bytes.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(out, lines);
      },
    ),
  );
});

test("NO_PROXY of any text is read without harm", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const found = proxyFor("https://api.corp:6443", { HTTPS_PROXY: "http://p:1", NO_PROXY: text });
      assert.ok(found === undefined || found === "http://p:1");
    }),
  );
});
