// The fields of a kustomization file, as Go's decoder sees them: unknown ones are dropped, numbers in texts become text.

import { Failure, isObject, type JsonObject, type JsonValue, own, setOwn } from "@plumbline/core/model";
import { formatFloatG } from "@plumbline/core/yaml";

/** What a field holds. `text[]` is a list of texts, `text{}` a mapping of texts, `any` is kept as it is. */
type Shape = "text" | "flag" | "number" | "any" | "text[]" | "text{}" | { list: Shape } | { fields: Fields };
type Fields = { readonly [name: string]: Shape };

const gvk = { group: "text", version: "text", kind: "text" } as const;
const selector: Shape = {
  fields: { ...gvk, name: "text", namespace: "text", annotationSelector: "text", labelSelector: "text" },
};
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
const generatorOptions: Shape = {
  fields: { labels: "text{}", annotations: "text{}", disableNameSuffixHash: "flag", immutable: "flag" },
};
const generator: Fields = {
  namespace: "text",
  name: "text",
  behavior: "text",
  literals: "text[]",
  files: "text[]",
  envs: "text[]",
  env: "text",
  options: generatorOptions,
};
const fieldOptions: Shape = { fields: { delimiter: "text", index: "number", encoding: "text", create: "flag" } };
const replacement: Shape = {
  fields: {
    path: "text",
    source: { fields: { ...gvk, name: "text", namespace: "text", fieldPath: "text", options: fieldOptions } },
    targets: {
      list: { fields: { select: selector, reject: { list: selector }, fieldPaths: "text[]", options: fieldOptions } },
    },
    sourceValue: "text",
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
    objref: { fields: { apiVersion: "text", ...gvk, name: "text", namespace: "text" } },
    fieldref: { fields: { fieldPath: "text", fieldpath: "text" } },
  },
};
const sortOptions: Shape = {
  fields: { order: "text", legacySortOptions: { fields: { orderFirst: "text[]", orderLast: "text[]" } } },
};

/** types.Kustomization of kustomize 5.8 (api 0.21). Helm fields are kept as they are: the build refuses them. */
const kustomization: Fields = {
  apiVersion: "text",
  kind: "text",
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
  replicas: { list: { fields: { name: "text", count: "number" } } },
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
  generatorOptions,
  configurations: "text[]",
  generators: "text[]",
  transformers: "text[]",
  validators: "text[]",
  buildMetadata: "text[]",
};

/**
 * The content of a kustomization file with exactly the fields that Go would keep. Names are matched in any case, as
 * Go's JSON decoder does; nulls and empty values count as absent. Throws BuildFailed, naming file and field, where a
 * value has another form than its field.
 */
export function shapeKustomization(value: JsonValue | undefined, file: string): JsonObject {
  if (value === null || value === undefined) return {};
  return shapeFields(kustomization, value, { file, field: "" });
}

interface Place {
  file: string;
  field: string;
}

function shapeFields(fields: Fields, value: JsonValue, place: Place): JsonObject {
  if (!isObject(value)) throw wrongForm(place, "a mapping", value);
  const result: JsonObject = {};
  for (const [key, entry] of Object.entries(value)) {
    const name = fieldNamed(fields, key);
    const shape = name === undefined ? undefined : fields[name];
    if (name === undefined || shape === undefined || entry === null) continue;
    const shaped = shapeValue(shape, entry, { ...place, field: place.field === "" ? name : `${place.field}.${name}` });
    if (!isEmpty(shaped)) result[name] = shaped;
  }
  return result;
}

function fieldNamed(fields: Fields, key: string): string | undefined {
  if (Object.hasOwn(fields, key)) return key;
  const folded = key.toLowerCase();
  return Object.keys(fields).find((name) => name.toLowerCase() === folded);
}

function shapeValue(shape: Shape, value: JsonValue, place: Place): JsonValue {
  if (shape === "any") return value;
  if (shape === "text") return asText(value, place);
  if (shape === "text{}") return shapeTextMap(value, place);
  if (shape === "text[]") return shapeList("text", value, place);
  if (shape === "flag" || shape === "number") {
    const fits = shape === "flag" ? typeof value === "boolean" : typeof value === "number" || typeof value === "bigint";
    if (!fits) throw wrongForm(place, shape === "flag" ? "true or false" : "a number", value);
    return value;
  }
  return "list" in shape ? shapeList(shape.list, value, place) : shapeFields(shape.fields, value, place);
}

function shapeList(shape: Shape, value: JsonValue, place: Place): JsonValue {
  if (!Array.isArray(value)) throw wrongForm(place, "a list", value);
  return value.map((item, index) => {
    if (item === null) return typeof shape === "object" && "fields" in shape ? {} : "";
    return shapeValue(shape, item, { ...place, field: `${place.field}[${index}]` });
  });
}

function shapeTextMap(value: JsonValue, place: Place): JsonObject {
  if (!isObject(value)) throw wrongForm(place, "a mapping of texts", value);
  const result: JsonObject = {};
  for (const key of Object.keys(value)) {
    const entry = own(value, key) ?? null;
    setOwn(result, key, entry === null ? "" : asText(entry, { ...place, field: `${place.field}.${key}` }));
  }
  return result;
}

function asText(value: JsonValue, place: Place): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : formatFloatG(value);
  throw wrongForm(place, "a text", value);
}

function isEmpty(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
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
