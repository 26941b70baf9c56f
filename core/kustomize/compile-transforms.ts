// A kustomization's own fields as an ordered list of named transforms.

import { parseYaml } from "@plumbline/core/yaml";
import type { DecodeContext } from "./decode.ts";
import { listOf } from "./decode.ts";
import { buildFailure } from "./failures.ts";
import { makeFieldSpec, mergeFieldSpec, mergeFieldSpecs } from "./field-spec.ts";
import { replacementDecoder, type Kustomization, type KustomizationFields } from "./kustomization.ts";
import { loadJson6902, loadPatch, loadStrategicMerge, type PatchContext } from "./load-patches.ts";
import type { Loader } from "./loader.ts";
import { entriesTransform } from "./transform-labels.ts";
import { affixTransform } from "./transform-names.ts";
import { namespaceTransform } from "./transform-namespace.ts";
import { imageTransform } from "./transform-images.ts";
import { replacementTransform, type Replacement } from "./transform-replacements.ts";
import { replicaTransform } from "./transform-replicas.ts";
import type { Transform } from "./transform.ts";
import type { TransformerConfig } from "./transformer-config.ts";

const metadataLabels = makeFieldSpec({ path: "metadata/labels", create: true });

/** The transforms in kustomize's order; files they need are read now. Throws `Failure` for what does not fit. */
export function compileTransforms(
  settings: Kustomization,
  config: TransformerConfig,
  context: PatchContext,
): Transform[] {
  const { loader, file } = context;
  const transforms: Transform[] = [];
  if (settings.patchesStrategicMerge?.length) {
    transforms.push(loadStrategicMerge(settings.patchesStrategicMerge, "", context));
  }
  for (const patch of settings.patches ?? []) transforms.push(loadPatch(patch, context));
  if (settings.namespace) {
    transforms.push(namespaceTransform({ namespace: settings.namespace, fieldSpecs: config.namespace }));
  }
  if (settings.namePrefix) {
    const fieldSpecs = config.namePrefix;
    transforms.push(affixTransform({ name: "PrefixTransformer", affix: settings.namePrefix, fieldSpecs }));
  }
  if (settings.nameSuffix) {
    const fieldSpecs = config.nameSuffix;
    transforms.push(affixTransform({ name: "SuffixTransformer", affix: settings.nameSuffix, fieldSpecs }));
  }
  transforms.push(...labelTransforms(settings, config));
  if (settings.commonAnnotations?.size) {
    const entries = settings.commonAnnotations;
    transforms.push(
      entriesTransform({ name: "AnnotationsTransformer", entries, fieldSpecs: config.commonAnnotations }),
    );
  }
  for (const patch of settings.patchesJson6902 ?? []) transforms.push(loadJson6902(patch, context));
  for (const replica of settings.replicas ?? []) transforms.push(replicaTransform(replica, config.replicas));
  for (const image of settings.images ?? []) transforms.push(imageTransform(image, config.images));
  if (settings.replacements?.length) {
    transforms.push(replacementTransform(loadReplacements(settings.replacements, { loader, file })));
  }
  return transforms;
}

function labelTransforms(settings: Kustomization, config: TransformerConfig): Transform[] {
  const labels = settings.labels ?? [];
  const common = settings.commonLabels ?? new Map<string, string>();
  if (labels.length === 0 && common.size === 0) return [];
  const own = labels.map((label) => {
    let specs = mergeFieldSpecs((label.fields ?? []).map(makeFieldSpec), config.labels);
    if (label.includeSelectors) {
      specs = mergeFieldSpecs(specs, config.commonLabels);
    } else {
      if (label.includeTemplates) specs = mergeFieldSpecs(specs, config.templateLabels);
      if (label.includeVolumeClaimTemplates) specs = mergeFieldSpecs(specs, config.volumeClaimTemplateLabels);
      specs = mergeFieldSpec(specs, metadataLabels);
    }
    return entriesTransform({ name: "LabelTransformer", entries: label.pairs ?? new Map(), fieldSpecs: specs });
  });
  return [...own, entriesTransform({ name: "LabelTransformer", entries: common, fieldSpecs: config.commonLabels })];
}

/** Replacements given inline or in files, which hold one or a list of them. */
export function loadReplacements(
  entries: KustomizationFields["replacements"],
  { loader, file }: { loader: Loader; file: string },
): Replacement[] {
  return entries.flatMap((entry): Replacement[] => {
    const { path, ...inline } = entry;
    if (!path) return [inline];
    if (inline.source || inline.targets?.length) {
      throw buildFailure(
        "cannot specify both path and inline replacement",
        { file, field: "replacements" },
        "Keep one of them.",
      );
    }
    const source = loader.pathOf(path);
    const value = parseYaml(loader.text(path), { file: source });
    const context: DecodeContext = { file: source, strict: false, coerce: true };
    if (Array.isArray(value)) return listOf(replacementDecoder, {})(value, "", context) ?? [];
    if (value !== null && typeof value === "object") return [replacementDecoder(value, "", context) ?? {}];
    throw buildFailure(
      "unsupported replacement type encountered within replacement path",
      { file: source },
      "Write one replacement or a list of them.",
    );
  });
}
