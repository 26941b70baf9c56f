// Custom resources: schema, defaults, pruning, subresources, tables.

import type { JsonObject } from "@plumbline/core/model";
import {
  type ApiCase,
  apply,
  get,
  jsonPatchType,
  mergeType,
  patch,
  post,
  put,
  remove,
  strategicType,
} from "../api-case.ts";

const text = { type: "string" };

/** The CRD that the cases use; it is created before them. */
export const widgetCrd: JsonObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.cases.example.com" },
  spec: {
    group: "cases.example.com",
    names: { kind: "Widget", plural: "widgets", singular: "widget", shortNames: ["wg"], categories: ["all"] },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" },
        },
        additionalPrinterColumns: [
          { name: "Size", type: "integer", jsonPath: ".spec.size" },
          { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
          { name: "Color", type: "string", jsonPath: ".spec.color", priority: 1 },
          { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
        ],
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                required: ["size"],
                properties: {
                  size: { type: "integer", minimum: 1, maximum: 10 },
                  replicas: { type: "integer" },
                  color: { type: "string", default: "red", enum: ["red", "green", "blue"] },
                  name: { type: "string", minLength: 2, maxLength: 5, pattern: "^[a-z]+$" },
                  tags: { type: "array", "x-kubernetes-list-type": "set", items: text },
                  parts: {
                    type: "array",
                    maxItems: 3,
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    items: {
                      type: "object",
                      required: ["name"],
                      properties: { name: text, weight: { type: "integer", default: 1 } },
                    },
                  },
                  plain: { type: "array", items: text },
                  nested: {
                    type: "object",
                    default: {},
                    properties: { depth: { type: "integer", default: 3 }, note: { type: "string", nullable: true } },
                  },
                  free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                  port: { "x-kubernetes-int-or-string": true },
                  labels: { type: "object", additionalProperties: text },
                },
              },
              status: {
                type: "object",
                "x-kubernetes-preserve-unknown-fields": true,
                properties: { replicas: { type: "integer" } },
              },
            },
          },
        },
      },
    ],
  },
};

/** A kind with rules of every form. */
export const gadgetCrd: JsonObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "gadgets.cases.example.com" },
  spec: {
    group: "cases.example.com",
    names: { kind: "Gadget", plural: "gadgets" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            "x-kubernetes-validations": [
              { rule: "self.metadata.name.startsWith('g')", message: "name must start with g" },
            ],
            properties: {
              spec: {
                type: "object",
                "x-kubernetes-validations": [
                  {
                    rule: "!has(self.min) || !has(self.max) || self.min <= self.max",
                    message: "min must not be above max",
                  },
                  {
                    rule: "!has(self.namespace) || self.__namespace__ != 'kube-system'",
                    reason: "FieldValueForbidden",
                    fieldPath: ".namespace",
                    message: "not there",
                  },
                  {
                    rule: "!has(self.list) || self.list.all(x, x.name.size() <= 3)",
                    messageExpression: "has(self.min) ? 'too long beside min' : 'too long'",
                  },
                ],
                properties: {
                  min: { type: "integer" },
                  max: { type: "integer" },
                  namespace: text,
                  fixed: {
                    type: "string",
                    "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "fixed is immutable" }],
                  },
                  pattern: { type: "string", "x-kubernetes-validations": [{ rule: "self.matches('^[a-z]+$')" }] },
                  list: {
                    type: "array",
                    maxItems: 5,
                    items: { type: "object", properties: { name: { type: "string", maxLength: 10 } } },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

const gadgets = "/apis/cases.example.com/v1/namespaces/{ns}/gadgets";
const gadget = (spec: JsonObject, name = "g"): JsonObject => ({
  apiVersion: "cases.example.com/v1",
  kind: "Gadget",
  metadata: { name, namespace: "{ns}" },
  spec,
});

const path = "/apis/cases.example.com/v1/namespaces/{ns}/widgets";
const one = `${path}/w`;
const widget = (spec: JsonObject, more: JsonObject = {}): JsonObject => ({
  apiVersion: "cases.example.com/v1",
  kind: "Widget",
  metadata: { name: "w", namespace: "{ns}" },
  spec,
  ...more,
});
const table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

export const customKindCases: ApiCase[] = [
  {
    name: "a custom resource is defaulted and pruned, and its status is not taken on create",
    steps: [post(path, widget({ size: 1, unknown: 1, nested: { more: 1 } }, { status: { a: 1 }, extra: 1 })), get(one)],
  },
  {
    name: "applying a custom resource records exactly its fields",
    steps: [
      apply(one, widget({ size: 2, tags: ["b", "a"], parts: [{ name: "x" }], plain: ["p"] })),
      apply(one, widget({ size: 2, tags: ["b", "a"], parts: [{ name: "x" }], plain: ["p"] })),
    ],
  },
  {
    name: "applying fewer fields removes them",
    steps: [
      apply(one, widget({ size: 2, tags: ["b", "a"], free: { a: { b: 1 } }, labels: { k: "v" } })),
      apply(one, widget({ size: 3, tags: ["a"], free: { a: {} } })),
    ],
  },
  { name: "an unknown field in an applied custom resource", steps: [apply(one, widget({ size: 2, unknown: true }))] },
  {
    name: "an unknown field with strict validation",
    steps: [
      apply(`${one}?fieldManager=flux&force=true&fieldValidation=Strict`, widget({ size: 2, nested: { more: 1 } })),
      post(`${path}?fieldValidation=Strict`, widget({ size: 2, unknown: 1 })),
    ],
  },
  {
    name: "values outside of the schema are refused with their causes",
    steps: [post(path, widget({ size: 11, color: "pink", name: "A", parts: [{ weight: 1 }], port: true }))],
  },
  { name: "a missing required field", steps: [post(path, widget({})), apply(one, widget({ color: "red" }))] },
  {
    name: "a value of the wrong type",
    steps: [post(path, widget({ size: "big" })), apply(one, widget({ size: "big" }))],
  },
  {
    name: "text that is too long and lists that are too long",
    steps: [
      post(
        path,
        widget({ size: 1, name: "abcdefgh", parts: [{ name: "a" }, { name: "b" }, { name: "c" }, { name: "d" }] }),
      ),
    ],
  },
  {
    name: "the same item twice in a set and in a keyed list",
    steps: [
      post(path, widget({ size: 1, tags: ["a", "a"] })),
      post(path, widget({ size: 1, parts: [{ name: "a" }, { name: "a" }] })),
      apply(one, widget({ size: 1, tags: ["a", "a"] })),
    ],
  },
  {
    name: "the status subresource takes the status only",
    steps: [
      post(path, widget({ size: 1 })),
      patch(`${one}/status`, mergeType, {
        spec: { size: 5 },
        status: { replicas: 2, conditions: [{ type: "Ready", status: "True" }] },
        metadata: { labels: { a: "b" } },
      }),
      patch(one, mergeType, { status: { replicas: 9 } }),
    ],
  },
  {
    name: "applying a status",
    steps: [
      post(path, widget({ size: 1 })),
      apply(`${one}/status`, {
        apiVersion: "cases.example.com/v1",
        kind: "Widget",
        metadata: { name: "w" },
        status: { replicas: 2 },
      }),
    ],
  },
  {
    name: "generation counts changes of the spec",
    steps: [
      post(path, widget({ size: 1 })),
      patch(one, mergeType, { metadata: { labels: { a: "b" } } }),
      patch(one, mergeType, { spec: { size: 2 } }),
      patch(one, mergeType, { spec: { size: 2 } }),
    ],
  },
  {
    name: "scale of a custom resource",
    steps: [
      post(path, widget({ size: 1, replicas: 2 })),
      get(`${one}/scale`),
      patch(`${one}/scale`, mergeType, { spec: { replicas: 4 } }),
      get(one),
    ],
  },
  {
    name: "a strategic merge patch of a custom resource",
    steps: [post(path, widget({ size: 1 })), patch(one, strategicType, { spec: { size: 2 } })],
  },
  {
    name: "JSON patch of a custom resource",
    steps: [
      post(path, widget({ size: 1 })),
      patch(one, jsonPatchType, [
        { op: "replace", path: "/spec/size", value: 3 },
        { op: "add", path: "/metadata/labels", value: { a: "b" } },
      ]),
      patch(one, jsonPatchType, [{ op: "remove", path: "/spec/none" }]),
    ],
  },
  {
    name: "an update of a custom resource needs its version",
    steps: [post(path, widget({ size: 1 })), put(one, widget({ size: 2 }))],
  },
  {
    name: "nulls in a custom resource",
    steps: [apply(one, widget({ size: 1, color: null, nested: { note: null }, free: { a: null } })), get(one)],
  },
  {
    name: "a table of custom resources",
    steps: [post(path, widget({ size: 1 })), get(path, { accept: table }), get(one, { accept: table })],
  },
  {
    name: "a custom resource of another kind or version",
    steps: [
      post(path, { ...widget({ size: 1 }), kind: "Gadget" }),
      post(path, { ...widget({ size: 1 }), apiVersion: "cases.example.com/v2" }),
      apply(one, { ...widget({ size: 1 }), apiVersion: "cases.example.com/v2" }),
    ],
  },
  {
    name: "an ownership conflict over a custom resource",
    steps: [
      apply(one, widget({ size: 1, tags: ["a"] })),
      apply(`${one}?fieldManager=other`, widget({ size: 2, tags: ["b"] })),
      apply(`${one}?fieldManager=other&force=true`, widget({ size: 2, tags: ["b"] })),
      apply(one, widget({ size: 1 })),
    ],
  },
  {
    name: "deleting a custom resource with a finalizer",
    steps: [
      post(path, {
        ...widget({ size: 1 }),
        metadata: { name: "w", namespace: "{ns}", finalizers: ["cases.example.com/hold"] },
      }),
      remove(one),
      get(one),
      patch(one, mergeType, { metadata: { finalizers: null } }),
      get(one),
    ],
  },
  {
    name: "rules in CEL hold",
    steps: [
      apply(
        `${gadgets}/g`,
        gadget({ min: 1, max: 2, namespace: "a", fixed: "x", pattern: "abc", list: [{ name: "a" }] }),
      ),
      apply(`${gadgets}/g`, gadget({ min: 2, max: 2, fixed: "x" })),
      apply(`${gadgets}/g`, gadget({ min: 2, max: 2 })),
      apply(`${gadgets}/g`, gadget({ fixed: "y" })),
      apply(`${gadgets}/g`, gadget({ fixed: "z" })),
    ],
  },
  { name: "rules in CEL refuse: an order of numbers", steps: [post(gadgets, gadget({ min: 3, max: 2 }))] },
  { name: "rules in CEL refuse: a name", steps: [post(gadgets, gadget({}, "x"))] },
  { name: "rules in CEL refuse: a forbidden field", steps: [post(gadgets, gadget({ namespace: "kube-system" }))] },
  {
    name: "rules in CEL refuse: a message made by an expression",
    steps: [post(gadgets, gadget({ list: [{ name: "long name" }] }))],
  },
  { name: "rules in CEL refuse: a rule without message", steps: [post(gadgets, gadget({ pattern: "A1" }))] },
  { name: "rules in CEL wait for a valid object", steps: [post(gadgets, gadget({ min: "1" }))] },
  {
    name: "a dry-run of an apply stores nothing",
    steps: [apply(`${one}?fieldManager=flux&dryRun=All`, widget({ size: 1 })), get(one)],
  },
];
