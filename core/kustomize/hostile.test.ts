// Hostile input ends soon, in a Failure or in a harmless result.

import { match, ok, strictEqual } from "node:assert/strict";
import { describe, it } from "node:test";
import { memoryTree, type FileTree } from "@plumbline/core/model";
import { failureOf } from "@plumbline/testkit/delivery";
import { buildFiles } from "./build-in-tests.ts";
import { build } from "./build.ts";
import { MAX_FILE_BYTES } from "./limits.ts";

const object = "apiVersion: v1\nkind: C\nmetadata: {name: x}\n";

/** Runs within two seconds, which is many times what it takes. */
function soon<T>(action: () => T): T {
  const start = performance.now();
  const result = action();
  const ms = performance.now() - start;
  ok(ms < 2_000, `took ${ms} ms`);
  return result;
}

function refusalOf(files: Record<string, string>): ReturnType<typeof failureOf> {
  return soon(() => failureOf(() => buildFiles({ "kustomization.yaml": "resources: [r.yaml]\n", ...files })));
}

function aliasBomb(levels: number): string {
  let text = `${object}a0: &a0 [x, x, x, x, x, x, x, x, x]\n`;
  for (let i = 1; i < levels; i++)
    text += `a${i}: &a${i} [${Array(9)
      .fill(`*a${i - 1}`)
      .join(", ")}]\n`;
  return text;
}

describe("hostile input", () => {
  it("alias bombs end in a limit, in resources and in kustomizations", () => {
    strictEqual(refusalOf({ "r.yaml": aliasBomb(9) }).reason, "LimitExceeded");
    ok(refusalOf({ "kustomization.yaml": aliasBomb(9) }));
  });

  it("aliases inside their own anchor end in a limit", () => {
    strictEqual(refusalOf({ "r.yaml": `${object}a: &a [*a]\n` }).reason, "LimitExceeded");
    strictEqual(refusalOf({ "r.yaml": `${object}a: &a\n  <<: *a\n` }).reason, "LimitExceeded");
  });

  it("merge keys that double at every level end in a limit", () => {
    let text = `${object}a0: &a0 {x: y}\n`;
    for (let i = 1; i < 40; i++) text += `a${i}: &a${i} {<<: [*a${i - 1}, *a${i - 1}]}\n`;
    strictEqual(refusalOf({ "r.yaml": text }).reason, "LimitExceeded");
  });

  it("lists that contain themselves end in a limit", () => {
    const text = "apiVersion: v1\nkind: List\nitems: &i\n- apiVersion: v1\n  kind: List\n  items: *i\n";
    strictEqual(refusalOf({ "r.yaml": text }).reason, "LimitExceeded");
  });

  it("deep nesting is refused", () => {
    strictEqual(refusalOf({ "r.yaml": `${object}a: ${"[".repeat(50_000)}` }).reason, "LimitExceeded");
  });

  it("huge files are refused before they are parsed", () => {
    const files = memoryTree({ "kustomization.yaml": "resources: [r.yaml]\n", "r.yaml": "" });
    const huge: FileTree = {
      ...files,
      read: (path) => (path === "r.yaml" ? ({ length: MAX_FILE_BYTES + 1 } as Uint8Array) : files.read(path)),
    };
    strictEqual(failureOf(() => build(huge, "", { sha256: String })).reason, "LimitExceeded");
  });

  it("keys called __proto__ stay keys", () => {
    const { yaml } = buildFiles({
      "kustomization.yaml": "resources: [r.yaml]\nlabels: [{pairs: {__proto__: z, constructor: c}}]\n",
      "r.yaml": `${object}__proto__: {polluted: true}\n`,
    });
    match(yaml, /__proto__:\n {2}polluted: true/);
    match(yaml, /labels:\n {4}__proto__: z\n {4}constructor: c/);
    strictEqual(({} as Record<string, unknown>)["polluted"], undefined);
  });

  it("catastrophic patterns run in linear time", () => {
    soon(() =>
      buildFiles({
        "kustomization.yaml":
          'resources: [r.yaml]\npatches: [{target: {name: \'(a*)*b|((a+)+)+$\'}, patch: \'[{"op":"add","path":"/x","value":1}]\'}]\n',
        "r.yaml": `apiVersion: v1\nkind: C\nmetadata: {name: ${"a".repeat(20_000)}}\n`,
      }),
    );
  });

  it("patterns that would need much memory are refused", () => {
    const patch = "patches: [{target: {name: '((a{1,100}){1,100}){1,100}'}, patch: '[]'}]\n";
    ok(
      soon(() =>
        failureOf(() =>
          buildFiles({
            "kustomization.yaml": `resources: [r.yaml]\n${patch.replace("[]", '[{"op":"add","path":"/x"}]')}`,
            "r.yaml": object,
          }),
        ),
      ),
    );
  });

  it("patches that copy a field into itself again and again end in a limit", () => {
    const operations = Array.from({ length: 60 }, (_, i) => `    - {op: copy, from: /a, path: /a/x${i}}\n`).join("");
    const kustomization = `resources: [r.yaml]\npatches:\n- target: {kind: C}\n  patch: |\n${operations}`;
    strictEqual(
      refusalOf({ "kustomization.yaml": kustomization, "r.yaml": `${object}a: {b: c}\n` }).reason,
      "LimitExceeded",
    );
  });

  it("bases that reference each other are cycles", () => {
    const failure = refusalOf({
      "kustomization.yaml": "resources: [a]\n",
      "a/kustomization.yaml": "resources: [../b]\n",
      "b/kustomization.yaml": "resources: [../a]\n",
    });
    match(failure.message, /cycle detected/);
  });

  it("bases that multiply are bounded", () => {
    const files: Record<string, string> = { "kustomization.yaml": "resources: [l0]\n" };
    for (let i = 0; i < 18; i++) {
      files[`l${i}/kustomization.yaml`] = `resources: [../l${i + 1}, ../m${i + 1}]\n`;
      files[`m${i}/kustomization.yaml`] = `resources: [../l${i + 1}, ../m${i + 1}]\n`;
    }
    files["l18/kustomization.yaml"] = files["m18/kustomization.yaml"] = "namespace: x\n";
    soon(() => buildFiles(files));
  });

  it("paths out of the source are refused, whatever the restrictions", () => {
    for (const path of ["../../etc/passwd", "a/../../../etc/passwd"]) {
      for (const loadRestrictions of ["none", "rootOnly"] as const) {
        const failure = failureOf(() =>
          buildFiles({ "app/kustomization.yaml": `resources: [${path}]\n` }, "app", { loadRestrictions }),
        );
        strictEqual(failure.reason, "InvalidPath");
      }
    }
  });

  it("control characters end the parse", () => {
    for (const text of [
      "\u0000",
      "- a\n- \u0000",
      `${object}a: b\u0000`,
      `${object}a: 'b\u0000'`,
      `${object}a: "b\u0000"`,
    ])
      ok(refusalOf({ "r.yaml": text }));
  });
});
