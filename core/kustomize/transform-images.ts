// Image names, tags and digests.

import { Failure } from "@plumbline/core/model";
import { setScalarText, type SharedChanges } from "./aliases.ts";
import { applyFieldSpec } from "./apply-field-spec.ts";
import { buildFailure } from "./failures.ts";
import type { FieldSpec } from "./field-spec.ts";
import { compilePattern, type Matcher } from "./go-pattern.ts";
import type { ImageSettings } from "./kustomization.ts";
import { specsByKind } from "./transform-labels.ts";
import { mapResources, type Transform } from "./transform.ts";
import { MapNode, Scalar, SeqNode, isNull, type Tree } from "./tree.ts";

const CONTAINER_LISTS = new Set(["containers", "initContainers"]);

export interface ImageParts {
  name: string;
  tag: string;
  digest: string;
}

/** Splits `[host[:port]/]name[:tag][@digest]`. */
export function splitImage(image: string): ImageParts {
  const slash = image.indexOf("/");
  const start = slash > 0 ? slash : 0;
  const at = image.indexOf("@", start);
  const colon = image.indexOf(":", start);
  if (at < 0 && colon < 0) return { name: image, tag: "", digest: "" };
  if (at >= 0 && (colon < 0 || at < colon)) return { name: image.slice(0, at), tag: "", digest: image.slice(at + 1) };
  if (at >= 0) return { name: image.slice(0, colon), tag: image.slice(colon + 1, at), digest: image.slice(at + 1) };
  return { name: image.slice(0, colon), tag: image.slice(colon + 1), digest: "" };
}

const TAG = "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?";
const TAG_ONLY = /^(?::[a-zA-Z0-9_.{}-]*)?(?:@sha256:[a-zA-Z0-9_.{}-]*)?$/;
const PLAIN_NAME = /^[\w/:@-]*$/;

/**
 * Whether an image has this name, which kustomize takes for a regular expression. v5.8.1 crashes when it compares an
 * image with a name that is none; later it matches nothing.
 */
export function imageMatcher(name: string, isNext: boolean): Matcher {
  if (PLAIN_NAME.test(name)) return (image) => image.startsWith(name) && TAG_ONLY.test(image.slice(name.length));
  try {
    return compilePattern(`^${name}${TAG}$`);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return () => {
      if (isNext) return false;
      throw error;
    };
  }
}

/** The image with the new name, tag or digest; undefined when the name is another. */
export function imageUpdate(settings: Partial<ImageSettings>, isNext: boolean): (image: string) => string | undefined {
  const matches = imageMatcher(settings.name ?? "", isNext);
  const { newName = "", newTag = "", digest = "", tagSuffix = "" } = settings;
  return (image) => {
    if (!matches(image)) return undefined;
    const parts = splitImage(image);
    if (newName !== "") parts.name = newName;
    if (newTag !== "") {
      parts.tag = newTag;
      parts.digest = digest;
    } else if (digest !== "") {
      parts.tag = "";
      parts.digest = digest;
    } else if (tagSuffix !== "") {
      parts.tag += tagSuffix;
      parts.digest = "";
    }
    return parts.name + (parts.tag === "" ? "" : `:${parts.tag}`) + (parts.digest === "" ? "" : `@${parts.digest}`);
  };
}

export function imageTransform(settings: Partial<ImageSettings>, fieldSpecs: readonly FieldSpec[]): Transform {
  const specsOf = specsByKind(fieldSpecs);
  return {
    name: "ImageTagTransformer",
    run: (resources, { isNext }) => {
      const update = imageUpdate(settings, isNext);
      return mapResources(resources, (resource, changes) => {
        if (resource.id.kind === "CustomResourceDefinition") return resource;
        const set = (tree: Tree): Tree => updateScalar(tree, update, changes);
        let tree: Tree = updateContainers(resource.tree, set);
        for (const spec of specsOf(resource)) tree = applyFieldSpec(tree, spec, { set });
        return resource.withTree(tree);
      });
    },
  };
}

function updateScalar(tree: Tree, update: (image: string) => string | undefined, changes: SharedChanges): Tree {
  if (isNull(tree)) {
    const value = update((tree as Scalar).value);
    return value === undefined ? tree : setScalarText(tree, { value, tag: "" }, changes);
  }
  if (!(tree instanceof Scalar)) {
    throw buildFailure("wrong node kind: expected ScalarNode for an image", { field: "image" }, "Write it as a text.");
  }
  const value = update(tree.value);
  return value === undefined ? tree : setScalarText(tree, { value, tag: "" }, changes);
}

/** The field `image` of every item of every `containers` and `initContainers` list, wherever it stands. */
function updateContainers(tree: Tree, set: (tree: Tree) => Tree): Tree {
  if (tree instanceof SeqNode) {
    const items = mapTrees(tree.items, (item) => updateContainers(item, set));
    return items === tree.items ? tree : new SeqNode(items);
  }
  if (!(tree instanceof MapNode)) return tree;
  const values = mapTrees(tree.values, (value, i) => {
    const inner = value instanceof Scalar ? value : updateContainers(value, set);
    return CONTAINER_LISTS.has(tree.keys[i] as string) ? updateList(inner, set) : inner;
  });
  return values === tree.values ? tree : new MapNode(tree.keys, values, tree.quotedKeys);
}

function mapTrees(list: Tree[], change: (tree: Tree, i: number) => Tree): Tree[] {
  let result: Tree[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const before = list[i] as Tree;
    const after = change(before, i);
    if (after === before) continue;
    result ??= list.slice();
    result[i] = after;
  }
  return result ?? list;
}

function updateList(list: Tree, set: (tree: Tree) => Tree): Tree {
  if (!(list instanceof SeqNode)) return list;
  const items = mapTrees(list.items, (item) => {
    if (isNull(item)) return item;
    if (!(item instanceof MapNode)) {
      throw buildFailure(
        "wrong node kind: expected MappingNode for a container",
        { field: "containers" },
        "Make every container a mapping, or name the field otherwise.",
      );
    }
    const at = item.keys.indexOf("image");
    if (at < 0) return item;
    const image = item.values[at] as Tree;
    const after = isNull(image) ? image : set(image);
    return after === image ? item : new MapNode(item.keys, item.values.with(at, after), item.quotedKeys);
  });
  return items === list.items ? list : new SeqNode(items);
}
