// One kustomization and everything below it, as a list of resources and the rules they brought.

import { Failure, NotLoaded } from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { isCurrent, remember, type AccumulatedBase, type BuildCache, type ParseCache } from "./cache.ts";
import { compileTransforms } from "./compile-transforms.ts";
import { loadCrdConfig } from "./crds.ts";
import { buildFailure, locate } from "./failures.ts";
import { generate, mergeOptions } from "./generators.ts";
import { inflateChart, type HelmOptions } from "./helm-charts.ts";
import { COMPONENT_KIND, type HelmChartSettings, type Kustomization } from "./kustomization.ts";
import { MAX_CACHED_BUILDS, MAX_CACHED_FILES, MAX_KUSTOMIZATIONS } from "./limits.ts";
import { KUSTOMIZATION_FILES, loadKustomization } from "./load-kustomization.ts";
import { isFileUrl, type Loader } from "./loader.ts";
import { missingOf, namedFiles } from "./missing-files.ts";
import { builtinOpenApi, customOpenApi, type OpenApi } from "./openapi-schema.ts";
import { appendOrigin, builtinOrigin, joinClean, type Origin } from "./origin.ts";
import { loadTransformerPlugin, runGeneratorPlugin, type PluginContext } from "./plugins.ts";
import { parseRepoUrl } from "./repo-url.ts";
import { isMalformed, readResources } from "./read-resources.ts";
import { absorbOne, appendAll } from "./resource-list.ts";
import { nothingCarried, Resource, textMapOf, withTextMap } from "./resource.ts";
import { isDeleted } from "./transform-patches.ts";
import type { Transform, TransformContext } from "./transform.ts";
import {
  configOfTarget,
  decodeTransformerConfig,
  emptyConfig,
  mergeConfigs,
  type TransformerConfig,
} from "./transformer-config.ts";
import type { MapNode } from "./tree.ts";
import {
  addVariable,
  bindVariables,
  mergeVariables,
  toVariable,
  type Variable,
  type VariableSet,
} from "./variables.ts";

/** What a build remembers between kustomizations. */
export interface BuildState {
  readonly helm: HelmOptions | undefined;
  readonly sha256: (text: string) => string;
  /** As kustomize's main branch does where it differs from v5.8.1. */
  readonly isNext: boolean;
  readonly warnings: string[];
  readonly parse: ParseCache;
  /** Bases of earlier builds; undefined when nothing is remembered. */
  readonly bases: BuildCache["bases"] | undefined;
  /** The OpenAPI document in use: the first kustomization that names one decides for the rest of the build. */
  openApi: OpenApi;
  openApiIsSet: boolean;
  kustomizations: number;
}

/** Resources in order, and the rules that go up with them. */
export interface Accumulated {
  resources: readonly Resource[];
  config: TransformerConfig;
  variables: VariableSet;
}

/** What kustomize learned after v5.8.1. */
function refuseNewerFields(settings: Kustomization, file: string): void {
  const at = (settings.labels ?? []).findIndex((label) => label.includeVolumeClaimTemplates !== undefined);
  if (at < 0) return;
  const field = `labels[${at}].includeVolumeClaimTemplates`;
  throw buildFailure(
    'unknown field "includeVolumeClaimTemplates"',
    { file, field },
    "kustomize v5.8.1 has no such field.",
  );
}

/** One kustomization directory in a build. */
export class Target {
  readonly settings: Kustomization;
  readonly file: string;
  readonly #fileName: string;
  readonly #loader: Loader;
  readonly #state: BuildState;
  /** Undefined when the build tracks no origins. */
  #origin: Origin | undefined;
  readonly #helmNamespace: string;

  constructor(
    loader: Loader,
    state: BuildState,
    inherited: { origin?: Origin | undefined; helmNamespace?: string } = {},
  ) {
    if (++state.kustomizations > MAX_KUSTOMIZATIONS) {
      throw buildFailure(
        `more than ${MAX_KUSTOMIZATIONS} kustomizations in one build`,
        { file: loader.root },
        "Reference each base once.",
        "LimitExceeded",
      );
    }
    const { name, settings, file, warnings } = loadKustomization(loader, state.parse);
    if (!state.isNext) refuseNewerFields(settings, file);
    state.warnings.push(...warnings);
    this.settings = settings;
    this.file = file;
    this.#fileName = name;
    this.#loader = loader;
    this.#state = state;
    this.#origin = inherited.origin;
    this.#helmNamespace = inherited.helmNamespace ?? "";
  }

  /** Tracks origins from here on. */
  trackOrigins(origin: Origin): void {
    this.#origin = origin;
  }

  /** Uses the OpenAPI document of this kustomization, unless one is in use already (`reset` ignores that). */
  useOpenApi(reset: boolean): void {
    const state = this.#state;
    const openapi = this.settings.openapi ?? new Map<string, string>();
    const path = openapi.get("path");
    const text = path === undefined ? undefined : this.#loader.text(path);
    if (state.openApiIsSet && !reset) return;
    const version = openapi.get("version");
    if (text !== undefined && path !== undefined) {
      if (version !== undefined) {
        throw buildFailure(
          "builtin version and custom schema provided, cannot use both",
          { file: this.file, field: "openapi" },
          "Keep one of openapi.path and openapi.version.",
        );
      }
      state.openApi = customOpenApi(text, this.#loader.pathOf(path), undefined);
      state.openApiIsSet = true;
      return;
    }
    if (!version) return;
    if (version !== "v1.21.2" && version !== "v1212") {
      throw buildFailure(
        "the specified OpenAPI version is not built in",
        { file: this.file, field: "openapi.version" },
        "Use v1.21.2.",
      );
    }
    state.openApi = builtinOpenApi();
    state.openApiIsSet = true;
  }

  accumulate(into: Accumulated = { resources: [], config: emptyConfig, variables: new Map() }): Accumulated {
    try {
      return this.#accumulate(into);
    } catch (error) {
      if (error instanceof NotLoaded) throw this.#alsoMissing(error);
      throw error;
    }
  }

  #accumulate(into: Accumulated): Accumulated {
    const { settings } = this;
    let result = this.#addResources(into, settings.resources ?? []);
    const config = configOfTarget(result.config, this.#ownConfig());
    result = { ...result, config: mergeConfigs(config, this.#crdConfig()) };
    result = this.#runGenerators(result);
    for (const path of settings.components ?? []) result = this.#addDirectory(result, path, true);
    result = this.#runTransforms(result);
    result = this.#runValidators(result);
    return this.#addVariables(result);
  }

  get #context(): TransformContext {
    const { openApi, sha256, isNext } = this.#state;
    return { openApi, sha256, isNext };
  }

  get #pluginContext(): PluginContext {
    return { loader: this.#loader, openApi: this.#state.openApi, helm: this.#state.helm, file: this.file };
  }

  /** Everything else of this kustomization that is not loaded either, so that it can be fetched together. */
  #alsoMissing({ paths }: NotLoaded): NotLoaded {
    const { files } = this.#loader.files;
    const places = [...namedFiles(this.settings)].map((path) => this.#loader.pathOf(path));
    const inside = places.filter((place) => files.kind(place) === "directory");
    const all = [...places, ...inside.flatMap((place) => KUSTOMIZATION_FILES.map((name) => joinClean(place, name)))];
    return missingOf(paths, files, all);
  }

  #ownConfig(): TransformerConfig {
    let own = emptyConfig;
    for (const path of this.settings.configurations ?? []) {
      const file = this.#loader.pathOf(path);
      own = mergeConfigs(
        own,
        decodeTransformerConfig(parseYaml(this.#loader.text(path), { file, strict: true }), file),
      );
    }
    return own;
  }

  #crdConfig(): TransformerConfig {
    return loadCrdConfig(this.#loader, this.settings.crds ?? []);
  }

  #addResources(into: Accumulated, paths: readonly string[]): Accumulated {
    let result = into;
    for (const path of paths) result = this.#addResource(result, path);
    return result;
  }

  /** A resource is a file, or else a directory. */
  #addResource(into: Accumulated, path: string): Accumulated {
    const asFile = this.#tryFile(into, path);
    if (!(asFile instanceof Failure)) return asFile;
    let loader: Loader;
    try {
      loader = this.#loader.enter(path);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const message = `accumulating resources from '${path}'`;
      if (isMalformed(asFile) || !this.#isDirectory(path)) throw locate(asFile, { file: this.file }, message);
      throw locate(error, { file: this.file }, message);
    }
    return this.#enter(into, { loader, path, isComponent: false });
  }

  /** Something that can only be meant as a directory or repository. */
  #isDirectory(path: string): boolean {
    return (
      parseRepoUrl(path) !== undefined || this.#loader.files.resolve(this.#loader.pathOf(path))?.kind === "directory"
    );
  }

  #tryFile(into: Accumulated, path: string): Accumulated | Failure {
    try {
      const resources = this.#loadFile(path);
      const origin = this.#origin ? appendOrigin(this.#origin, path) : undefined;
      const tracked = origin ? resources.map((each) => each.with({ origin })) : resources;
      return { ...into, resources: appendAll(into.resources, tracked, this.#loader.pathOf(path)) };
    } catch (error) {
      if (error instanceof Failure && error.reason !== "LimitExceeded") return error;
      throw error;
    }
  }

  #loadFile(path: string): Resource[] {
    const { resources } = this.#state.parse;
    const place = isFileUrl(path) ? undefined : this.#loader.locate(path);
    const id = place === undefined ? undefined : this.#loader.files.files.id(place);
    const known = id === undefined ? undefined : resources.get(id);
    const scopeOf = this.#state.openApi.isClusterScoped;
    if (known && place !== undefined) {
      this.#loader.files.reads.set(place, id);
      return known.map((tree) => new Resource(tree, scopeOf));
    }
    const trees = readResources(this.#loader.text(path), this.#loader.pathOf(path));
    if (id !== undefined) remember(resources, { key: id, value: trees }, MAX_CACHED_FILES);
    return trees.map((tree) => new Resource(tree, scopeOf));
  }

  #addDirectory(into: Accumulated, path: string, isComponent: boolean): Accumulated {
    let loader: Loader;
    try {
      loader = this.#loader.enter(path);
    } catch (error) {
      throw locate(error, { file: this.file }, `accumulating components from '${path}'`);
    }
    return this.#enter(into, { loader, path, isComponent });
  }

  #enter(into: Accumulated, entry: { loader: Loader; path: string; isComponent: boolean }): Accumulated {
    const { loader, path, isComponent } = entry;
    const origin = this.#origin ? appendOrigin(this.#origin, path) : undefined;
    const helmNamespace = this.settings.namespace || this.#helmNamespace;
    if (isComponent) {
      const target = this.#openTarget(loader, { origin, helmNamespace, isComponent });
      const result = target.accumulate(into);
      this.#loader.files.include(loader.files.reads);
      return { ...result, resources: appendAll([], result.resources, loader.root) };
    }
    const sub = this.#base(loader, { origin, helmNamespace });
    return {
      resources: appendAll(into.resources, sub.resources, loader.root),
      config: mergeConfigs(into.config, sub.config),
      variables: mergeVariables(into.variables, sub.variables),
    };
  }

  /** What a base accumulates to, from an earlier build where its files are the same. */
  #base(loader: Loader, inherited: { origin: Origin | undefined; helmNamespace: string }): Accumulated {
    const state = this.#state;
    const bases = inherited.origin || state.openApiIsSet || loader.isRemote ? undefined : state.bases;
    // Charts alone ask for the inherited namespace, and builds with charts remember no bases.
    const key = `${loader.root}\n${loader.restrictions}`;
    const known = bases?.get(key);
    if (known && isCurrent(known, loader.files.files)) {
      this.#loader.files.include(known.reads);
      state.warnings.push(...known.value.warnings);
      return known.value.accumulated;
    }
    const from = state.warnings.length;
    const target = this.#openTarget(loader, { ...inherited, isComponent: false });
    const accumulated = target.accumulate();
    this.#loader.files.include(loader.files.reads);
    if (bases && !state.openApiIsSet) {
      const value: AccumulatedBase = { accumulated, warnings: state.warnings.slice(from) };
      remember(bases, { key, value: { reads: loader.files.reads, value } }, MAX_CACHED_BUILDS);
    }
    return accumulated;
  }

  #openTarget(
    loader: Loader,
    { isComponent, ...inherited }: { origin: Origin | undefined; helmNamespace: string; isComponent: boolean },
  ): Target {
    const target = new Target(loader, this.#state, inherited);
    if (this.settings.buildMetadata) target.settings.buildMetadata = this.settings.buildMetadata;
    else delete target.settings.buildMetadata;
    target.useOpenApi(false);
    const kind = target.settings.kind ?? "";
    if (isComponent === (kind === COMPONENT_KIND)) return target;
    throw buildFailure(
      isComponent
        ? `expected kind '${COMPONENT_KIND}' for path '${loader.root}' but got '${kind}'`
        : `expected kind != '${COMPONENT_KIND}' for path '${loader.root}'`,
      { file: target.file, field: "kind" },
      isComponent ? "List it under resources." : "List it under components.",
    );
  }

  #runGenerators(into: Accumulated): Accumulated {
    const { settings, file } = this;
    const loader = this.#loader;
    const scopeOf = this.#state.openApi.isClusterScoped;
    const steps: { made: () => Resource[]; origin: Origin | undefined }[] = [];
    const originOf = (kind: string): Origin | undefined =>
      this.#origin ? builtinOrigin(this.#origin, this.#fileName, kind) : undefined;
    for (const entry of settings.configMapGenerator ?? []) {
      const options = mergeOptions(entry.options, settings.generatorOptions);
      const made = (): Resource[] => [generate("ConfigMap", { ...entry, options }, { loader, scopeOf, file })];
      steps.push({ made, origin: originOf("ConfigMapGenerator") });
    }
    for (const entry of settings.secretGenerator ?? []) {
      const options = mergeOptions(entry.options, settings.generatorOptions);
      const made = (): Resource[] => [generate("Secret", { ...entry, options }, { loader, scopeOf, file })];
      steps.push({ made, origin: originOf("SecretGenerator") });
    }
    for (const chart of settings.helmCharts ?? []) {
      const made = (): Resource[] =>
        inflateChart(this.#chartSettings(chart), settings.helmGlobals ?? {}, this.#pluginContext);
      steps.push({ made, origin: originOf("HelmChartInflationGenerator") });
    }
    for (const config of this.#pluginConfigs(settings.generators ?? [])) {
      const made = (): Resource[] => runGeneratorPlugin(config, this.#pluginContext);
      steps.push({ made, origin: pluginOrigin(config) });
    }
    let { resources } = into;
    for (const { made, origin } of steps) {
      for (const each of appendAll([], made(), file)) {
        resources = absorbOne(resources, origin && !each.carried.origin ? each.with({ origin }) : each, file);
      }
    }
    return { ...into, resources };
  }

  #chartSettings(chart: Partial<HelmChartSettings>): Partial<HelmChartSettings> {
    const namespace = chart.namespace || this.settings.namespace || this.#helmNamespace;
    return { ...chart, namespace };
  }

  /** Objects that configure generators or transformers: inline or in files and directories. */
  #pluginConfigs(entries: readonly string[]): readonly Resource[] {
    const paths: string[] = [];
    let inline: readonly Resource[] = [];
    for (const entry of entries) {
      const trees = inlineResources(entry, this.file);
      if (!trees) {
        paths.push(entry);
        continue;
      }
      const origin = this.#origin ? appendOrigin(this.#origin, this.#fileName) : undefined;
      const scopeOf = this.#state.openApi.isClusterScoped;
      const resources = trees.map((tree) => new Resource(tree, scopeOf, { ...nothingCarried, origin }));
      inline = appendAll(inline, resources, this.file);
    }
    const start: Accumulated = { resources: inline, config: emptyConfig, variables: new Map() };
    return this.#addResources(start, paths).resources;
  }

  #runTransforms(into: Accumulated): Accumulated {
    const builtin = compileTransforms(this.settings, into.config, { loader: this.#loader, file: this.file });
    const withOrigin = builtin.map((transform): Transform =>
      this.#origin ? { ...transform, origin: builtinOrigin(this.#origin, this.#fileName, transform.name) } : transform,
    );
    const all = [...withOrigin, ...this.#externalTransforms(this.settings.transformers ?? [])];
    return { ...into, resources: this.#run(into.resources, all) };
  }

  #externalTransforms(entries: readonly string[]): Transform[] {
    return this.#pluginConfigs(entries).flatMap((config) => {
      const origin = pluginOrigin(config);
      return loadTransformerPlugin(config, this.#pluginContext).map((transform) => ({ ...transform, origin }));
    });
  }

  #run(resources: readonly Resource[], transforms: readonly Transform[]): readonly Resource[] {
    let result = resources;
    for (const { run, origin } of transforms) {
      try {
        result = run(result, this.#context);
      } catch (error) {
        throw locate(error, { file: this.file });
      }
      if (origin) result = result.map((resource) => recordTransformation(resource, origin));
      if (result.some(isDeleted)) result = result.filter((resource) => !isDeleted(resource));
    }
    return result;
  }

  #runValidators(into: Accumulated): Accumulated {
    for (const transform of this.#externalTransforms(this.settings.validators ?? [])) {
      const after = transform.run(into.resources, this.#context);
      if (after.length === into.resources.length && after.every((each, i) => each === into.resources[i])) continue;
      throw buildFailure(
        `validator shouldn't modify the resource map: ${transform.name}`,
        { file: this.file, field: "validators" },
        "List it under transformers.",
      );
    }
    return into;
  }

  #addVariables(into: Accumulated): Accumulated {
    const own = (this.settings.vars ?? []).map(toVariable);
    if (own.length === 0) return into;
    try {
      const resources = bindVariables(into.resources, own);
      const variables = new Map<string, Variable>(into.variables);
      for (const variable of own) addVariable(variables, variable);
      return { ...into, resources, variables };
    } catch (error) {
      throw locate(error, { file: this.file });
    }
  }
}

function inlineResources(entry: string, file: string): MapNode[] | undefined {
  try {
    return readResources(entry, file);
  } catch (error) {
    if (error instanceof Failure && error.reason !== "LimitExceeded") return undefined;
    throw error;
  }
}

function pluginOrigin(config: Resource): Origin | undefined {
  const { origin } = config.carried;
  if (!origin) return undefined;
  const { group, version, kind, name, namespace } = config.id;
  const apiVersion = group === "" ? version : `${group}/${version}`;
  return { ...origin, path: "", configuredIn: origin.path, configuredBy: { apiVersion, kind, name, namespace } };
}

function recordTransformation(resource: Resource, origin: Origin): Resource {
  // kustomize writes its notes into the annotations here, which makes them texts of their own.
  const annotations = textMapOf(resource.tree, "annotations");
  const tree = annotations.size > 0 ? withTextMap(resource.tree, "annotations", annotations) : resource.tree;
  const { carried } = resource;
  if (!carried.origin) return resource.with({ origin }, tree);
  return resource.with({ transformations: [...carried.transformations, origin] }, tree);
}
