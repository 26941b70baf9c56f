// Lists of resources: no two with one id, and generators that replace or complete what is there.

import { buildFailure } from "./failures.ts";
import { absorb } from "./generators.ts";
import { effectiveNamespace, formatId, type ResId } from "./gvk.ts";
import { MAX_RESOURCES } from "./limits.ts";
import type { Resource } from "./resource.ts";

/** Adds resources. Throws `Failure` when an id is there already. */
export function appendAll(list: readonly Resource[], more: readonly Resource[], file: string): readonly Resource[] {
  if (more.length === 0) return list;
  const keys = keysOf(list);
  for (const resource of more) {
    if (keys.has(resource.key)) {
      throw buildFailure(
        `may not add resource with an already registered id: ${formatId(resource.id)}`,
        { file, object: resource.label },
        "Remove one of the two, or give them different names or namespaces.",
      );
    }
    keys.add(resource.key);
  }
  if (keys.size > MAX_RESOURCES) {
    throw buildFailure(`more than ${MAX_RESOURCES} resources`, { file }, "Split the build.", "LimitExceeded");
  }
  const result = list.concat(more);
  knownKeys.set(result, keys);
  knownKeys.delete(list);
  return result;
}

/** The keys of lists that grew by appending; a list's own set is handed on to the longer list. */
const knownKeys = new WeakMap<readonly Resource[], Set<string>>();

function keysOf(list: readonly Resource[]): Set<string> {
  return knownKeys.get(list) ?? new Set(list.map((resource) => resource.key));
}

function isEqualId(id: ResId, key: string): boolean {
  const { group, version, kind, name, namespace } = id;
  return `${effectiveNamespace(false, namespace)}\n${group}/${version}/${kind}\n${name}` === key;
}

/** What a generator makes: a new object, or one that replaces or completes an existing one. */
export function absorbOne(list: readonly Resource[], incoming: Resource, file: string): readonly Resource[] {
  const { key } = incoming;
  const where = { file, object: incoming.label };
  const behavior = incoming.carried.behavior ?? "unspecified";
  const matches: number[] = [];
  list.forEach((each, i) => {
    if (each.key === key || each.previousIds.some((id) => isEqualId(id, key))) matches.push(i);
  });
  const id = formatId(incoming.id);
  if (matches.length === 0) {
    if (behavior !== "merge" && behavior !== "replace") return appendAll(list, [incoming], file);
    throw buildFailure(`id ${id} does not exist; cannot merge or replace`, where, "Use behavior: create.");
  }
  if (matches.length > 1) {
    throw buildFailure(`found multiple objects that could accept merge of ${id}`, where, "Name the namespace.");
  }
  if (behavior !== "merge" && behavior !== "replace") {
    throw buildFailure(
      `id ${id} exists; can not use behavior: '${behavior}', behavior must be merge or replace`,
      where,
      "Set behavior to merge or replace, or rename the generator entry.",
    );
  }
  const at = matches[0] as number;
  const merged = absorb(list[at] as Resource, incoming, behavior);
  const sameId = list.flatMap((each, i) => (each.key === merged.key ? [i] : []));
  if (sameId.length !== 1 || sameId[0] !== at) {
    throw buildFailure(`cannot find resource with id ${formatId(merged.id)} to replace`, where, "Rename one of them.");
  }
  return list.with(at, merged);
}
