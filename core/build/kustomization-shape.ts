// The fields of a kustomization file, as Go's decoder sees them: unknown ones are dropped, numbers in texts become text.

import { Failure, isObject, type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";
import { formatFloatG } from "@plumbline/core/yaml";

/**
 * What a field holds: `[]` is a list, `{}` a mapping, `any` is kept as it is. A `text` takes numbers and flags too, a
 * `string` does not: Go's decoder makes text of them only where the field is not one of an embedded struct.
 * `always` are fields that Go writes even when they are not set.
 */
type Shape =
  | "text"
  | "string"
  | "flag"
  | "integer"
  | "any"
  | "text[]"
  | "text{}"
  | "string[]"
  | "string{}"
  | { list: Shape }
  | { fields: Fields; always?: JsonObject };
type Fields = { readonly [name: string]: Shape };

const gvk = { group: "string", version: "string", kind: "string" } as const;
const resourceId = { ...gvk, name: "string", namespace: "string" } as const;
const selector: Shape = { fields: { ...resourceId, annotationSelector: "text", labelSelector: "text" } };
const patches: Shape = {
  list: {
    fields: {
      path: "text",
      patch: "text",
      target: selector,
      options: { fields: { allowNameChange: "flag", allowKindChange: "flag" } },
    },
  },
};
const images: Shape = {
  list: { fields: { name: "text", newName: "text", tagSuffix: "text", newTag: "text", digest: "text" } },
};
const generatorFlags = { disableNameSuffixHash: "flag", immutable: "flag" } as const;
const generator: Fields = {
  namespace: "string",
  name: "string",
  behavior: "string",
  literals: "string[]",
  files: "string[]",
  envs: "string[]",
  env: "string",
  options: { fields: { labels: "string{}", annotations: "string{}", ...generatorFlags } },
};
const fieldOptions: Shape = { fields: { delimiter: "string", index: "integer", encoding: "string", create: "flag" } };
const strictSelector: Shape = { fields: { ...resourceId, annotationSelector: "string", labelSelector: "string" } };
const replacementTarget: Shape = {
  fields: {
    select: strictSelector,
    reject: { list: strictSelector },
    fieldPaths: "string[]",
    options: fieldOptions,
  },
  always: { select: null },
};
const replacement: Shape = {
  fields: {
    path: "text",
    source: { fields: { ...resourceId, fieldPath: "string", options: fieldOptions } },
    targets: { list: replacementTarget },
    sourceValue: "string",
  },
};
const label: Shape = {
  fields: {
    pairs: "text{}",
    includeSelectors: "flag",
    includeTemplates: "flag",
    fields: { list: { fields: { ...gvk, path: "text", create: "flag" } } },
  },
};
const variable: Shape = {
  fields: {
    name: "text",
    objref: { fields: { apiVersion: "text", ...gvk, name: "text", namespace: "text" }, always: { name: "" } },
    fieldref: { fields: { fieldPath: "text" } },
  },
  always: { name: "", objref: { name: "" }, fieldref: {} },
};
const sortOptions: Shape = {
  fields: {
    order: "text",
    legacySortOptions: {
      fields: { orderFirst: "text[]", orderLast: "text[]" },
      always: { orderFirst: null, orderLast: null },
    },
  },
};

export const typeMeta = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" };

/** types.Kustomization of kustomize 5.8 (api 0.21). Helm fields are kept as they are: the build refuses them. */
const kustomization: Fields = {
  apiVersion: "string",
  kind: "string",
  metadata: { fields: { name: "text", namespace: "text", labels: "text{}", annotations: "text{}" } },
  openapi: "text{}",
  namePrefix: "text",
  nameSuffix: "text",
  namespace: "text",
  commonLabels: "text{}",
  labels: { list: label },
  commonAnnotations: "text{}",
  patchesStrategicMerge: "text[]",
  patchesJson6902: patches,
  patches,
  images,
  imageTags: images,
  replacements: { list: replacement },
  replicas: { list: { fields: { name: "text", count: "integer" }, always: { count: 0 } } },
  vars: { list: variable },
  sortOptions,
  resources: "text[]",
  components: "text[]",
  crds: "text[]",
  bases: "text[]",
  configMapGenerator: { list: { fields: generator } },
  secretGenerator: { list: { fields: { ...generator, type: "text" } } },
  helmGlobals: "any",
  helmCharts: "any",
  helmChartInflationGenerator: "any",
  generatorOptions: { fields: { labels: "text{}", annotations: "text{}", ...generatorFlags } },
  configurations: "text[]",
  generators: "text[]",
  transformers: "text[]",
  validators: "text[]",
  buildMetadata: "text[]",
};

/**
 * The content of a kustomization file with exactly the fields that Go would keep. Names are matched in any case, as
 * Go's JSON decoder does; nulls and empty values count as absent. apiVersion and kind are filled in unless they are
 * there, be it as empty texts. Throws BuildFailed, naming file and field, where a value has another form than its field.
 */
export function shapeKustomization(value: JsonValue | undefined, file: string): JsonObject {
  const shaped = shapeFields(kustomization, value ?? {}, { file, field: "" }, typeMeta);
  for (const name of Object.keys(typeMeta)) if (shaped[name] === "") delete shaped[name];
  return shaped;
}

interface Place {
  file: string;
  field: string;
}

function shapeFields(fields: Fields, value: JsonValue, place: Place, always: JsonObject = {}): JsonObject {
  if (!isObject(value)) throw wrongForm(place, "a mapping", value);
  const result: JsonObject = { ...always };
  for (const [key, entry] of Object.entries(value)) {
    const name = fieldNamed(fields, key);
    const shape = name === undefined ? undefined : fields[name];
    if (name === undefined || shape === undefined || (entry === null && isScalar(shape))) continue;
    const field = place.field === "" ? name : `${place.field}.${name}`;
    const shaped = entry === null ? undefined : shapeValue(shape, entry, { ...place, field });
    if (shaped === undefined || (isEmpty(shape, shaped) && !Object.hasOwn(always, name))) delete result[name];
    else result[name] = shaped;
  }
  return result;
}

/** A null leaves these as they are, and empties everything else. */
function isScalar(shape: Shape): boolean {
  return shape === "text" || shape === "string" || shape === "flag" || shape === "integer";
}

function fieldNamed(fields: Fields, key: string): string | undefined {
  if (Object.hasOwn(fields, key)) return key;
  const folded = key.toLowerCase();
  return Object.keys(fields).find((name) => name.toLowerCase() === folded);
}

function shapeValue(shape: Shape, value: JsonValue, place: Place): JsonValue {
  switch (shape) {
    case "any":
      return value;
    case "text":
      return asText(value, place);
    case "string":
      if (typeof value === "string") return value;
      throw wrongForm(place, "a text", value);
    case "flag":
      if (typeof value === "boolean") return value;
      throw wrongForm(place, "true or false", value);
    case "integer":
      if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value))) return value;
      throw wrongForm(place, "a whole number", value);
    case "text[]":
      return shapeList("text", value, place);
    case "string[]":
      return shapeList("string", value, place);
    case "text{}":
      return shapeTextMap("text", value, place);
    case "string{}":
      return shapeTextMap("string", value, place);
    default:
      if ("list" in shape) return shapeList(shape.list, value, place);
      return shapeFields(shape.fields, value, place, shape.always);
  }
}

function shapeList(shape: Shape, value: JsonValue, place: Place): JsonValue {
  if (!Array.isArray(value)) throw wrongForm(place, "a list", value);
  const absent: JsonValue = typeof shape === "object" ? {} : "";
  return value.map((item, index) => shapeValue(shape, item ?? absent, { ...place, field: `${place.field}[${index}]` }));
}

function shapeTextMap(shape: "text" | "string", value: JsonValue, place: Place): JsonObject {
  if (!isObject(value)) throw wrongForm(place, "a mapping of texts", value);
  const result: JsonObject = {};
  for (const key of Object.keys(value)) {
    const entry = own(value, key) ?? "";
    setOwn(result, key, shapeValue(shape, entry, { ...place, field: `${place.field}.${key}` }));
  }
  return result;
}

function asText(value: JsonValue, place: Place): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : formatFloatG(value);
  throw wrongForm(place, "a text", value);
}

/** What Go leaves out when it writes: structs behind pointers, which all but a few are, stay even when empty. */
function isEmpty(shape: Shape, value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (shape === "text{}" || shape === "string{}") return Object.keys(value as JsonObject).length === 0;
  return value === "" || value === false;
}

function wrongForm(place: Place, wanted: string, value: JsonValue): Failure {
  const is = Array.isArray(value)
    ? "a list"
    : isObject(value)
      ? "a mapping"
      : JSON.stringify(String(value).slice(0, 80));
  const field = place.field === "" ? "the file" : place.field;
  return new Failure({
    reason: "BuildFailed",
    message: `${place.file}: ${field} must be ${wanted}, is ${is}`,
    hint: "Correct the kustomization file",
    where: { file: place.file, ...(place.field === "" ? {} : { field: place.field }) },
  });
}
