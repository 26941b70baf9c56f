// Each operation and its request.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@plumbline/core/model";
import type { ResourceInfo } from "./kube-client.ts";
import { buildRequest, type Operation } from "./request.ts";

const configMaps = kind({ kind: "ConfigMap", plural: "configmaps" });
const deployments = kind({ group: "apps", kind: "Deployment", plural: "deployments" });
const namespaces = kind({ kind: "Namespace", plural: "namespaces", namespaced: false });
const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "n" } };
const at = { namespace: "n", name: "a" };

function kind(parts: Partial<ResourceInfo>): ResourceInfo {
  const rest = { group: "", version: "v1", singular: "", verbs: [], subresources: [], shortNames: [], categories: [] };
  return { ...rest, kind: "", plural: "", namespaced: true, ...parts };
}

test("buildRequest() knows the method and path of every verb", () => {
  const rows: [Operation, string][] = [
    [{ verb: "get", resource: configMaps, ...at }, "GET /api/v1/namespaces/n/configmaps/a"],
    [{ verb: "get", resource: deployments, ...at }, "GET /apis/apps/v1/namespaces/n/deployments/a"],
    [{ verb: "get", resource: namespaces, namespace: "ignored", name: "n" }, "GET /api/v1/namespaces/n"],
    [{ verb: "get", resource: namespaces, namespace: "", name: "system:x" }, "GET /api/v1/namespaces/system%3Ax"],
    [
      { verb: "list", resource: configMaps, options: { labelSelector: "a=b,c", limit: 5, continue: "t/" } },
      "GET /api/v1/configmaps?labelSelector=a%3Db%2Cc&limit=5&continue=t%2F",
    ],
    [
      { verb: "list", resource: configMaps, options: { namespace: "n", fieldSelector: "metadata.name=a" } },
      "GET /api/v1/namespaces/n/configmaps?fieldSelector=metadata.name%3Da",
    ],
    [
      { verb: "watch", resource: configMaps, selectors: {}, start: { sendInitialEvents: true, timeoutSeconds: 9 } },
      "GET /api/v1/configmaps?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=9",
    ],
    [
      { verb: "watch", resource: configMaps, selectors: { namespace: "n" }, start: { resourceVersion: "7" } },
      "GET /api/v1/namespaces/n/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=7",
    ],
    [
      { verb: "create", resource: configMaps, ...at, object, options: { fieldManager: "m" } },
      "POST /api/v1/namespaces/n/configmaps?fieldManager=m",
    ],
    [
      { verb: "update", resource: configMaps, ...at, object, options: { dryRun: true } },
      "PUT /api/v1/namespaces/n/configmaps/a?dryRun=All",
    ],
    [
      {
        verb: "apply",
        resource: configMaps,
        ...at,
        object,
        options: { fieldManager: "m x", force: true, fieldValidation: "Strict" },
      },
      "PATCH /api/v1/namespaces/n/configmaps/a?fieldManager=m%20x&force=true&fieldValidation=Strict",
    ],
    [
      {
        verb: "patch",
        resource: deployments,
        ...at,
        patch: { type: "merge", body: { status: {} } },
        options: { subresource: "status" },
      },
      "PATCH /apis/apps/v1/namespaces/n/deployments/a/status",
    ],
    [{ verb: "delete", resource: configMaps, ...at, options: {} }, "DELETE /api/v1/namespaces/n/configmaps/a"],
  ];
  for (const [operation, expected] of rows) {
    const { method, path } = buildRequest(operation);
    assert.equal(`${method} ${path}`, expected);
  }
});

test("buildRequest() names the media type of each kind of patch and of partial answers", () => {
  const patch = (type: "merge" | "json" | "strategic") =>
    buildRequest({ verb: "patch", resource: configMaps, ...at, patch: { type, body: {} }, options: {} });
  assert.equal(patch("merge").contentType, "application/merge-patch+json");
  assert.equal(patch("json").contentType, "application/json-patch+json");
  assert.equal(patch("strategic").contentType, "application/strategic-merge-patch+json");
  const apply = buildRequest({
    verb: "apply",
    resource: configMaps,
    ...at,
    object,
    options: { fieldManager: "m", metadataOnly: true },
  });
  assert.equal(apply.contentType, "application/apply-patch+yaml");
  assert.match(apply.accept, /as=PartialObjectMetadata;/);
  const list = buildRequest({ verb: "list", resource: configMaps, options: { metadataOnly: true } });
  assert.match(list.accept, /as=PartialObjectMetadataList;/);
});

test("buildRequest() puts delete options into the body", () => {
  const { body } = buildRequest({
    verb: "delete",
    resource: configMaps,
    ...at,
    options: { propagationPolicy: "Foreground", preconditions: { uid: "u" }, dryRun: true, gracePeriodSeconds: 0 },
  });
  assert.deepEqual(JSON.parse(body ?? ""), {
    apiVersion: "v1",
    kind: "DeleteOptions",
    propagationPolicy: "Foreground",
    gracePeriodSeconds: 0,
    preconditions: { uid: "u" },
    dryRun: ["All"],
  });
});

test("buildRequest() says which requests may be sent twice", () => {
  const rows: [Operation, boolean][] = [
    [{ verb: "create", resource: configMaps, ...at, object, options: {} }, false],
    [{ verb: "create", resource: configMaps, ...at, object, options: { dryRun: true } }, true],
    [{ verb: "apply", resource: configMaps, ...at, object, options: { fieldManager: "m" } }, true],
    [{ verb: "patch", resource: configMaps, ...at, patch: { type: "json", body: [] }, options: {} }, false],
    [{ verb: "patch", resource: configMaps, ...at, patch: { type: "merge", body: {} }, options: {} }, true],
    [{ verb: "update", resource: configMaps, ...at, object, options: {} }, false],
  ];
  for (const [operation, repeatable] of rows) assert.equal(buildRequest(operation).repeatable, repeatable);
});

test("buildRequest() refuses names that would leave their place in the path", () => {
  for (const name of ["..", ".", "a/b", "a%2fb", ""]) {
    assert.throws(() => buildRequest({ verb: "get", resource: configMaps, namespace: "n", name }), Failure, name);
    assert.throws(
      () => buildRequest({ verb: "get", resource: configMaps, namespace: name, name: "a" }),
      (thrown: Failure) => thrown.reason === "InvalidSpec" && thrown.retry === "never",
      name,
    );
  }
});
