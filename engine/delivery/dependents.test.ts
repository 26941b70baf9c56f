// Who depends on whom, as it changes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Dependents } from "./dependents.ts";

test("Dependents tells who depends on a delivery, as last set", () => {
  const dependents = new Dependents();
  dependents.set("apps/a", ["infra/one", "infra/two"]);
  dependents.set("apps/b", ["infra/one"]);
  assert.deepEqual([...dependents.of("infra/one")], ["apps/a", "apps/b"]);
  dependents.set("apps/a", ["infra/two"]);
  assert.deepEqual([...dependents.of("infra/one")], ["apps/b"]);
  assert.deepEqual([...dependents.of("infra/two")], ["apps/a"]);
  dependents.set("apps/b", []);
  assert.deepEqual([...dependents.of("infra/one")], []);
  assert.deepEqual([...dependents.of("apps/a")], []);
});
