// Windows out of YAML text: what is taken, and the line of each mistake.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, formatFailure, formatWhere } from "@plumbline/core/model";
import { windowsIn } from "./window-files.ts";

const head =
  "apiVersion: plumbline.io/v1alpha1\nkind: MaintenanceWindow\nmetadata: { name: w, namespace: plant }\nspec:\n";
const good = "  timeZone: UTC\n  schedules: [{ open: 0 8 * * MON, duration: 8h }]\n";

function mistakes(spec: string): string[] {
  const [window] = windowsIn("w.yaml", head + spec);
  return (window?.mistakes ?? []).map((failure) =>
    formatWhere(failure.where).replace(" MaintenanceWindow/plant/w:", ""),
  );
}

// spec (its first line is line 5), places of the mistakes
const rows: [string, string, string[]][] = [
  ["nothing wrong", good, []],
  [
    "a zone that does not exist",
    `  timeZone: Mars/Base\n  schedules: [{ open: 0 8 * * MON, duration: 8h }]\n`,
    ["w.yaml:5: spec.timeZone"],
  ],
  [
    "a cron expression in the second schedule",
    `${good.replace(" [", "\n  - ").replace("}]", "}")}  - open: 0 8 * *\n    duration: 8h\n`,
    ["w.yaml:8: spec.schedules[1].open"],
  ],
  [
    "a field that is missing, at the thing that misses it",
    "  timeZone: UTC\n  schedules:\n  - duration: 8h\n",
    ["w.yaml:7: spec.schedules[0].open"],
  ],
  ["no schedules at all", "  timeZone: UTC\n", ["w.yaml:4: spec"]],
  [
    "a class that does not exist, in a flow list over lines",
    `${good}  selects:\n    changes: [Revision,\n      Drfit]\n`,
    ["w.yaml:9: spec.selects.changes[1]"],
  ],
  [
    "a label that is no string, under a key with dots",
    `${good}  selects:\n    resources:\n    - labels:\n        app.kubernetes.io/name: 7\n`,
    ["w.yaml:10: spec.selects.resources[0].labels.app.kubernetes.io/name"],
  ],
  ["a field that does not exist", `${good}  schedule: []\n`, ["w.yaml:7: spec.schedule"]],
  [
    "a field that does not exist, deeper",
    `${good}  selects:\n    resources:\n    - kind: Job\n      kinds: Job\n`,
    ["w.yaml:10: spec.selects.resources[0].kinds"],
  ],
  [
    "a text that the API server refuses for its length",
    `${good}  freezes:\n  - { from: 2026-12-24, to: 2026-12-25, reason: ${"x".repeat(501)} }\n`,
    ["w.yaml:8: spec.freezes[0].reason"],
  ],
  [
    "every one of several",
    "  timeZone: Mars/Base\n  atClose: Stop\n  schedules: [7]\n",
    ["w.yaml:5: spec.timeZone", "w.yaml:7: spec.schedules[0]", "w.yaml:6: spec.atClose"],
  ],
];
for (const [name, spec, expected] of rows) {
  test(`window file: ${name}`, () => assert.deepEqual(mistakes(spec), expected));
}

test("window file: other objects are passed over, windows of later documents count their lines from the top", () => {
  const other = "kind: ConfigMap\napiVersion: v1\n---\n# nothing\n---\n";
  const found = windowsIn(
    "all.yaml",
    `${other}${head}${good}---\n${head}  timeZone: X\n${good.slice(good.indexOf("\n") + 1)}`,
  );
  assert.deepEqual(
    found.map(({ zone, mistakes: each = [] }) => [zone, each.map(({ where }) => where?.line)]),
    [
      ["UTC", []],
      [undefined, [17]],
    ],
  );
});

test("window file: a version that nobody knows is a mistake", () => {
  const [window] = windowsIn("w.yaml", `${head.replace("v1alpha1", "v9")}${good}`);
  assert.deepEqual(
    window?.mistakes?.map((each) => formatFailure(each)),
    ["w.yaml:1: MaintenanceWindow/plant/w: apiVersion: is no known version. Write plumbline.io/v1alpha1."],
  );
});

test("window file: broken YAML and doubled keys are refused with their line", () => {
  for (const [text, line] of [
    [`${head}  timeZone: "UTC\n`, 5],
    [`${head}  timeZone: UTC\n  timeZone: UTC\n`, 6],
  ] as const) {
    assert.throws(
      () => windowsIn("w.yaml", text),
      (error) => error instanceof Failure && error.where?.file === "w.yaml" && error.where.line === line,
    );
  }
});
