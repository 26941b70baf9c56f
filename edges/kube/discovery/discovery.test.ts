// Discovery documents, and when the server is asked for them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, type JsonValue } from "@plumbline/core/model";
import { failureOf, isKindUnknown } from "../failure.ts";
import type { KubeRequest } from "../request.ts";
import { steppedClock } from "@plumbline/testkit/clock";
import { DISCOVERY_MISS_INTERVAL_MS, DiscoveryCache } from "./discovery.ts";
import { indexKinds } from "./kind-index.ts";
import { readAggregated, readGroups, readResourceList } from "./read-discovery.ts";

const resource = (plural: string, kind: string, scope = "Namespaced"): JsonValue => ({
  resource: plural,
  responseKind: { group: "", version: "", kind },
  scope,
  singularResource: kind.toLowerCase(),
  verbs: ["get", "watch"],
  shortNames: ["x"],
  categories: ["all"],
  subresources: [{ subresource: "status", verbs: ["patch"] }],
});

const group = (name: string, versions: [string, JsonValue[], string?][]): JsonValue => ({
  metadata: name === "" ? {} : { name },
  versions: versions.map(([version, resources, freshness = "Current"]) => ({ version, resources, freshness })),
});

const list = (...items: JsonValue[]): JsonValue => ({ kind: "APIGroupDiscoveryList", items });

test("aggregated discovery: every kind with its versions, the first one preferred", () => {
  const groups = readAggregated(
    list(
      group("apps", [
        ["v1", [resource("deployments", "Deployment")]],
        ["v1beta1", [resource("deployments", "Deployment")]],
      ]),
      group("broken", [["v1", [], "Stale"]]),
    ),
  );
  const index = indexKinds(groups ?? []);
  const kind = { group: "apps", kind: "Deployment" };
  assert.deepEqual(index.find(kind), {
    group: "apps",
    version: "v1",
    kind: "Deployment",
    plural: "deployments",
    singular: "deployment",
    namespaced: true,
    verbs: ["get", "watch"],
    subresources: ["status"],
    shortNames: ["x"],
    categories: ["all"],
  });
  assert.equal(index.find({ ...kind, version: "v1beta1" })?.version, "v1beta1");
  assert.equal(index.find({ ...kind, version: "v2" }), undefined);
  assert.equal(index.find({ group: "", kind: "Deployment" }), undefined);
  assert.deepEqual(index.unavailable, ["broken/v1"]);
  assert.equal(index.all.length, 1);
});

test("the older documents say the same", () => {
  assert.equal(readAggregated({ kind: "APIGroupList", groups: [] }), undefined);
  assert.deepEqual(readGroups({ kind: "APIVersions", versions: ["v1"] }), [{ group: "", version: "v1" }]);
  const versions = [{ version: "v1beta1" }, { version: "v1" }];
  const document = { kind: "APIGroupList", groups: [{ name: "g", versions, preferredVersion: { version: "v1" } }] };
  assert.deepEqual(
    readGroups(document).map(({ version }) => version),
    ["v1", "v1beta1"],
  );
  const resources = [
    { name: "pods", kind: "Pod", singularName: "pod", namespaced: true, verbs: ["get"], shortNames: ["po"] },
    { name: "pods/status", kind: "Pod", namespaced: true, verbs: ["patch"] },
    { name: "podsandmore", kind: "Other", namespaced: false, verbs: [] },
  ];
  const read = readResourceList({ kind: "APIResourceList", resources }, { group: "", version: "v1" });
  assert.deepEqual(
    read.map(({ plural, namespaced, subresources }) => [plural, namespaced, subresources]),
    [
      ["pods", true, ["status"]],
      ["podsandmore", false, []],
    ],
  );
});

test("documents of any shape are read without harm", () => {
  for (const odd of [
    null,
    1,
    "x",
    [],
    {},
    { kind: "APIGroupDiscoveryList" },
    { kind: "APIGroupDiscoveryList", items: [1, null, { versions: [{ resources: [null, {}] }] }] },
  ]) {
    assert.doesNotThrow(() => indexKinds(readAggregated(odd) ?? []));
    assert.doesNotThrow(() => readGroups(odd));
    assert.deepEqual(readResourceList(odd, { group: "g", version: "v1" }), []);
  }
});

interface Server {
  documents: Record<string, JsonValue>;
  asked: string[];
  call(request: KubeRequest): Promise<{ status: number; body: string; header: (name: string) => string | undefined }>;
}

function server(documents: Record<string, JsonValue>): Server {
  const asked: string[] = [];
  const self: Server = {
    documents,
    asked,
    call: async (request) => {
      const body = JSON.stringify(self.documents[request.path]);
      await Promise.resolve();
      const isKnown = request.ifNoneMatch === `"${body.length}"`;
      asked.push(`${request.path} ${isKnown ? 304 : 200}`);
      return { status: isKnown ? 304 : 200, body: isKnown ? "" : body, header: () => `"${body.length}"` };
    },
  };
  return self;
}

const widget = { group: "acme", kind: "Widget" };

test("the server is asked once, again on a miss after some seconds, and at once when told", async () => {
  const clock = steppedClock();
  const api = server({ "/api": list(group("", [["v1", [resource("pods", "Pod")]]])), "/apis": list() });
  const discovery = new DiscoveryCache({ clock, call: (request) => api.call(request) });
  const [pod] = await Promise.all([discovery.find({ group: "", kind: "Pod" }), discovery.find(widget)]);
  assert.equal(pod?.plural, "pods");
  assert.equal(api.asked.length, 2);
  api.documents["/apis"] = list(group("acme", [["v1", [resource("widgets", "Widget")]]]));
  assert.equal(await discovery.find(widget), undefined);
  assert.equal(api.asked.length, 2, "a second miss within seconds asks nobody");
  clock.advance(DISCOVERY_MISS_INTERVAL_MS);
  assert.equal((await discovery.find(widget))?.plural, "widgets");
  assert.deepEqual(api.asked.slice(2), ["/api 304", "/apis 200"]);
  api.documents["/apis"] = list();
  await discovery.refresh();
  assert.equal(discovery.cached(widget), undefined);
  await assert.rejects(discovery.resourceFor(widget), /serves no Widget of acme/);
});

test("a refresh that is asked for while another runs sees what happened in between", async () => {
  const api = server({ "/api": list(), "/apis": list() });
  const discovery = new DiscoveryCache({ clock: steppedClock(), call: (request) => api.call(request) });
  const first = discovery.refresh();
  api.documents["/apis"] = list(group("acme", [["v1", [resource("widgets", "Widget")]]]));
  const second = discovery.refresh();
  const third = discovery.refresh();
  await first;
  assert.equal(discovery.cached(widget), undefined);
  await Promise.all([second, third]);
  assert.ok(discovery.cached(widget));
  assert.equal(api.asked.length, 4, "three refreshes are two readings");
});

test("a doubtful answer makes the next look ask again", async () => {
  const clock = steppedClock();
  const api = server({ "/api": list(), "/apis": list(group("acme", [["v1", [resource("widgets", "Widget")]]])) });
  const discovery = new DiscoveryCache({ clock, call: (request) => api.call(request) });
  assert.ok(await discovery.find(widget));
  api.documents["/apis"] = list();
  discovery.doubt();
  assert.equal(discovery.settled(widget), undefined);
  clock.advance(DISCOVERY_MISS_INTERVAL_MS);
  assert.equal(await discovery.find(widget), undefined);
});

test("a server without aggregated discovery is asked per group; one that fails is left out and named", async () => {
  const resources = [{ name: "widgets", kind: "Widget", namespaced: true, verbs: ["get"] }];
  const versions = (name: string): JsonValue => ({
    name,
    versions: [{ version: "v1" }],
    preferredVersion: { version: "v1" },
  });
  const documents: Record<string, JsonValue> = {
    "/api": { kind: "APIVersions", versions: ["v1"] },
    "/apis": { kind: "APIGroupList", groups: [versions("acme"), versions("broken")] },
    "/api/v1": { kind: "APIResourceList", resources: [{ name: "pods", kind: "Pod", namespaced: true, verbs: [] }] },
    "/apis/acme/v1": { kind: "APIResourceList", resources },
  };
  const api = server(documents);
  const discovery = new DiscoveryCache({
    clock: steppedClock(),
    call: (request) => {
      if (request.path !== "/apis/broken/v1") return api.call(request);
      return Promise.reject(failureOf(request.subject, { status: 503, body: "" }, 0));
    },
  });
  assert.equal((await discovery.find(widget))?.plural, "widgets");
  assert.deepEqual(discovery.unavailable(), ["broken/v1"]);
  await assert.rejects(discovery.resourceFor({ group: "broken", kind: "Thing", version: "v1" }), (thrown: unknown) => {
    assert.ok(thrown instanceof Failure);
    assert.match(thrown.hint ?? "", /Check the APIService of broken\/v1/);
    return isKindUnknown(thrown);
  });
});

test("a kind in a version or group that is not served: the failure names the one that is", async () => {
  const ingress = (name: string, version: string): JsonValue =>
    group(name, [[version, [resource("ingresses", "Ingress")]]]);
  const api = server({ "/api": list(), "/apis": list(ingress("networking.k8s.io", "v1"), ingress("acme.io", "v2")) });
  const discovery = new DiscoveryCache({ clock: steppedClock(), call: (request) => api.call(request) });
  const rows: [string, string, RegExp][] = [
    ["networking.k8s.io", "v1beta1", /^Write apiVersion: networking.k8s.io\/v1, which/],
    ["extensions", "v1beta1", /^Write apiVersion: acme.io\/v2 or networking.k8s.io\/v1, which/],
  ];
  for (const [name, version, hint] of rows) {
    await assert.rejects(discovery.resourceFor({ group: name, version, kind: "Ingress" }), (thrown: unknown) => {
      assert.ok(thrown instanceof Failure);
      assert.match(thrown.hint ?? "", hint);
      return true;
    });
  }
});
