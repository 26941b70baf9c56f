// Built-in generators and transformers that are configured by objects of their own.

import { isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import { flag, integer, listOf, object, text, textMap, texts, type DecodeContext } from "./decode.ts";
import { buildFailure } from "./failures.ts";
import { makeFieldSpec, type FieldSpec } from "./field-spec.ts";
import { generate } from "./generators.ts";
import { formatId } from "./gvk.ts";
import { hashNames } from "./hash-names.ts";
import { inflateChart, type HelmOptions } from "./helm-charts.ts";
import * as settings from "./kustomization.ts";
import { loadJson6902, loadPatch, loadStrategicMerge } from "./load-patches.ts";
import { loadReplacements } from "./compile-transforms.ts";
import type { Loader } from "./loader.ts";
import type { OpenApi } from "./openapi-schema.ts";
import { Resource } from "./resource.ts";
import { entriesTransform } from "./transform-labels.ts";
import { affixTransform } from "./transform-names.ts";
import { namespaceTransform, type SubjectMode } from "./transform-namespace.ts";
import { imageTransform } from "./transform-images.ts";
import { replacementTransform } from "./transform-replacements.ts";
import { replicaTransform } from "./transform-replicas.ts";
import { valueAddTransform, type ValueAddTarget } from "./transform-value-add.ts";
import type { Transform } from "./transform.ts";
import { jsonOf } from "./tree-json.ts";
import { MapNode, stringScalar, withEntry } from "./tree.ts";
import { withMetadataText, withTextMap } from "./resource.ts";

export interface PluginContext {
  readonly loader: Loader;
  readonly openApi: OpenApi;
  readonly helm: HelmOptions | undefined;
  readonly file: string;
}

const specs = listOf(settings.fieldSpecDecoder, {});

function toSpecs(list: Parameters<typeof makeFieldSpec>[0][] | undefined): readonly FieldSpec[] {
  return (list ?? []).map(makeFieldSpec);
}

function contextOf(context: PluginContext): DecodeContext {
  return { file: context.file, strict: false, coerce: true };
}

function configOf(resource: Resource): JsonObject {
  const config = jsonOf(resource.tree, resource.label);
  return isObject(config) ? config : {};
}

/** Refuses everything but built-in plugins: kustomize runs others as programs or containers. */
function refuseExternal(resource: Resource, context: PluginContext): void {
  const { group, version, kind } = resource.id;
  if (group === "" && version === "builtin") return;
  throw buildFailure(
    `external plugins disabled; unable to load external plugin '${kind}'`,
    { file: context.file, object: resource.label },
    "Use a built-in generator or transformer (apiVersion: builtin).",
    "UnsupportedField",
  );
}

function unknownPlugin(resource: Resource, role: string, context: PluginContext): Error {
  return buildFailure(
    `plugin ${formatId(resource.id)} is no built-in ${role}`,
    { file: context.file, object: resource.label },
    `Use the kind of a built-in ${role}.`,
  );
}

type GeneratorPlugin = (config: JsonObject, context: PluginContext) => Resource[];

const iamDecoder = object<{
  cloud: string;
  kubernetesService: Partial<{ name: string; namespace: string }>;
  serviceAccount: Partial<{ name: string; projectId: string }>;
}>({
  cloud: text,
  kubernetesService: object<{ name: string; namespace: string }>({ name: text, namespace: text }),
  serviceAccount: object<{ name: string; projectId: string }>({ name: text, projectId: text }),
});

const generatorPlugins: Record<string, GeneratorPlugin> = {
  ConfigMapGenerator: (config, context) => [generatorPlugin("ConfigMap", config, context)],
  SecretGenerator: (config, context) => [generatorPlugin("Secret", config, context)],
  HelmChartInflationGenerator: (config, context) => {
    const chart = object<settings.HelmChartSettings>(settings.helmChartFields)(config, "", contextOf(context)) ?? {};
    const globals = object<settings.HelmGlobals>(settings.helmGlobalsFields)(config, "", contextOf(context)) ?? {};
    return inflateChart(chart, globals, context);
  },
  IAMPolicyGenerator: (config, context) => [iamServiceAccount(config, context)],
};

function generatorPlugin(kind: "ConfigMap" | "Secret", config: JsonObject, context: PluginContext): Resource {
  const decoder = kind === "Secret" ? settings.secretDecoder : settings.configMapDecoder;
  const own = decoder(config, "", contextOf(context)) ?? {};
  const metadata = settings.metadataDecoder(config["metadata"] ?? null, "metadata", contextOf(context)) ?? {};
  const name = own.name || metadata.name || "";
  const namespace = own.namespace || metadata.namespace || "";
  const scopeOf = context.openApi.isClusterScoped;
  return generate(kind, { ...own, name, namespace }, { loader: context.loader, scopeOf, file: context.file });
}

function iamServiceAccount(config: JsonObject, context: PluginContext): Resource {
  const { cloud, kubernetesService = {}, serviceAccount = {} } = iamDecoder(config, "", contextOf(context)) ?? {};
  if (cloud !== "gke") {
    throw buildFailure(`cloud provider ${cloud} not supported yet`, { file: context.file }, "Use cloud: gke.");
  }
  const account = `${serviceAccount.name ?? ""}@${serviceAccount.projectId ?? ""}.iam.gserviceaccount.com`;
  let tree = new MapNode(["apiVersion", "kind"], [stringScalar("v1"), stringScalar("ServiceAccount")]);
  tree = withTextMap(tree, "annotations", new Map([["iam.gke.io/gcp-service-account", account]]));
  tree = withMetadataText(tree, "name", kubernetesService.name ?? "");
  if (kubernetesService.namespace) tree = withMetadataText(tree, "namespace", kubernetesService.namespace);
  return new Resource(withEntry(tree, "kind", stringScalar("ServiceAccount")), context.openApi.isClusterScoped);
}

/** Runs a generator that a configuration object describes. */
export function runGeneratorPlugin(resource: Resource, context: PluginContext): Resource[] {
  refuseExternal(resource, context);
  const { kind } = resource.id;
  const plugin = Object.hasOwn(generatorPlugins, kind) ? generatorPlugins[kind] : undefined;
  if (!plugin) throw unknownPlugin(resource, "generator", context);
  return plugin(configOf(resource), context);
}

type TransformerPlugin = (config: JsonObject, context: PluginContext) => Transform[];

const labelsDecoder = object<{ labels: Map<string, string>; fieldSpecs: ReturnType<typeof specs> & object }>({
  labels: textMap,
  fieldSpecs: specs,
});
const annotationsDecoder = object<{ annotations: Map<string, string>; fieldSpecs: ReturnType<typeof specs> & object }>({
  annotations: textMap,
  fieldSpecs: specs,
});
const affixDecoder = object<{ prefix: string; suffix: string; fieldSpecs: ReturnType<typeof specs> & object }>({
  prefix: text,
  suffix: text,
  fieldSpecs: specs,
});
const namespaceDecoder = object<{
  metadata: Partial<settings.ObjectMetaSettings>;
  fieldSpecs: ReturnType<typeof specs> & object;
  unsetOnly: boolean;
  setRoleBindingSubjects: string;
}>({ metadata: settings.metadataDecoder, fieldSpecs: specs, unsetOnly: flag, setRoleBindingSubjects: text });
const imagesDecoder = object<{
  imageTag: Partial<settings.ImageSettings>;
  fieldSpecs: ReturnType<typeof specs> & object;
}>({ imageTag: settings.imageDecoder, fieldSpecs: specs });
const replicasDecoder = object<{
  replica: Partial<settings.ReplicaSettings>;
  fieldSpecs: ReturnType<typeof specs> & object;
}>({ replica: settings.replicaDecoder, fieldSpecs: specs });
const patchDecoder = object<settings.PatchSettings>(settings.patchFields);
const jsonPatchDecoder = object<{
  target: Partial<settings.SelectorSettings>;
  path: string;
  jsonOp: string;
}>({ target: settings.selectorDecoder, path: text, jsonOp: text });
const strategicDecoder = object<{ paths: string[]; patches: string }>({ paths: texts, patches: text });
const replacementsDecoder = object<{ replacements: settings.KustomizationFields["replacements"] }>({
  replacements: listOf(
    settings.replacementFieldDecoder as (value: JsonValue) => settings.KustomizationFields["replacements"][number],
    {},
  ),
});
const valueTargets = listOf(
  object<ValueAddTarget>({ selector: settings.selectorDecoder, fieldPath: text, filePathPosition: integer }),
  {},
);
const valueAddDecoder = object<{ value: string; targets: Partial<ValueAddTarget>[]; targetFilePath: string }>({
  value: text,
  targets: valueTargets,
  targetFilePath: text,
});

function affixPlugin(name: "PrefixTransformer" | "SuffixTransformer"): TransformerPlugin {
  return (config, context) => {
    const { prefix = "", suffix = "", fieldSpecs } = affixDecoder(config, "", contextOf(context)) ?? {};
    if (!fieldSpecs) {
      throw buildFailure("fieldSpecs is not expected to be nil", { file: context.file }, "Add fieldSpecs.");
    }
    const affix = name === "PrefixTransformer" ? prefix : suffix;
    return [affixTransform({ name, affix, fieldSpecs: toSpecs(fieldSpecs) })];
  };
}

const SUBJECT_MODES: readonly string[] = ["defaultOnly", "allServiceAccounts", "none"];

const namespacePlugin: TransformerPlugin = (config, context) => {
  const own = namespaceDecoder(config, "", contextOf(context)) ?? {};
  const subjects = own.setRoleBindingSubjects || "defaultOnly";
  if (!SUBJECT_MODES.includes(subjects)) {
    throw buildFailure(
      `invalid value "${subjects}" for setRoleBindingSubjects: must be one of ${SUBJECT_MODES.join(", ")}`,
      { file: context.file, field: "setRoleBindingSubjects" },
      "Use one of these values.",
    );
  }
  return [
    namespaceTransform({
      namespace: own.metadata?.namespace ?? "",
      fieldSpecs: toSpecs(own.fieldSpecs),
      unsetOnly: own.unsetOnly ?? false,
      subjects: subjects as SubjectMode,
    }),
  ];
};

const valueAddPlugin: TransformerPlugin = (config, context) => {
  const own = valueAddDecoder(config, "", contextOf(context)) ?? {};
  const targets = [...(own.targets ?? [])];
  if (own.targetFilePath) {
    const file = context.loader.pathOf(own.targetFilePath);
    const value = parseYaml(context.loader.text(own.targetFilePath), { file });
    const loaded = valueAddDecoder(value, "", { file, strict: false, coerce: true });
    targets.push(...(loaded?.targets ?? []));
  }
  const value = own.value?.trim() || (context.loader.root.split("/").at(-1) ?? "");
  return [valueAddTransform({ value, targets, file: context.file })];
};

const transformerPlugins: Record<string, TransformerPlugin> = {
  LabelTransformer: (config, context) => {
    const own = labelsDecoder(config, "", contextOf(context)) ?? {};
    const fieldSpecs = toSpecs(own.fieldSpecs);
    return [entriesTransform({ name: "LabelTransformer", entries: own.labels ?? new Map(), fieldSpecs })];
  },
  AnnotationsTransformer: (config, context) => {
    const own = annotationsDecoder(config, "", contextOf(context)) ?? {};
    const fieldSpecs = toSpecs(own.fieldSpecs);
    return [entriesTransform({ name: "AnnotationsTransformer", entries: own.annotations ?? new Map(), fieldSpecs })];
  },
  PrefixTransformer: affixPlugin("PrefixTransformer"),
  SuffixTransformer: affixPlugin("SuffixTransformer"),
  PrefixSuffixTransformer: (config, context) => [
    ...affixPlugin("PrefixTransformer")(config, context),
    ...affixPlugin("SuffixTransformer")(config, context),
  ],
  NamespaceTransformer: namespacePlugin,
  ImageTagTransformer: (config, context) => {
    const own = imagesDecoder(config, "", contextOf(context)) ?? {};
    return [imageTransform(own.imageTag ?? {}, toSpecs(own.fieldSpecs))];
  },
  ReplicaCountTransformer: (config, context) => {
    const own = replicasDecoder(config, "", contextOf(context)) ?? {};
    return [replicaTransform(own.replica ?? {}, toSpecs(own.fieldSpecs))];
  },
  PatchTransformer: (config, context) => [loadPatch(patchDecoder(config, "", contextOf(context)) ?? {}, context)],
  PatchJson6902Transformer: (config, context) => [
    loadJson6902(jsonPatchDecoder(config, "", contextOf(context)) ?? {}, context),
  ],
  PatchStrategicMergeTransformer: (config, context) => {
    const own = strategicDecoder(config, "", contextOf(context)) ?? {};
    return [loadStrategicMerge(own.paths ?? [], own.patches ?? "", context)];
  },
  ReplacementTransformer: (config, context) => {
    const own = replacementsDecoder(config, "", contextOf(context)) ?? {};
    return [replacementTransform(loadReplacements(own.replacements ?? [], context))];
  },
  HashTransformer: () => [{ name: "HashTransformer", run: hashNames }],
  ValueAddTransformer: valueAddPlugin,
};

/** The transforms that a configuration object describes. */
export function loadTransformerPlugin(resource: Resource, context: PluginContext): Transform[] {
  refuseExternal(resource, context);
  const { kind } = resource.id;
  const plugin = Object.hasOwn(transformerPlugins, kind) ? transformerPlugins[kind] : undefined;
  if (!plugin) throw unknownPlugin(resource, "transformer", context);
  return plugin(configOf(resource), context);
}
