// Watches: initial events, bookmarks, selection, resumption, forms.

import type { JsonObject } from "@plumbline/core/model";
import { type ApiCase, mergeType, patch, post, remove, watch } from "../api-case.ts";

const maps = "/api/v1/namespaces/{ns}/configmaps";
const widgets = "/apis/cases.example.com/v1/namespaces/{ns}/widgets";

const configMap = (name: string, labels: JsonObject = {}): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, labels },
  data: { a: "1" },
});
const widget: JsonObject = {
  apiVersion: "cases.example.com/v1",
  kind: "Widget",
  metadata: { name: "w" },
  spec: { size: 1 },
};
const two = [post(maps, configMap("a", { app: "x" })), post(maps, configMap("b"))];
const partial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";
const initial = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";

export const watchCases: ApiCase[] = [
  { name: "a watch without a version begins with what is there", steps: [...two, watch(maps, 2)] },
  { name: "a watch with initial events says when they are over", steps: [...two, watch(`${maps}?${initial}`, 3)] },
  {
    name: "a watch with initial events of a selection",
    steps: [...two, watch(`${maps}?${initial}&labelSelector=app`, 2)],
  },
  {
    name: "a watch goes on from a version",
    steps: [
      ...two,
      patch(`${maps}/a`, mergeType, { data: { a: "2" } }),
      remove(`${maps}/b`),
      watch(`${maps}?resourceVersion={version 1}`, 3),
    ],
  },
  {
    name: "an object that leaves the selection of a watch is deleted there, and comes back as added",
    steps: [
      ...two,
      patch(`${maps}/a`, mergeType, { metadata: { labels: { app: null } } }),
      patch(`${maps}/a`, mergeType, { data: { a: "2" } }),
      patch(`${maps}/a`, mergeType, { metadata: { labels: { app: "y" } } }),
      watch(`${maps}?resourceVersion={version 1}&labelSelector=app`, 2),
    ],
  },
  {
    name: "a watch of one object by its name",
    steps: [...two, watch(`${maps}?${initial}&fieldSelector=metadata.name%3Db`, 2)],
  },
  { name: "a watch of metadata alone", steps: [...two, watch(`${maps}?${initial}`, 3, { accept: partial })] },
  {
    name: "a watch of custom resources",
    steps: [
      post(widgets, widget),
      patch(`${widgets}/w`, mergeType, { spec: { size: 2 } }),
      watch(`${widgets}?resourceVersion={version 1}`, 1),
      watch(`${widgets}?${initial}`, 2),
    ],
  },
  {
    name: "watches with options that do not fit",
    steps: [
      watch(`${maps}?resourceVersion=abc`, 1),
      watch(`${maps}?sendInitialEvents=true`, 1),
      watch(`${maps}?resourceVersionMatch=NotOlderThan&resourceVersion=1`, 1),
    ],
  },
];
