// Where each transform looks: kustomize's defaults, the `configurations` files and what CRDs add.

import type { JsonValue } from "@plumbline/core/model";
import { listOf, object, text, type DecodeContext } from "./decode.ts";
import { defaultFieldSpecs } from "./default-field-specs.ts";
import { makeFieldSpec, mergeFieldSpec, mergeFieldSpecs, type FieldSpec } from "./field-spec.ts";
import { equalGvk, type KindSelector } from "./gvk.ts";
import { compareGvk } from "./kind-order.ts";
import { fieldSpecDecoder, type FieldSpecSettings } from "./kustomization.ts";

/** Objects of this kind are named by these fields of other objects. */
export interface NameReference extends KindSelector {
  readonly referrers: readonly FieldSpec[];
}

const SPEC_LISTS = [
  "namePrefix",
  "nameSuffix",
  "namespace",
  "commonLabels",
  "labels",
  "templateLabels",
  "volumeClaimTemplateLabels",
  "commonAnnotations",
  "varReference",
  "images",
  "replicas",
] as const;
type SpecList = (typeof SPEC_LISTS)[number];

export type TransformerConfig = { readonly [K in SpecList]: readonly FieldSpec[] } & {
  readonly nameReference: readonly NameReference[];
};

export const emptyConfig: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  volumeClaimTemplateLabels: [],
  commonAnnotations: [],
  varReference: [],
  images: [],
  replicas: [],
  nameReference: [],
};

type Settings = { [K in SpecList]: Partial<FieldSpecSettings>[] } & {
  nameReference: Partial<KindSelector & { fieldSpecs: Partial<FieldSpecSettings>[] }>[];
};

const specs = listOf(fieldSpecDecoder, {});
const settingsDecoder = object<Settings>({
  namePrefix: specs,
  nameSuffix: specs,
  namespace: specs,
  commonLabels: specs,
  labels: specs,
  templateLabels: specs,
  volumeClaimTemplateLabels: specs,
  commonAnnotations: specs,
  varReference: specs,
  images: specs,
  replicas: specs,
  nameReference: listOf(
    object<KindSelector & { fieldSpecs: Partial<FieldSpecSettings>[] }>({
      group: text,
      version: text,
      kind: text,
      fieldSpecs: specs,
    }),
    {},
  ),
});

/** Reads a `configurations` file; unknown fields are refused. */
export function decodeTransformerConfig(value: JsonValue, file: string): TransformerConfig {
  const context: DecodeContext = { file, strict: true, coerce: true };
  const settings = settingsDecoder(value, "", context) ?? {};
  const config: { -readonly [K in keyof TransformerConfig]: TransformerConfig[K] } = { ...emptyConfig };
  for (const list of SPEC_LISTS) config[list] = (settings[list] ?? []).map(makeFieldSpec);
  config.nameReference = (settings.nameReference ?? []).map(({ group = "", version = "", kind = "", fieldSpecs }) => ({
    group,
    version,
    kind,
    referrers: (fieldSpecs ?? []).map(makeFieldSpec),
  }));
  return sorted(config);
}

function sorted(config: TransformerConfig): TransformerConfig {
  const result: { -readonly [K in keyof TransformerConfig]: TransformerConfig[K] } = { ...config };
  for (const list of SPEC_LISTS) result[list] = config[list].toSorted(compareGvk);
  result.nameReference = config.nameReference.toSorted(compareGvk);
  return result;
}

/** Everything of both. Throws `Failure` when two specs of one field disagree. */
export function mergeConfigs(a: TransformerConfig, b: TransformerConfig): TransformerConfig {
  if (a === b || b === emptyConfig) return a;
  const result: { -readonly [K in keyof TransformerConfig]: TransformerConfig[K] } = { ...emptyConfig };
  for (const list of SPEC_LISTS) result[list] = mergeFieldSpecs(a[list], b[list]);
  result.nameReference = mergeReferences(a.nameReference, b.nameReference);
  return sorted(result);
}

function mergeReferences(a: readonly NameReference[], b: readonly NameReference[]): readonly NameReference[] {
  let result = a;
  for (const incoming of b) result = mergeReference(result, incoming);
  return result;
}

function mergeReference(all: readonly NameReference[], incoming: NameReference): readonly NameReference[] {
  if (!all.some((known) => equalGvk(known, incoming))) return [...all, incoming];
  return all.map((known) =>
    equalGvk(known, incoming) && known.referrers !== incoming.referrers
      ? { ...known, referrers: mergeFieldSpecs(known.referrers, incoming.referrers) }
      : known,
  );
}

/** A config with one spec more. */
export function addFieldSpec(config: TransformerConfig, list: SpecList, spec: FieldSpec): TransformerConfig {
  return { ...config, [list]: mergeFieldSpec(config[list], spec) };
}

export function addNameReference(config: TransformerConfig, reference: NameReference): TransformerConfig {
  return { ...config, nameReference: mergeReference(config.nameReference, reference) };
}

const any = (part: string | undefined): string => (part === undefined || part === "*" ? "" : part);

function parseSpecLine(line: string): FieldSpec {
  const [path = "", kind, group, version, create] = line.split(" ");
  return makeFieldSpec({
    path,
    kind: any(kind),
    group: any(group),
    version: any(version),
    create: create === "create",
  });
}

function parseDefaults(source: string): TransformerConfig {
  const lists: Record<string, FieldSpec[]> = {};
  const references: { -readonly [K in keyof NameReference]: NameReference[K] }[] = [];
  let into: FieldSpec[] = [];
  for (const line of source.split("\n")) {
    if (line === "") continue;
    if (line.startsWith("# ")) {
      lists[line.slice(2)] = into = [];
    } else if (line.startsWith("@ ")) {
      const [kind, group, version] = line.slice(2).split(" ");
      into = [];
      references.push({ kind: any(kind), group: any(group), version: any(version), referrers: into });
    } else {
      into.push(parseSpecLine(line));
    }
  }
  return { ...emptyConfig, ...lists, nameReference: references };
}

let defaults: { parsed: TransformerConfig; merged: TransformerConfig } | undefined;

/** kustomize's default configuration, and what it is after its first merge; made on first use, for a quick start. */
function defaultConfigs(): { parsed: TransformerConfig; merged: TransformerConfig } {
  if (defaults) return defaults;
  const parsed = parseDefaults(defaultFieldSpecs);
  return (defaults = { parsed, merged: mergeConfigs(emptyConfig, parsed) });
}

/** The defaults with the `configurations` of one kustomization, and with what its bases brought. */
export function configOfTarget(inherited: TransformerConfig, own: TransformerConfig): TransformerConfig {
  const { parsed, merged } = defaultConfigs();
  if (own !== emptyConfig) return mergeConfigs(inherited, mergeConfigs(parsed, own));
  return inherited === emptyConfig || inherited === merged ? merged : mergeConfigs(inherited, parsed);
}
