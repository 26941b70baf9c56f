// core/ownership beside Kubernetes' own field manager: random scripts, every answer compared.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { dig, digString, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { applyObject, canonicalJson, conflictMessage, trackUpdate } from "@plumbline/core/ownership";
import { builtinType, crdType, type TypeNode } from "@plumbline/core/schema";
import { buildGoProgram } from "@plumbline/testkit/go";
import { Dice, randomScript, type Script, type Step } from "./scripts.ts";

const scriptCount = 3000;
const kubernetesVersion = "v1.36.3";
let program = "";
let documents = "";

before(async () => {
  program = await buildGoProgram({ module: "conformance/oracle-ssa", package: "./manage", name: "oracle-ssa-manage" });
  const { stdout } = await promisify(execFile)(
    "go",
    ["mod", "download", "-json", `k8s.io/kubernetes@${kubernetesVersion}`],
    {
      cwd: import.meta.dirname,
      timeout: 300_000,
    },
  );
  documents = join((JSON.parse(stdout) as { Dir: string }).Dir, "api", "openapi-spec", "v3");
});

interface Answer {
  object?: JsonObject;
  error?: string;
  conflicts?: [string, string][];
}

async function ask(scripts: readonly Script[]): Promise<Answer[][]> {
  const child = spawn(program, [documents], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(scripts.map((script) => JSON.stringify(script)).join("\n"));
  const parts: Buffer[] = [];
  for await (const part of child.stdout) parts.push(part as Buffer);
  return Buffer.concat(parts)
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Answer[]);
}

function typeOf({ schema, gvk: [group, version, kind] }: Script): TypeNode {
  const node = schema ? crdType({ group, version, kind }, schema) : builtinType({ group, version, kind });
  assert.ok(node);
  return node;
}

function takeStep(node: TypeNode, live: JsonObject | undefined, step: Step): Answer {
  const apiVersion = digString(step.object, "apiVersion") ?? "";
  const writer = { manager: step.manager, apiVersion, subresource: step.subresource, time: "2026-01-01T00:00:00Z" };
  if (step.op === "update") return { object: trackUpdate(node, live, { next: step.object, writer }) };
  const before = live ?? { apiVersion, kind: step.object.kind ?? "" };
  const result = applyObject(node, before, { applied: step.object, writer, force: step.force });
  switch (result.kind) {
    case "applied":
      return { object: result.object };
    case "conflict":
      return { error: conflictMessage(result.conflicts), conflicts: [] };
    case "invalid":
      return { error: result.errors.join("\n") };
  }
}

function withUid(object: JsonObject): JsonObject {
  return { ...object, metadata: { ...(isObject(object.metadata) ? object.metadata : {}), uid: "1" } };
}

/** Times differ by nature; entries are put in one order, as the oracle's depends on the second of the clock. */
function normalise(object: JsonObject): string {
  const metadata = isObject(object.metadata) ? { ...object.metadata } : {};
  const entries = dig(object, "metadata", "managedFields");
  if (Array.isArray(entries)) {
    const masked = entries.map((entry): JsonValue => (isObject(entry) && entry.time ? { ...entry, time: "T" } : entry));
    metadata.managedFields = masked.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  }
  return canonicalJson({ ...object, metadata });
}

/** Kubernetes lists the conflicts of one manager in random order. */
function sortLines(message: string): string {
  return message.split("\n").sort().join("\n");
}

test(`applies and updates give the objects, owners and conflicts that Kubernetes gives (${scriptCount} scripts)`, async () => {
  const dice = new Dice(20261121);
  const scripts = Array.from({ length: scriptCount }, () => randomScript(dice));
  const answers = await ask(scripts);
  let conflicts = 0;
  for (const [i, script] of scripts.entries()) {
    const node = typeOf(script);
    let live: JsonObject | undefined;
    for (const [j, step] of script.steps.entries()) {
      const expected = answers[i]?.[j];
      assert.ok(expected, `no answer for script ${i}`);
      const got = takeStep(node, live, step);
      const where = `script ${i}, step ${j}: ${JSON.stringify(step)}`;
      if (got.object) {
        assert.ok(expected.object, `${where}: Kubernetes refuses: ${expected.error}`);
        live = withUid(got.object);
        assert.equal(normalise(live), normalise(expected.object), where);
      } else {
        conflicts++;
        assert.equal(sortLines(got.error ?? ""), sortLines(expected.error ?? "accepted"), where);
      }
    }
  }
  assert.ok(conflicts > 100, "the scripts provoke conflicts");
});
