// Replacements: a value of one resource, or a fixed one, copied into fields of others.

import { locate, buildFailure } from "./failures.ts";
import { lookUp, matchSlots, splitFieldPath, type CreateKind, type Slot } from "./field-path.ts";
import { formatId, isSelected, type ResId } from "./gvk.ts";
import type { FieldOptions, ReplacementSettings, ReplacementSource, ReplacementTarget } from "./kustomization.ts";
import { overwrite, type SharedChanges } from "./aliases.ts";
import type { Resource } from "./resource.ts";
import { compileMetadataSelector, compileSelector } from "./selector.ts";
import { replaceInStructured } from "./structured-data.ts";
import { changeOne, type Transform } from "./transform.ts";
import { MapNode, Scalar, SeqNode, cloneTree, isNilOrEmpty, isNull, textOf, type Tree } from "./tree.ts";

const DEFAULT_PATH = "metadata.name";

export type Replacement = Partial<ReplacementSettings>;

function replacementFailure(message: string): Error {
  return buildFailure(message, { field: "replacements" }, "Correct the replacement.");
}

export function replacementTransform(replacements: readonly Replacement[]): Transform {
  return {
    name: "ReplacementTransformer",
    run: (resources) => {
      let result = resources;
      for (const replacement of replacements) result = applyReplacement(result, replacement);
      return result;
    },
  };
}

function applyReplacement(resources: readonly Resource[], replacement: Replacement): readonly Resource[] {
  const { source, sourceValue, targets } = replacement;
  if ((source === undefined && sourceValue === undefined) || targets === undefined) {
    throw replacementFailure("replacements must specify a source and at least one target");
  }
  const value = sourceValueOf(resources, replacement);
  let result = resources;
  for (const target of targets) result = applyTarget(result, target ?? {}, value);
  return result;
}

/** Present and earlier identities; namespaces as they are written. */
function idsOf(resource: Resource): ResId[] {
  return [resource.id, ...resource.previousIds];
}

function sourceValueOf(resources: readonly Resource[], { source, sourceValue }: Replacement): Tree {
  if (source && sourceValue !== undefined) {
    throw replacementFailure("value and resource selectors are mutually exclusive");
  }
  if (!source) return new Scalar(sourceValue ?? "", "");
  const from = findSource(resources, source);
  const path = source.fieldPath || DEFAULT_PATH;
  let found: Tree | undefined;
  try {
    found = lookUp(from.tree, splitFieldPath(path));
  } catch (error) {
    throw locate(error, { object: from.label, field: path }, "error looking up replacement source");
  }
  if (found === undefined || isNilOrEmpty(found)) {
    throw buildFailure(
      `fieldPath \`${path}\` is missing for replacement source ${formatSource(source)}`,
      { object: from.label, field: path },
      "Name a field that the source has.",
    );
  }
  return refine(found, source.options);
}

function formatSource(source: Partial<ReplacementSource>): string {
  const { group = "", version = "", kind = "", name = "", namespace = "" } = source;
  return formatId({ group, version, kind, name, namespace });
}

function findSource(resources: readonly Resource[], source: Partial<ReplacementSource>): Resource {
  const { group = "", version = "", kind = "", name = "", namespace = "" } = source;
  const isMeant = (id: ResId): boolean =>
    (name === "" || name === id.name) &&
    (namespace === "" || namespace === (id.namespace || "default")) &&
    isSelected(id, { group, version, kind });
  const found = resources.filter((resource) => idsOf(resource).some(isMeant));
  if (found.length === 1) return found[0] as Resource;
  const text = formatSource(source) + (source.fieldPath ? `:${source.fieldPath}` : "");
  throw replacementFailure(found.length > 1 ? `multiple matches for selector ${text}` : `nothing selected by ${text}`);
}

function refine(value: Tree, options: Partial<FieldOptions> | undefined): Tree {
  const delimiter = options?.delimiter ?? "";
  if (delimiter === "") return value;
  if (!(value instanceof Scalar)) throw replacementFailure("delimiter option can only be used with scalar nodes");
  const index = Number(options?.index ?? 0);
  const part = value.value.split(delimiter)[index];
  if (part !== undefined) return new Scalar(part, value.tag, value.quoted);
  throw replacementFailure(`options.index ${index} is out of bounds for value ${value.value}`);
}

function applyTarget(
  resources: readonly Resource[],
  target: Partial<ReplacementTarget>,
  value: Tree,
): readonly Resource[] {
  const { select, reject = [] } = target;
  if (!select) throw replacementFailure("target must specify resources to select");
  const selector = compileSelector(select);
  const matchesMetadata = compileMetadataSelector(select);
  const rejections = reject.map((settings) => ({
    id: compileSelector(settings),
    hasMetadata: Boolean(settings.annotationSelector) || Boolean(settings.labelSelector),
    matchesMetadata: compileMetadataSelector(settings),
  }));
  const matches = (one: ReturnType<typeof compileSelector>, id: ResId): boolean =>
    one.matchesKind(id) && one.matchesName(id.name) && one.matchesNamespace(id.namespace);
  return resources.map((resource) => {
    if (!matchesMetadata(resource)) return resource;
    if (rejections.some((each) => each.hasMetadata && each.matchesMetadata(resource))) return resource;
    const ids = idsOf(resource);
    if (rejections.some(({ id }) => !id.isEmptyId && ids.some((each) => matches(id, each)))) return resource;
    if (!ids.some((id) => matches(selector, id))) return resource;
    return changeOne(resource, (each, changes) => copyValue(each, { value, target }, changes));
  });
}

interface Copy {
  value: Tree;
  target: Partial<ReplacementTarget>;
}

function kindOf(tree: Tree): CreateKind {
  return tree instanceof MapNode ? "mapping" : tree instanceof SeqNode ? "sequence" : "scalar";
}

function copyValue(resource: Resource, { value, target }: Copy, changes: SharedChanges): Resource {
  const tree = cloneTree(resource.tree);
  const create = target.options?.create ? kindOf(value) : undefined;
  const root: Slot = { path: [], get: () => tree, set: () => undefined };
  const paths = target.fieldPaths?.length ? target.fieldPaths : [DEFAULT_PATH];
  for (const path of paths) {
    const parts = splitFieldPath(path);
    if (replaceInStructured(root, { parts, value, create }, changes)) continue;
    const slots = findSlots(root, { path, parts, create });
    for (const slot of slots) setSlot(slot, { value, options: target.options }, changes);
  }
  return resource.withTree(tree);
}

function findSlots(root: Slot, wanted: { path: string; parts: string[]; create: CreateKind }): Slot[] {
  const { path, parts, create } = wanted;
  const message = `unable to find ${create ? "or create " : ""}field ${JSON.stringify(path)} in replacement target`;
  let slots: Slot[];
  try {
    slots = matchSlots(root, parts, create);
  } catch (error) {
    throw locate(error, { field: path }, message);
  }
  if (slots.length > 0) return slots;
  throw buildFailure(message, { field: path }, "Correct the field path, or set `options.create: true`.");
}

function setSlot(
  slot: Slot,
  job: { value: Tree; options: Partial<FieldOptions> | undefined },
  changes: SharedChanges,
): void {
  const before = slot.get();
  const delimiter = job.options?.delimiter ?? "";
  let { value } = job;
  if (delimiter !== "") {
    if (!(before instanceof Scalar)) throw replacementFailure("delimiter option can only be used with scalar nodes");
    value = new Scalar(joinPart(before.value, { delimiter, options: job.options, value }), "");
  }
  if (!(before instanceof Scalar)) slot.set(cloneTree(value));
  else slot.set(overwrite(before, { value: textOf(value), tag: before.tag }, changes));
}

function joinPart(
  text: string,
  job: { delimiter: string; options: Partial<FieldOptions> | undefined; value: Tree },
): string {
  const parts = text.split(job.delimiter);
  const index = Number(job.options?.index ?? 0);
  const value = isNull(job.value) ? "" : textOf(job.value);
  if (index < 0) parts.unshift(value);
  else if (index >= parts.length) parts.push(value);
  else parts[index] = value;
  return parts.join(job.delimiter);
}
