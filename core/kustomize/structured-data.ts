// Values inside JSON or YAML that itself stands in a text field, such as a file in a ConfigMap.

import { Failure, type JsonValue } from "@plumbline/core/model";
import { toGoJson } from "@plumbline/core/yaml";
import { overwrite, type SharedChanges } from "./aliases.ts";
import { lookUp, matchSlots, type CreateKind, type Slot } from "./field-path.ts";
import { readDocuments } from "./read-resources.ts";
import { jsonOf } from "./tree-json.ts";
import { MapNode, Scalar, cloneTree, textOf, withEntry, type Tree } from "./tree.ts";
import { writeEdited } from "./write-edited.ts";

interface StructuredReplacement {
  parts: readonly string[];
  value: Tree;
  create: CreateKind;
}

/**
 * Sets a value when the path leads into a text that holds JSON or YAML. False when it does not, or when anything on the
 * way does not fit: then the path is meant as a plain one.
 */
export function replaceInStructured(root: Slot, job: StructuredReplacement, changes: SharedChanges): boolean {
  const { parts, value, create } = job;
  for (let i = 1; i < parts.length; i++) {
    const scalar = quietly(() => lookUp(root.get(), parts.slice(0, i)));
    if (!(scalar instanceof Scalar)) continue;
    const text = quietly(() => replaceInText(scalar.value, { parts: parts.slice(i), value, create }));
    if (text === undefined) return false;
    const [slot] = slotOf(root, parts.slice(0, i));
    if (!slot) return false;
    slot.set(overwrite(scalar, { value: text, tag: scalar.tag }, changes));
    return true;
  }
  return false;
}

function quietly<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof Failure && error.reason !== "LimitExceeded") return undefined;
    throw error;
  }
}

/** The place that `lookUp` found; keys only, as texts with structure stand in mappings. */
function slotOf(root: Slot, path: readonly string[]): Slot[] {
  let at: Slot = root;
  for (const part of path) {
    const map = at.get();
    if (!(map instanceof MapNode)) return quietly(() => matchSlots(root, path, undefined)) ?? [];
    const before = at;
    at = {
      path: [...before.path, part.trim()],
      get: () => (before.get() as MapNode).get(part.trim()) as Tree,
      set: (tree) => {
        const parent = before.get() as MapNode;
        const index = parent.keys.indexOf(part.trim());
        if (index >= 0) parent.values[index] = tree;
        else before.set(withEntry(parent, part.trim(), tree));
      },
    };
  }
  return [at];
}

function replaceInText(text: string, job: StructuredReplacement): string | undefined {
  const [document] = readDocuments(text, "");
  if (document === undefined || document instanceof Scalar) return undefined;
  const holder = { tree: cloneTree(document) as Tree };
  const root: Slot = { path: [], get: () => holder.tree, set: (tree) => void (holder.tree = tree) };
  const slots = matchSlots(root, job.parts, job.create);
  if (slots.length === 0) return undefined;
  for (const slot of slots) {
    const before = slot.get();
    if (before instanceof Scalar) slot.set(new Scalar(textOf(job.value), before.tag, before.quoted));
    else slot.set(cloneTree(job.value));
  }
  const first = text.trim()[0];
  if (first !== "{" && first !== "[") return writeEdited(text, slots).trim();
  const json: JsonValue = jsonOf(holder.tree, "structured data");
  const pretty = text.includes("\n") && text.includes("  ");
  return toGoJson(json, pretty ? { indent: "  " } : {});
}
