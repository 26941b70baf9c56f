// The drift cases that were tried on a real API server (docs: observe-and-apply), as rows.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "@plumbline/core/model";
import { projectOwned } from "./project.ts";

const owned: JsonObject = {
  "f:metadata": { "f:labels": { "f:app": {} } },
  "f:spec": {
    "f:replicas": {},
    "f:template": {
      "f:spec": {
        "f:containers": {
          'k:{"name":"side"}': { ".": {}, "f:name": {}, "f:resources": {} },
          'k:{"name":"web"}': {
            ".": {},
            "f:name": {},
            "f:image": {},
            "f:env": { 'k:{"name":"A"}': { ".": {}, "f:name": {}, "f:value": {} } },
            "f:ports": { 'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} } },
          },
        },
        "f:tolerations": {},
        "f:volumes": { 'k:{"name":"tmp"}': { ".": {}, "f:emptyDir": {}, "f:name": {} } },
      },
    },
  },
};
const sent: JsonObject = {
  metadata: { labels: { app: "x" } },
  spec: {
    replicas: 1,
    template: {
      spec: {
        containers: [
          { name: "side", resources: {} },
          { name: "web", image: "i:1", env: [{ name: "A", value: "1" }], ports: [{ containerPort: 80 }] },
        ],
        tolerations: [{ key: "a" }],
        volumes: [{ name: "tmp", emptyDir: {} }],
      },
    },
  },
};
interface Live {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
  spec: { replicas: number; template: { spec: Pod } };
}
interface Pod {
  containers: {
    name: string;
    image?: string;
    args?: string[];
    env: JsonObject[];
    ports?: JsonObject[];
    resources: JsonObject;
  }[];
  tolerations: JsonObject[];
  volumes: { name: string; emptyDir: JsonObject }[];
}

function live(): Live {
  return {
    metadata: { labels: { app: "x" } },
    spec: {
      replicas: 1,
      template: {
        spec: {
          containers: [
            { name: "side", env: [], resources: {} },
            {
              name: "web",
              image: "i:1",
              env: [{ name: "A", value: "1" }],
              ports: [{ containerPort: 80, protocol: "TCP" }],
              resources: {},
            },
          ],
          tolerations: [{ key: "a" }],
          volumes: [{ name: "tmp", emptyDir: {} }],
        },
      },
    },
  };
}

const project = (object: Live): string => projectOwned(object as unknown as JsonObject, owned, sent);
const web = (object: Live): Pod["containers"][number] => {
  const found = object.spec.template.spec.containers[1];
  assert.ok(found);
  return found;
};

const silent: [string, (o: Live) => void][] = [
  ["a foreign label", (o) => (o.metadata.labels["other"] = "y")],
  ["a restart annotation", (o) => (o.metadata.annotations = { "kubectl.kubernetes.io/restartedAt": "now" })],
  ["an extra environment variable", (o) => web(o).env.unshift({ name: "Z", value: "1" })],
  ["an extra container", (o) => o.spec.template.spec.containers.push({ name: "new", env: [], resources: {} })],
  ["a defaulted field of an owned item", (o) => (web(o).args = ["-v"])],
  [
    "content in what was sent empty",
    (o) => o.spec.template.spec.volumes[0] && (o.spec.template.spec.volumes[0].emptyDir = { medium: "Memory" }),
  ],
];
for (const [name, change] of silent) {
  test(`projectOwned() does not see ${name}`, () => {
    const changed = live();
    change(changed);
    assert.equal(project(changed), project(live()));
  });
}

const seen: [string, (o: Live) => void][] = [
  ["another replica count", (o) => (o.spec.replicas = 3)],
  ["another image", (o) => (web(o).image = "i:2")],
  ["a removed label", (o) => delete o.metadata.labels["app"]],
  ["a changed environment variable", (o) => (web(o).env = [{ name: "A", value: "2" }])],
  ["a removed environment variable", (o) => (web(o).env = [])],
  ["a renamed container", (o) => (web(o).name = "renamed")],
  ["another order of containers", (o) => o.spec.template.spec.containers.reverse()],
  ["an addition to an atomic list", (o) => o.spec.template.spec.tolerations.push({ key: "b" })],
  ["a removed port", (o) => (web(o).ports = [])],
  ["a removed volume", (o) => (o.spec.template.spec.volumes = [])],
];
for (const [name, change] of seen) {
  test(`projectOwned() sees ${name}`, () => {
    const changed = live();
    change(changed);
    assert.notEqual(project(changed), project(live()));
  });
}

test("projectOwned() finds items of a set by value, in live order", () => {
  const set: JsonObject = { "f:metadata": { "f:finalizers": { ".": {}, 'v:"a/b"': {}, 'v:"c/d"': {} } } };
  const of = (...finalizers: string[]): string => projectOwned({ metadata: { finalizers } }, set);
  assert.equal(of("a/b", "x/y", "c/d"), of("a/b", "c/d"));
  assert.notEqual(of("c/d", "a/b"), of("a/b", "c/d"));
  assert.notEqual(of("c/d"), of("a/b", "c/d"));
});

test("projectOwned() treats keys of the prototype as plain keys", () => {
  const set: JsonObject = { "f:data": { "f:__proto__": {}, "f:constructor": {} } };
  const data = JSON.parse('{"data":{"__proto__":"1"}}') as JsonObject;
  assert.equal(projectOwned({ data: {} }, set), '{"data":{"__proto__":-,"constructor":-}}');
  assert.equal(projectOwned(data, set), '{"data":{"__proto__":"1","constructor":-}}');
});

test("projectOwned() takes time in proportion to the items, not to items times owned items", () => {
  const count = 20_000;
  const items = Array.from({ length: count }, (_, i) => ({ name: `n${i}`, value: "1" }));
  const set: JsonObject = Object.fromEntries(
    items.map(({ name }) => [`k:${JSON.stringify({ name })}`, { "f:value": {} }]),
  );
  assert.ok(projectOwned({ list: items }, { "f:list": set }).length > count);
});
