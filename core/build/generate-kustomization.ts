// The kustomization.yaml that a delivery is built with: the one that is there, edited, or one made from the files.

import {
  type BuildSpec,
  Failure,
  type FileTree,
  isObject,
  type JsonArray,
  type JsonObject,
  joinPath,
  type JsonValue,
} from "@plumbline/core/model";
import { decodeYamlText, parseYaml, toYaml } from "@plumbline/core/yaml";
import { shapeKustomization, typeMeta } from "./kustomization-shape.ts";

/** The names under which kustomize looks for its file, in its order. */
export const kustomizationNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** Folders deeper than this are not walked when a kustomization.yaml is generated. */
export const deepestFolder = 100;

export interface GeneratedKustomization {
  /** Path of the file, to put `text` at. */
  file: string;
  text: string;
  /** True when there was none and the manifests of the folder were collected. */
  generated: boolean;
}

/**
 * Makes the file for the folder `directory` (Flux: pkg/kustomize, Generator.GenerateManifest).
 * Throws BuildFailed for a file that does not have kustomize's form and for components outside of the source.
 */
export function generateKustomization(tree: FileTree, directory: string, spec: BuildSpec): GeneratedKustomization {
  const found = kustomizationIn(tree, directory);
  const file = found ?? under(directory, "kustomization.yaml");
  const content = found === undefined ? collectManifests(tree, directory) : readKustomizationFile(tree, found);
  if (found !== undefined && content.resources === undefined) content.buildMetadata = ["originAnnotations"];
  editKustomization(content, spec, { tree, directory, file });
  return { file, text: toYaml(content), generated: found === undefined };
}

function under(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

function kustomizationIn(tree: FileTree, directory: string): string | undefined {
  return kustomizationNames.map((name) => under(directory, name)).find((path) => tree.kind(path) === "file");
}

function readKustomizationFile(tree: FileTree, file: string): JsonObject {
  const text = decodeYamlText(tree.read(file), file);
  return shapeKustomization(parseYaml(text, { file }), file);
}

/** All manifests of the folder and of those below it; a folder with a kustomization file of its own is one entry. */
function collectManifests(tree: FileTree, directory: string): JsonObject {
  const resources: string[] = [];
  const visit = (folder: string, shown: string, depth: number): void => {
    if (depth > deepestFolder) throw tooDeep(folder);
    for (const entry of tree.list(folder)) {
      const path = under(folder, entry.name);
      const name = `${shown}/${entry.name}`;
      if (entry.kind === "directory") {
        if (kustomizationIn(tree, path) === undefined) visit(path, name, depth + 1);
        else resources.push(name);
      } else if (/\.ya?ml$/u.test(entry.name)) {
        resources.push(name);
      }
    }
  };
  visit(directory, ".", 0);
  return resources.length > 0 ? { ...typeMeta, resources } : { ...typeMeta, namespace: "_placeholder" };
}

function tooDeep(folder: string): Failure {
  return new Failure({
    reason: "LimitExceeded",
    message: `${folder.slice(0, 200)}: folders are nested more than ${deepestFolder} deep`,
    hint: "Add a kustomization.yaml that names the manifests",
    where: { file: folder },
  });
}

interface EditPlace {
  tree: FileTree;
  directory: string;
  file: string;
}

function editKustomization(content: JsonObject, spec: BuildSpec, place: EditPlace): void {
  if (spec.targetNamespace !== undefined) content.namespace = spec.targetNamespace;
  if (spec.namePrefix !== undefined) content.namePrefix = spec.namePrefix;
  if (spec.nameSuffix !== undefined) content.nameSuffix = spec.nameSuffix;
  append(content, "patches", spec.patches);
  append(content, "components", usableComponents(spec, place));
  const images = mergeImages(listOf(content.images), spec.images);
  if (images.length > 0) content.images = images;
}

function append(content: JsonObject, field: string, entries: readonly JsonValue[]): void {
  if (entries.length > 0) content[field] = [...listOf(content[field]), ...entries];
}

function listOf(value: JsonValue | undefined): JsonArray {
  return Array.isArray(value) ? value : [];
}

function usableComponents(spec: BuildSpec, { tree, directory, file }: EditPlace): string[] {
  return spec.components.filter((component) => {
    if (!isLocalAndRelative(component)) {
      throw new Failure({
        reason: "BuildFailed",
        message: `component path '${component}' must be local and relative`,
        hint: "Write the path relative to spec.path",
        where: { file, field: "spec.components" },
      });
    }
    const path = joinPath(directory, component);
    return !spec.ignoreMissingComponents || (path !== undefined && tree.kind(path) !== undefined);
  });
}

/** Ways to begin an address of another repository; a text that is nothing but such a beginning is a path. */
const remoteBeginnings = ["git::", "gh:", "ssh://", "https://", "http://", "git@", "github.com:", "github.com/"];

function isLocalAndRelative(path: string): boolean {
  const folded = path.toLowerCase();
  if (remoteBeginnings.some((start) => start.length < folded.length && folded.startsWith(start))) return false;
  return !path.startsWith("/") && !folded.replace(/^file:\/\//u, "").startsWith("/");
}

/**
 * The images of the spec laid over those of the file, by name: a new name replaces the name alone; tag and digest
 * select a version together, so that setting one clears the other.
 */
function mergeImages(there: JsonArray, wanted: readonly JsonObject[]): JsonArray {
  const images = there.filter(isObject).map((image) => ({ ...image }));
  for (const image of wanted) {
    const known = images.find((entry) => entry.name === image.name);
    if (!known) {
      images.push({ ...image });
      continue;
    }
    if (isSet(image.newName)) known.newName = image.newName;
    if (!isSet(image.newTag) && !isSet(image.digest)) continue;
    delete known.newTag;
    delete known.digest;
    if (isSet(image.newTag)) known.newTag = image.newTag;
    if (isSet(image.digest)) known.digest = image.digest;
  }
  return images;
}

function isSet(value: JsonValue | undefined): value is JsonValue {
  return value !== undefined && value !== null && value !== "";
}
