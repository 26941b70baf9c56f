// vars: `$(NAME)` in configured fields stands for a value of another object.

import type { JsonValue } from "@plumbline/core/model";
import { overwrite, type SharedChanges } from "./aliases.ts";
import { applyFieldSpec } from "./apply-field-spec.ts";
import { buildFailure, locate } from "./failures.ts";
import type { FieldSpec } from "./field-spec.ts";
import { lookUp, splitFieldPath } from "./field-path.ts";
import { splitApiVersion, type KindSelector } from "./gvk.ts";
import type { VarSettings } from "./kustomization.ts";
import type { Resource } from "./resource.ts";
import { changeOne } from "./transform.ts";
import { specsByKind } from "./transform-labels.ts";
import { jsonOf } from "./tree-json.ts";
import { MapNode, Scalar, SeqNode, STR_TAG, isNull, type Tree } from "./tree.ts";

export interface Variable {
  readonly name: string;
  readonly kind: KindSelector;
  readonly objectName: string;
  readonly namespace: string;
  readonly fieldPath: string;
}

export type VariableSet = ReadonlyMap<string, Variable>;

export function toVariable(settings: Partial<VarSettings>): Variable {
  const { name = "", objref = {}, fieldref = {} } = settings;
  const { apiVersion = "", group = "", version = "", kind = "" } = objref;
  const fromApiVersion = apiVersion.split("/").length <= 2 && apiVersion !== "" ? splitApiVersion(apiVersion) : {};
  return {
    name,
    kind: { group, version, kind, ...fromApiVersion },
    objectName: objref.name ?? "",
    namespace: objref.namespace ?? "",
    fieldPath: fieldref.fieldPath || "metadata.name",
  };
}

/** Both sets. Throws `Failure` when a name is in both. */
export function mergeVariables(a: VariableSet, b: VariableSet): VariableSet {
  if (b.size === 0) return a;
  if (a.size === 0) return b;
  const merged = new Map(a);
  for (const variable of b.values()) addVariable(merged, variable);
  return merged;
}

export function addVariable(set: Map<string, Variable>, variable: Variable): void {
  if (set.has(variable.name)) {
    throw buildFailure(`var '${variable.name}' already encountered`, { field: "vars" }, "Give the var another name.");
  }
  set.set(variable.name, variable);
}

function matches(resource: Resource, variable: Variable): boolean {
  const { kind, objectName, namespace } = variable;
  const isMeant = (id: KindSelector & { name: string }, idNamespace: string): boolean =>
    id.name === objectName &&
    id.kind === kind.kind &&
    id.group === kind.group &&
    id.version === kind.version &&
    (namespace === "" || idNamespace === namespace);
  if (isMeant(resource.id, resource.namespace)) return true;
  return resource.previousIds.some((id) => isMeant(id, id.namespace || "default"));
}

/** Notes at each object which vars read it, by the names it has at this level. */
export function bindVariables(resources: readonly Resource[], variables: readonly Variable[]): readonly Resource[] {
  let result = resources;
  for (const variable of variables) {
    const found = result.filter((resource) => matches(resource, variable));
    if (found.length > 1) {
      throw buildFailure(
        `found ${found.length} resId matches for var ${variable.name} (unable to disambiguate)`,
        { field: "vars" },
        "Name the namespace in the var's objref.",
      );
    }
    const [only] = found;
    if (!only) continue;
    result = result.map((resource) =>
      resource === only ? resource.with({ varNames: [...resource.carried.varNames, variable.name] }) : resource,
    );
  }
  return result;
}

function valueOf(resources: readonly Resource[], variable: Variable): JsonValue {
  const resource = resources.find(({ carried }) => carried.varNames.includes(variable.name));
  if (!resource) {
    throw buildFailure(
      `var '${variable.name}' cannot be mapped to a field in the set of known resources`,
      { field: "vars" },
      "Correct the var's objref.",
    );
  }
  let found: Tree | undefined;
  try {
    found = lookUp(resource.tree, indexParts(splitFieldPath(variable.fieldPath)));
  } catch (error) {
    throw locate(error, { object: resource.label, field: variable.fieldPath });
  }
  if (found !== undefined) return found instanceof Scalar ? scalarValue(found) : jsonOf(found, resource.label);
  throw buildFailure(
    `field specified in var '${variable.name}' not found in corresponding resource`,
    { object: resource.label, field: variable.fieldPath },
    "Correct the var's fieldref.",
  );
}

function scalarValue(scalar: Scalar): JsonValue {
  if (scalar.tag === "!!int" || scalar.tag === "!!float") return Number(scalar.value);
  return scalar.tag === "!!bool" ? scalar.value.toLowerCase() === "true" : scalar.value;
}

/** `ports[0]` as `ports`, `0`. */
function indexParts(parts: readonly string[]): string[] {
  return parts.flatMap((part) => {
    const match = /^(.*)\[(\d+)\]$/.exec(part);
    return match ? [match[1] as string, match[2] as string].filter((each) => each !== "") : [part];
  });
}

/** Puts the values of all vars where configuration lets them stand. */
export function resolveVariables(
  resources: readonly Resource[],
  variables: VariableSet,
  specs: readonly FieldSpec[],
): readonly Resource[] {
  if (variables.size === 0) return resources;
  const values = new Map<string, JsonValue>();
  for (const name of [...variables.keys()].sort()) {
    values.set(name, valueOf(resources, variables.get(name) as Variable));
  }
  const specsOf = specsByKind(specs);
  return resources.map((resource) =>
    changeOne(resource, (each, changes) => {
      let tree: Tree = each.tree;
      for (const spec of specsOf(each)) {
        tree = applyFieldSpec(tree, spec, { set: (field) => replaceIn(field, values, changes) });
      }
      return each.withTree(tree);
    }),
  );
}

function isText(tree: Tree): tree is Scalar {
  return tree instanceof Scalar && (tree.tag === STR_TAG || tree.tag === "");
}

function replaceIn(tree: Tree, values: ReadonlyMap<string, JsonValue>, changes: SharedChanges): Tree {
  if (isNull(tree)) return tree;
  if (tree instanceof Scalar) return isText(tree) ? replaceText(tree, values, changes) : tree;
  if (tree instanceof MapNode) {
    const next = tree.values.map((value) => (isText(value) ? replaceText(value, values, changes) : value));
    return next.every((value, i) => value === tree.values[i]) ? tree : new MapNode(tree.keys, next, tree.quotedKeys);
  }
  const items = tree.items.map((item) => {
    if (isText(item)) return replaceText(item, values, changes);
    throw buildFailure("invalid value type expect a string", {}, "Write the items of the list as texts.");
  });
  return items.every((item, i) => item === tree.items[i]) ? tree : new SeqNode(items);
}

function replaceText(scalar: Scalar, values: ReadonlyMap<string, JsonValue>, changes: SharedChanges): Scalar {
  if (!scalar.value.includes("$")) return scalar;
  const replaced = expand(scalar.value, values);
  if (replaced === scalar.value) return scalar;
  const tag = typeof replaced === "boolean" ? "!!bool" : typeof replaced !== "number" ? STR_TAG : numberTag(replaced);
  const changed = overwrite(scalar, { value: formatPrimitive(replaced), tag }, changes);
  return new Scalar(changed.value, changed.tag, typeof replaced === "string", changed.share);
}

function numberTag(value: number): string {
  return Number.isInteger(value) ? "!!int" : "!!float";
}

type Primitive = string | number | boolean;

function formatPrimitive(value: Primitive): string {
  return String(value);
}

/** Kubernetes' `$(NAME)` syntax: `$$` stands for `$`; unknown names stay. A text that is one var keeps its type. */
function expand(input: string, values: ReadonlyMap<string, JsonValue>): Primitive {
  let output = "";
  let from = 0;
  for (let at = 0; at < input.length; at++) {
    if (input[at] !== "$" || at + 1 >= input.length) continue;
    output += input.slice(from, at);
    const close = input[at + 1] === "(" ? input.indexOf(")", at + 2) : -1;
    if (close >= 0) {
      const name = input.slice(at + 2, close);
      const value = primitive(values.get(name)) ?? `$(${name})`;
      if (at === 0 && close === input.length - 1) return value;
      output += formatPrimitive(value);
      at = close;
    } else {
      output += input[at + 1] === "$" ? "$" : `$${input[at + 1]}`;
      at++;
    }
    from = at + 1;
  }
  return output + input.slice(from);
}

function primitive(value: JsonValue | undefined): Primitive | undefined {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return typeof value === "bigint" ? Number(value) : undefined;
}
