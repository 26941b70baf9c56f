// The kustomization file as typed settings.

import type { JsonValue } from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import {
  anything,
  flag,
  integer,
  listOf,
  mapOf,
  object,
  text,
  textMap,
  texts,
  type DecodeContext,
  type Decoder,
} from "./decode.ts";
import { buildFailure, locate } from "./failures.ts";

export interface FieldSpecSettings {
  group: string;
  version: string;
  kind: string;
  path: string;
  create: boolean;
}

/** Chooses resources: regular expressions over group, version, kind, name, namespace, and two selectors. */
export interface SelectorSettings {
  group: string;
  version: string;
  kind: string;
  name: string;
  namespace: string;
  annotationSelector: string;
  labelSelector: string;
}

export interface PatchSettings {
  path: string;
  patch: string;
  target: Partial<SelectorSettings>;
  options: Partial<{ allowNameChange: boolean; allowKindChange: boolean }>;
}

export interface ImageSettings {
  name: string;
  newName: string;
  tagSuffix: string;
  newTag: string;
  digest: string;
}

export interface ReplicaSettings {
  name: string;
  count: number | bigint;
}

export interface LabelSettings {
  pairs: Map<string, string>;
  includeSelectors: boolean;
  includeTemplates: boolean;
  /** Newer than v5.8.1, which refuses it. */
  includeVolumeClaimTemplates: boolean;
  fields: Partial<FieldSpecSettings>[];
}

export interface FieldOptions {
  delimiter: string;
  index: number | bigint;
  encoding: string;
  create: boolean;
}

export interface ReplacementSettings {
  source: Partial<ReplacementSource>;
  targets: (Partial<ReplacementTarget> | undefined)[];
  sourceValue: string;
}

export interface ReplacementSource {
  group: string;
  version: string;
  kind: string;
  name: string;
  namespace: string;
  fieldPath: string;
  options: Partial<FieldOptions>;
}

export interface ReplacementTarget {
  select: Partial<SelectorSettings>;
  reject: Partial<SelectorSettings>[];
  fieldPaths: string[];
  options: Partial<FieldOptions>;
}

export interface VarSettings {
  name: string;
  objref: Partial<{
    apiVersion: string;
    group: string;
    version: string;
    kind: string;
    name: string;
    namespace: string;
  }>;
  fieldref: Partial<{ fieldPath: string }>;
}

export interface GeneratorOptions {
  labels: Map<string, string>;
  annotations: Map<string, string>;
  disableNameSuffixHash: boolean;
  immutable: boolean;
}

/** One entry of configMapGenerator or secretGenerator. */
export interface GeneratorSettings {
  namespace: string;
  name: string;
  behavior: string;
  literals: string[];
  files: string[];
  envs: string[];
  env: string;
  options: Partial<GeneratorOptions>;
  /** Secrets only. */
  type: string;
}

export interface HelmGlobals {
  chartHome: string;
  configHome: string;
}

export interface HelmChartSettings {
  name: string;
  version: string;
  repo: string;
  releaseName: string;
  namespace: string;
  additionalValuesFiles: string[];
  valuesFile: string;
  valuesInline: Map<string, JsonValue>;
  valuesMerge: string;
  includeCRDs: boolean;
  skipHooks: boolean;
  apiVersions: string[];
  kubeVersion: string;
  nameTemplate: string;
  skipTests: boolean;
  debug: boolean;
  devel: boolean;
}

interface LegacyHelmChart {
  chartName: string;
  chartVersion: string;
  chartRepoUrl: string;
  chartHome: string;
  chartRepoName: string;
  helmBin: string;
  helmHome: string;
  values: string;
  valuesLocal: Map<string, JsonValue>;
  valuesMerge: string;
  releaseName: string;
  releaseNamespace: string;
  extraArgs: string[];
}

export interface SortSettings {
  order: string;
  legacySortOptions: Partial<{ orderFirst: string[]; orderLast: string[] }>;
}

export interface ObjectMetaSettings {
  name: string;
  namespace: string;
  labels: Map<string, string>;
  annotations: Map<string, string>;
}

/** Every field of a Kustomization or Component, by its name in the file. */
export interface KustomizationFields {
  apiVersion: string;
  kind: string;
  metadata: Partial<ObjectMetaSettings>;
  openapi: Map<string, string>;
  namePrefix: string;
  nameSuffix: string;
  namespace: string;
  commonLabels: Map<string, string>;
  labels: Partial<LabelSettings>[];
  commonAnnotations: Map<string, string>;
  patchesStrategicMerge: string[];
  patchesJson6902: Partial<PatchSettings>[];
  patches: Partial<PatchSettings>[];
  images: Partial<ImageSettings>[];
  imageTags: Partial<ImageSettings>[];
  replacements: (Partial<ReplacementSettings> & { path?: string })[];
  replicas: Partial<ReplicaSettings>[];
  vars: Partial<VarSettings>[];
  sortOptions: Partial<SortSettings>;
  resources: string[];
  components: string[];
  crds: string[];
  bases: string[];
  configMapGenerator: Partial<GeneratorSettings>[];
  secretGenerator: Partial<GeneratorSettings>[];
  helmGlobals: Partial<HelmGlobals>;
  helmCharts: Partial<HelmChartSettings>[];
  helmChartInflationGenerator: Partial<LegacyHelmChart>[];
  generatorOptions: Partial<GeneratorOptions>;
  configurations: string[];
  generators: string[];
  transformers: string[];
  validators: string[];
  buildMetadata: string[];
}

export type Kustomization = Partial<KustomizationFields>;

const kindFields = { group: text, version: text, kind: text };
export const fieldSpecDecoder = object<FieldSpecSettings>({ ...kindFields, path: text, create: flag });
export const selectorDecoder = object<SelectorSettings>({
  ...kindFields,
  name: text,
  namespace: text,
  annotationSelector: text,
  labelSelector: text,
});
export const patchFields = {
  path: text,
  patch: text,
  target: selectorDecoder,
  options: object<{ allowNameChange: boolean; allowKindChange: boolean }>({
    allowNameChange: flag,
    allowKindChange: flag,
  }),
};
const patchDecoder = object<PatchSettings>(patchFields);
export const imageDecoder = object<ImageSettings>({
  name: text,
  newName: text,
  tagSuffix: text,
  newTag: text,
  digest: text,
});
export const replicaDecoder = object<ReplicaSettings>({ name: text, count: integer });
const labelDecoder = object<LabelSettings>({
  pairs: textMap,
  includeSelectors: flag,
  includeTemplates: flag,
  includeVolumeClaimTemplates: flag,
  fields: listOf(fieldSpecDecoder, {}),
});
const fieldOptionsDecoder = object<FieldOptions>({ delimiter: text, index: integer, encoding: text, create: flag });
const replacementFields = {
  source: object<ReplacementSource>({
    ...kindFields,
    name: text,
    namespace: text,
    fieldPath: text,
    options: fieldOptionsDecoder,
  }),
  targets: listOf<Partial<ReplacementTarget> | undefined>(
    object<ReplacementTarget>({
      select: selectorDecoder,
      reject: listOf(selectorDecoder, {}),
      fieldPaths: texts,
      options: fieldOptionsDecoder,
    }),
    undefined,
  ),
  sourceValue: text,
};
export const replacementDecoder = object<ReplacementSettings>(replacementFields);
export const replacementFieldDecoder = object<ReplacementSettings & { path: string }>({
  ...replacementFields,
  path: text,
});
const varDecoder = object<VarSettings>({
  name: text,
  objref: object<VarSettings["objref"] & object>({ apiVersion: text, ...kindFields, name: text, namespace: text }),
  fieldref: object<VarSettings["fieldref"] & object>({ fieldPath: text }),
});
const generatorOptionsDecoder = object<GeneratorOptions>({
  labels: textMap,
  annotations: textMap,
  disableNameSuffixHash: flag,
  immutable: flag,
});
const configMapFields = {
  namespace: text,
  name: text,
  behavior: text,
  literals: texts,
  files: texts,
  envs: texts,
  env: text,
  options: generatorOptionsDecoder,
};
export const metadataDecoder = object<ObjectMetaSettings>({
  name: text,
  namespace: text,
  labels: textMap,
  annotations: textMap,
});
type ConfigMapSettings = Omit<GeneratorSettings, "type">;
export const configMapDecoder: Decoder<Partial<GeneratorSettings>> = object<ConfigMapSettings>(configMapFields);
export const secretDecoder = object<GeneratorSettings>({ ...configMapFields, type: text });
export const helmGlobalsFields = { chartHome: text, configHome: text };
const anyMap = mapOf<JsonValue>(anything, null);
export const helmChartFields = {
  name: text,
  version: text,
  repo: text,
  releaseName: text,
  namespace: text,
  additionalValuesFiles: texts,
  valuesFile: text,
  valuesInline: anyMap,
  valuesMerge: text,
  includeCRDs: flag,
  skipHooks: flag,
  apiVersions: texts,
  kubeVersion: text,
  nameTemplate: text,
  skipTests: flag,
  debug: flag,
  devel: flag,
};
const legacyHelmDecoder = object<LegacyHelmChart>({
  chartName: text,
  chartVersion: text,
  chartRepoUrl: text,
  chartHome: text,
  chartRepoName: text,
  helmBin: text,
  helmHome: text,
  values: text,
  valuesLocal: anyMap,
  valuesMerge: text,
  releaseName: text,
  releaseNamespace: text,
  extraArgs: texts,
});
export const sortDecoder = object<SortSettings>({
  order: text,
  legacySortOptions: object<{ orderFirst: string[]; orderLast: string[] }>({ orderFirst: texts, orderLast: texts }),
});

const kustomizationDecoder = object<KustomizationFields>({
  apiVersion: text,
  kind: text,
  metadata: metadataDecoder,
  openapi: textMap,
  namePrefix: text,
  nameSuffix: text,
  namespace: text,
  commonLabels: textMap,
  labels: listOf(labelDecoder, {}),
  commonAnnotations: textMap,
  patchesStrategicMerge: texts,
  patchesJson6902: listOf(patchDecoder, {}),
  patches: listOf(patchDecoder, {}),
  images: listOf(imageDecoder, {}),
  imageTags: listOf(imageDecoder, {}),
  replacements: listOf(replacementFieldDecoder as Decoder<Partial<ReplacementSettings> & { path?: string }>, {}),
  replicas: listOf(replicaDecoder, {}),
  vars: listOf(varDecoder, {}),
  sortOptions: sortDecoder,
  resources: texts,
  components: texts,
  crds: texts,
  bases: texts,
  configMapGenerator: listOf(configMapDecoder, {}),
  secretGenerator: listOf(secretDecoder, {}),
  helmGlobals: object<HelmGlobals>(helmGlobalsFields),
  helmCharts: listOf(object<HelmChartSettings>(helmChartFields), {}),
  helmChartInflationGenerator: listOf(legacyHelmDecoder, {}),
  generatorOptions: generatorOptionsDecoder,
  configurations: texts,
  generators: texts,
  transformers: texts,
  validators: texts,
  buildMetadata: texts,
});

const WARNINGS: readonly [keyof KustomizationFields, string][] = [
  ["bases", "resources"],
  ["commonLabels", "labels"],
  ["imageTags", "images"],
  ["patchesJson6902", "patches"],
  ["patchesStrategicMerge", "patches"],
  ["vars", "replacements"],
];

export const KUSTOMIZATION_KIND = "Kustomization";
export const COMPONENT_KIND = "Component";
const KUSTOMIZATION_VERSION = "kustomize.config.k8s.io/v1beta1";
const COMPONENT_VERSION = "kustomize.config.k8s.io/v1alpha1";

export interface ParsedKustomization {
  settings: Kustomization;
  /** Deprecated fields in use, as sentences. */
  warnings: string[];
}

/**
 * Reads a kustomization file: strict about fields, moves the legacy fields (bases, imageTags, env,
 * helmChartInflationGenerator) to today's. Throws `Failure` for what kustomize refuses.
 */
export function parseKustomization(source: string, file: string): ParsedKustomization {
  let settings: Kustomization | undefined;
  try {
    const context: DecodeContext = { file, strict: true, coerce: false };
    settings = kustomizationDecoder(parseYaml(source, { file }), "", context);
  } catch (error) {
    throw locate(error, { file }, "invalid Kustomization");
  }
  settings ??= {};
  const used = settings;
  const warnings = WARNINGS.filter(([field]) => used[field] !== undefined).map(
    ([field, instead]) => `${file}: '${field}' is deprecated; use '${instead}' instead`,
  );
  moveLegacyFields(settings);
  if (isEmptyKustomization(settings)) {
    throw buildFailure("kustomization.yaml is empty", { file }, "List at least one resource.");
  }
  enforceType(settings, file);
  return { settings, warnings };
}

function isEmptyKustomization(settings: Kustomization): boolean {
  return Object.keys(settings).every((key) => key === "apiVersion" || key === "kind");
}

function moveLegacyFields(settings: Kustomization): void {
  settings.kind ||= KUSTOMIZATION_KIND;
  settings.apiVersion ||= settings.kind === COMPONENT_KIND ? COMPONENT_VERSION : KUSTOMIZATION_VERSION;
  if (settings.bases) settings.resources = [...(settings.resources ?? []), ...settings.bases];
  delete settings.bases;
  if (settings.imageTags) settings.images = [...(settings.images ?? []), ...settings.imageTags];
  delete settings.imageTags;
  for (const generator of [...(settings.configMapGenerator ?? []), ...(settings.secretGenerator ?? [])]) {
    if (generator.env) generator.envs = [...(generator.envs ?? []), generator.env];
  }
  moveLegacyCharts(settings);
}

function moveLegacyCharts(settings: Kustomization): void {
  const legacy = settings.helmChartInflationGenerator;
  delete settings.helmChartInflationGenerator;
  if (!legacy) return;
  const last = (field: "chartHome" | "helmHome"): string | undefined => legacy.findLast((old) => old[field])?.[field];
  const chartHome = last("chartHome");
  const configHome = last("helmHome");
  if (!settings.helmGlobals && (chartHome !== undefined || configHome !== undefined)) {
    settings.helmGlobals = { chartHome: chartHome ?? "", configHome: configHome ?? "" };
  }
  const charts = legacy.map((old): Partial<HelmChartSettings> => {
    const chart: Partial<HelmChartSettings> = {};
    if (old.chartName !== undefined) chart.name = old.chartName;
    if (old.chartVersion !== undefined) chart.version = old.chartVersion;
    if (old.chartRepoUrl !== undefined) chart.repo = old.chartRepoUrl;
    if (old.values !== undefined) chart.valuesFile = old.values;
    if (old.valuesLocal !== undefined) chart.valuesInline = old.valuesLocal;
    if (old.valuesMerge !== undefined) chart.valuesMerge = old.valuesMerge;
    if (old.releaseName !== undefined) chart.releaseName = old.releaseName;
    return chart;
  });
  settings.helmCharts = [...(settings.helmCharts ?? []), ...charts];
}

function enforceType(settings: Kustomization, file: string): void {
  const { kind, apiVersion } = settings;
  if (kind !== KUSTOMIZATION_KIND && kind !== COMPONENT_KIND) {
    const message = `kind should be ${KUSTOMIZATION_KIND} or ${COMPONENT_KIND}, not ${kind}`;
    throw buildFailure(message, { file, field: "kind" }, "Correct the kind.");
  }
  const wanted = kind === COMPONENT_KIND ? COMPONENT_VERSION : KUSTOMIZATION_VERSION;
  if (apiVersion === wanted) return;
  const message = `apiVersion for ${kind} should be ${wanted}, not ${apiVersion}`;
  throw buildFailure(message, { file, field: "apiVersion" }, `Write apiVersion: ${wanted}.`);
}
