// The build: accumulate, hash names, fix references, resolve vars, sort, and write YAML.

import { Failure, type FileTree, type Manifest } from "@plumbline/core/model";
import { toYaml } from "@plumbline/core/yaml";
import { Target, type Accumulated, type BuildState } from "./accumulate.ts";
import { createBuildCache, isCurrent, remember, type BuildCache } from "./cache.ts";
import { MAX_CACHED_BUILDS } from "./limits.ts";
import { makeFieldSpec } from "./field-spec.ts";
import { hashNames } from "./hash-names.ts";
import type { HelmOptions } from "./helm-charts.ts";
import { Loader, TracedFiles, type LoadRestrictions, type ReadTrace, type RemoteSources } from "./loader.ts";
import { fixNameReferences } from "./name-references.ts";
import { builtinOpenApi, nextOpenApi } from "./openapi-schema.ts";
import {
  formatOrigin,
  formatTransformations,
  ORIGIN_ANNOTATION,
  rootOrigin,
  TRANSFORMATIONS_ANNOTATION,
} from "./origin.ts";
import { validateMetadata } from "./read-resources.ts";
import { appendAll } from "./resource-list.ts";
import { textMapOf, withTextMap, type Resource } from "./resource.ts";
import { jsonOf } from "./tree-json.ts";
import { FoldedScalar, MapNode, STR_TAG, Scalar } from "./tree.ts";
import type { TransformContext } from "./transform.ts";
import { sortResources } from "./transform-sort.ts";
import { entriesTransform } from "./transform-labels.ts";
import { resolveVariables } from "./variables.ts";
import type { BuiltObject } from "./output-files.ts";

export interface BuildOptions extends RemoteSources {
  /** SHA-256 of a text's UTF-8 bytes, as lower-case hex: for the names of generated ConfigMaps and Secrets. */
  readonly sha256: (text: string) => string;
  /** `none` lets kustomizations read files outside their directory. Default: `rootOnly`. */
  readonly loadRestrictions?: LoadRestrictions;
  /** Order of the output when the kustomization has no `sortOptions`. Default: `legacy`. */
  readonly reorder?: "legacy" | "none";
  /** Renders `helmCharts`; absent: they are refused. */
  readonly helm?: HelmOptions | undefined;
  /** Adds `app.kubernetes.io/managed-by` to everything. */
  readonly managedByLabel?: boolean;
  /** The version in that label. Default: kustomize's own, `v5.8.1`. */
  readonly version?: string;
  /**
   * `next` follows kustomize's main branch where it differs from v5.8.1: ValidatingAdmissionPolicy and its binding get no
   * namespace. Default: `v5.8.1`.
   */
  readonly edition?: "v5.8.1" | "next";
  /** The tree is a whole file system: `..` at its root stays there, as it does at `/`. */
  readonly isFileSystem?: boolean;
  /** Parsed files and finished builds of earlier calls; see `createBuildCache`. */
  readonly cache?: BuildCache | undefined;
}

export interface BuildResult {
  /** The objects in output order. */
  readonly resources: readonly Manifest[];
  /** The same objects with their YAML; see `outputFiles`. */
  readonly objects: readonly BuiltObject[];
  /** Byte-equal to the output of `kustomize build`. */
  readonly yaml: string;
  /** Everything the result depends on: path to content id, undefined for a path where nothing stood. */
  readonly reads: ReadonlyMap<string, string | undefined>;
  /** Deprecated fields in use, as sentences. */
  readonly warnings: readonly string[];
}

const DEFAULT_VERSION = "v5.8.1";
const MANAGED_BY = "app.kubernetes.io/managed-by";
const LOCAL_CONFIG = "config.kubernetes.io/local-config";

/** Annotations that kustomize uses for itself and takes out of the result. */
const BUILD_ANNOTATIONS = [
  "internal.config.kubernetes.io/previousKinds",
  "internal.config.kubernetes.io/previousNames",
  "internal.config.kubernetes.io/prefixes",
  "internal.config.kubernetes.io/suffixes",
  "internal.config.kubernetes.io/previousNamespaces",
  "internal.config.kubernetes.io/allowNameChange",
  "internal.config.kubernetes.io/allowKindChange",
  "internal.config.kubernetes.io/refBy",
  "internal.config.kubernetes.io/generatorBehavior",
  "internal.config.kubernetes.io/needsHashSuffix",
  "internal.config.kubernetes.io/path",
  "internal.config.kubernetes.io/index",
  "internal.config.kubernetes.io/seqindent",
  "internal.config.kubernetes.io/id",
  "internal.config.kubernetes.io/annotations-migration-resource-id",
  "config.kubernetes.io/path",
  "config.kubernetes.io/index",
  "config.k8s.io/id",
  "internal.config.kubernetes.io/helm-generated",
];

/**
 * Builds the kustomization in a directory of a file tree, as `kustomize build` v5.8.1 does. Synchronous and pure: the
 * same files give the same bytes.
 *
 * Throws `Failure` (`BuildFailed`, `YamlInvalid`, `InvalidPath`, `UnsupportedField`, `LimitExceeded`) with file, object
 * and field as far as known, and lets `NotLoaded` of the file tree through: load what it names and call again.
 */
export function build(files: FileTree, path: string, options: BuildOptions): BuildResult {
  const { cache } = options;
  const key = resultKey(path, options);
  const known = cache?.results.get(key);
  if (known && isCurrent(known, files)) return known.value;
  const reads: ReadTrace = new Map();
  const { resources, warnings } = render(files, path, { options, reads });
  const objects = resources.map((resource) => writeResource(resource, cache));
  const result: BuildResult = {
    resources: objects.map((each) => each.manifest),
    objects,
    yaml: objects.map((each) => each.yaml).join("---\n"),
    reads,
    warnings,
  };
  // A chart's renderer reads what it likes.
  if (cache && !options.helm) remember(cache.results, { key, value: { reads, value: result } }, MAX_CACHED_BUILDS);
  return result;
}

function resultKey(path: string, options: BuildOptions): string {
  const { loadRestrictions, reorder, managedByLabel, version, edition, isFileSystem } = options;
  return JSON.stringify([path, loadRestrictions, reorder, managedByLabel, version, edition, isFileSystem]);
}

function writeResource(resource: Resource, cache: BuildCache | undefined): BuiltObject {
  const { clusterScoped } = resource.id;
  const known = cache?.written.get(resource.tree);
  if (known) return { ...known, clusterScoped };
  const manifest = jsonOf(resource.tree, resource.label) as Manifest;
  const written = { manifest, yaml: toYaml(manifest) };
  cache?.written.set(resource.tree, written);
  return { ...written, clusterScoped };
}

interface Rendering {
  options: BuildOptions;
  reads: ReadTrace;
}

function render(
  files: FileTree,
  path: string,
  { options, reads }: Rendering,
): { resources: readonly Resource[]; warnings: readonly string[] } {
  const { parse, bases } = options.cache ?? createBuildCache();
  const state: BuildState = {
    helm: options.helm,
    sha256: options.sha256,
    isNext: options.edition === "next",
    warnings: [],
    parse,
    bases: options.helm || options.edition === "next" ? undefined : bases,
    openApi: options.edition === "next" ? nextOpenApi() : builtinOpenApi(),
    openApiIsSet: false,
    kustomizations: 0,
  };
  const loader = Loader.start(path, {
    files: new TracedFiles(files, reads),
    restrictions: options.loadRestrictions ?? "rootOnly",
    isFileSystem: options.isFileSystem ?? false,
    remote: { fetchRepo: options.fetchRepo, fetchFile: options.fetchFile },
  });
  try {
    return { resources: finish(new Target(loader, state), state, options), warnings: state.warnings };
  } catch (error) {
    if (error instanceof RangeError && /call stack/i.test(error.message)) throw tooDeep(path);
    throw error;
  }
}

function tooDeep(path: string): Failure {
  return new Failure({
    reason: "LimitExceeded",
    message: "the objects nest too deep",
    hint: "Flatten the objects or the bases.",
    where: { file: path },
    retry: "never",
  });
}

function finish(target: Target, state: BuildState, options: BuildOptions): readonly Resource[] {
  const { settings } = target;
  const metadata = new Set(settings.buildMetadata ?? []);
  target.useOpenApi(true);
  if (metadata.size > 0) target.trackOrigins(rootOrigin);
  const accumulated = target.accumulate();
  let resources = settle(accumulated, state, target.file);
  const order = options.reorder === "none" ? "fifo" : "legacy";
  resources = sortResources(resources, settings.sortOptions ?? { order });
  if (options.managedByLabel || metadata.has("managedByLabel")) {
    const entries = new Map([[MANAGED_BY, `kustomize-${options.version ?? DEFAULT_VERSION}`]]);
    const fieldSpecs = [makeFieldSpec({ path: "metadata/labels", create: true })];
    const label = entriesTransform({ name: "LabelTransformer", entries, fieldSpecs });
    resources = label.run(resources, contextOf(state));
  }
  return resources.map((resource) => cleanAnnotations(resource, metadata));
}

function contextOf({ openApi, sha256, isNext }: BuildState): TransformContext {
  return { openApi, sha256, isNext };
}

/** What happens once, at the top: hashes, references, vars, and local configuration goes. */
function settle(accumulated: Accumulated, state: BuildState, file: string): readonly Resource[] {
  const { config, variables } = accumulated;
  const context = contextOf(state);
  let resources = hashNames(accumulated.resources, context);
  resources = fixNameReferences(resources, config.nameReference);
  resources = resolveVariables(resources, variables, config.varReference);
  return withoutLocal(resources, file);
}

/** kustomize drops by identity, and crashes when two of what stays have the same. */
function withoutLocal(resources: readonly Resource[], file: string): readonly Resource[] {
  const isLocal = (resource: Resource): boolean => {
    validateMetadata(resource.tree, "");
    return (annotationOf(resource.tree, LOCAL_CONFIG) ?? "false") !== "false";
  };
  const local = resources.filter(isLocal);
  const rest = local.length === 0 ? resources : resources.filter((resource) => !local.includes(resource));
  const kept = new Set(appendAll([], rest, file).map((resource) => resource.key));
  if (local.length === 0) return resources;
  const dropped = local.filter((resource) => !kept.has(resource.key));
  appendAll([], dropped, file);
  return resources.filter((resource) => !dropped.includes(resource));
}

function annotationOf(tree: MapNode, key: string): string | undefined {
  return textMapOf(tree, "annotations").get(key);
}

function isSettled(annotations: unknown): boolean {
  if (annotations === undefined) return true;
  if (!(annotations instanceof MapNode) || annotations.keys.length === 0 || annotations.quotedKeys) return false;
  return annotations.values.every(
    (value) => value instanceof Scalar && !(value instanceof FoldedScalar) && value.tag === STR_TAG,
  );
}

/** Takes kustomize's own annotations out and makes all others texts; adds origins when they are wanted. */
function cleanAnnotations(resource: Resource, metadata: ReadonlySet<string>): Resource {
  const { tree, carried } = resource;
  const node = tree.get("metadata");
  const annotations = textMapOf(tree, "annotations");
  const before = annotations.size;
  for (const key of BUILD_ANNOTATIONS) annotations.delete(key);
  const removed = annotations.delete(ORIGIN_ANNOTATION) || annotations.delete(TRANSFORMATIONS_ANNOTATION);
  const wantsOrigin = metadata.has("originAnnotations") && carried.origin !== undefined;
  const wantsChanges = metadata.has("transformerAnnotations") && carried.transformations.length > 0;
  if (wantsOrigin && carried.origin) annotations.set(ORIGIN_ANNOTATION, formatOrigin(carried.origin));
  if (wantsChanges) annotations.set(TRANSFORMATIONS_ANNOTATION, formatTransformations(carried.transformations));
  const isSame = !removed && !wantsOrigin && !wantsChanges && annotations.size === before;
  if (isSame && node instanceof MapNode && isSettled(node.get("annotations"))) return resource;
  return resource.withTree(withTextMap(tree, "annotations", annotations));
}
