// Our definitions as objects.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crdOf, type Schema } from "@plumbline/core/crd";
import { gitRepositoryDefinition } from "./git-repository-schema.ts";
import { kustomizationDefinition } from "./kustomization-schema.ts";

test("each call gives a value of its own", () => {
  const first = crdOf(gitRepositoryDefinition);
  first.metadata = null;
  assert.notEqual(crdOf(gitRepositoryDefinition).metadata, null);
});

test("everything a user meets is described", () => {
  const missing: string[] = [];
  const visit = (schema: Schema, path: string): void => {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (property.description === undefined && path !== ".status" && property.type !== "object")
        missing.push(`${path}.${name}`);
      visit(property, `${path}.${name}`);
    }
    if (schema.items) visit(schema.items, `${path}[]`);
  };
  for (const definition of [gitRepositoryDefinition, kustomizationDefinition]) {
    visit(definition.spec, ".spec");
    visit(definition.status, ".status");
  }
  assert.deepEqual(missing, []);
});
