// Why values do not fit a schema, in the words of Helm's validator (santhosh-tekuri/jsonschema).

import { equalJson, isObject, type JsonObject, type JsonValue, own } from "@plumbline/core/model";
import { quote } from "@plumbline/core/template";

interface Problem {
  at: readonly string[];
  words: string;
  /** `group`: several problems of one schema; `reference`: those of a schema that was referred to. */
  kind: "plain" | "group" | "reference";
  causes: readonly Problem[];
}

/** The year of a draft; 4, 6 and 7 for the older ones. */
export type Draft = 4 | 6 | 7 | 2019 | 2020;

/** A line for each problem, nested ones indented; undefined where the schema says something that is not known here. */
export function explainSchema(schema: JsonObject, draft: Draft, values: JsonValue): string | undefined {
  const problem = new Explainer(schema, draft).check(schema, values, []);
  if (!problem) return undefined;
  const causes = problem.kind === "group" ? problem.causes : [problem];
  return causes.map((cause) => show(cause, "")).join("");
}

function show(problem: Problem, indent: string): string {
  const { at, words, kind, causes } = problem;
  const isSkipped = kind === "reference" && causes.length === 1;
  const pointer = at.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  const line = isSkipped ? "" : `${indent}- at ${quoted(pointer)}: ${words}\n`;
  return line + causes.map((cause) => show(cause, isSkipped ? indent : `${indent}  `)).join("");
}

const quoted = (text: string): string => `'${quote(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
const listed = (texts: readonly string[]): string => texts.map(quoted).join(", ");
/** Numbers in messages have their thousands apart. */
const count = (n: number): string => n.toLocaleString("en-US", { maximumFractionDigits: 20 });

const raised = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A float, with a power of ten where that is below -4 or above 5. */
function amount(value: number): string {
  const [digits = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (value === 0 || (exponent >= -4 && exponent < 6)) return count(value);
  const shown = Array.from(String(Math.abs(exponent)).padStart(2, "0"), (digit) => raised[Number(digit)]);
  return `${digits}×10${exponent < 0 ? "⁻" : ""}${shown.join("")}`;
}

function shown(value: JsonValue): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "object") return value === null ? "<nil>" : "value";
  return String(value);
}

function typeOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "bigint" ? "number" : typeof value;
}

const typeOrder = ["null", "boolean", "number", "integer", "string", "array", "object"];

const isWhole = (value: JsonValue): boolean => typeof value === "bigint" || Number.isInteger(value);

class Explainer {
  private readonly root: JsonObject;
  private readonly draft: Draft;

  constructor(root: JsonObject, draft: Draft) {
    this.root = root;
    this.draft = draft;
  }

  /** What is wrong with a value, if anything is. */
  check(schema: JsonValue, value: JsonValue, at: readonly string[]): Problem | undefined {
    if (schema === false) return plain(at, "false schema");
    if (!isObject(schema)) return undefined;
    const reference = own(schema, "$ref");
    if (typeof reference === "string" && this.draft < 2019) return this.referred(reference, value, at);
    const basic = basicProblem(schema, value, at);
    if (basic) return basic;
    const problems: Problem[] = [];
    const add = (problem: Problem | undefined): void => void (problem && problems.push(problem));
    if (typeof reference === "string") add(this.referred(reference, value, at));
    if (isObject(value)) this.object(schema, { value, at, add });
    else if (Array.isArray(value)) this.array(schema, { value, at, add });
    else if (typeof value === "string") textProblems(schema, value, at).forEach(add);
    else if (typeof value === "number" || typeof value === "bigint")
      numberProblems(schema, Number(value), at).forEach(add);
    this.combined(schema, { value, at, add });
    const [only] = problems;
    return problems.length > 1 ? { at, words: "validation failed", kind: "group", causes: problems } : only;
  }

  private referred(reference: string, value: JsonValue, at: readonly string[]): Problem | undefined {
    const target = this.find(reference);
    const problem = target === undefined ? undefined : this.check(target, value, at);
    if (!problem) return undefined;
    const causes = problem.kind === "group" ? problem.causes : [problem];
    return { at, words: "validation failed", kind: "reference", causes };
  }

  private find(reference: string): JsonValue | undefined {
    if (reference === "#") return this.root;
    if (!reference.startsWith("#/")) return undefined;
    let at: JsonValue | undefined = this.root;
    for (const part of reference.slice(2).split("/")) {
      const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
      if (Array.isArray(at)) at = at[Number(key)];
      else at = isObject(at) ? own(at, key) : undefined;
    }
    return at;
  }

  private object(schema: JsonObject, { value, at, add }: Checked<JsonObject>): void {
    const names = Object.keys(value).sort();
    const [least, most] = [number(schema, "minProperties"), number(schema, "maxProperties")];
    if (least !== undefined && names.length < least) {
      add(plain(at, `minProperties: got ${count(names.length)}, want ${count(least)}`));
    }
    if (most !== undefined && names.length > most) {
      add(plain(at, `maxProperties: got ${count(names.length)}, want ${count(most)}`));
    }
    const missing = missingOf(value, own(schema, "required"));
    if (missing.length === 1) add(plain(at, `missing property ${listed(missing)}`));
    if (missing.length > 1) add(plain(at, `missing properties ${listed(missing)}`));
    this.dependencies(schema, "dependencies", { value, at, add });
    this.properties(schema, names, { value, at, add });
    for (const name of names) {
      const inner = this.draft >= 6 ? this.check(own(schema, "propertyNames") ?? true, name, []) : undefined;
      if (!inner) continue;
      const causes = inner.kind === "group" ? inner.causes : [inner];
      add({ at: [], words: `invalid propertyName ${quoted(name)}`, kind: "plain", causes });
    }
    this.dependencies(schema, "dependentSchemas", { value, at, add });
    this.dependencies(schema, "dependentRequired", { value, at, add });
  }

  private dependencies(schema: JsonObject, keyword: string, { value, at, add }: Checked<JsonObject>): void {
    const dependencies = own(schema, keyword);
    if (!isObject(dependencies)) return;
    for (const name of Object.keys(dependencies).sort()) {
      const dependency = dependencies[name] as JsonValue; // a key of its own
      if (!Object.hasOwn(value, name)) continue;
      if (!Array.isArray(dependency)) add(this.check(dependency, value, at));
      const missing = missingOf(value, dependency);
      if (missing.length > 0) add(plain(at, `properties ${listed(missing)} required, if ${quoted(name)} exists`));
    }
  }

  private properties(schema: JsonObject, names: readonly string[], { value, at, add }: Checked<JsonObject>): void {
    const known = own(schema, "properties");
    const patterns = own(schema, "patternProperties");
    const additional = own(schema, "additionalProperties");
    const refused: string[] = [];
    for (const name of names) {
      const schemas: JsonValue[] = [];
      if (isObject(known) && Object.hasOwn(known, name)) schemas.push(known[name] as JsonValue); // a key of its own
      for (const pattern of isObject(patterns) ? Object.keys(patterns) : []) {
        if (new RegExp(pattern, "u").test(name)) schemas.push((patterns as JsonObject)[pattern] as JsonValue); // as above
      }
      if (schemas.length === 0 && additional === false) refused.push(name);
      else if (schemas.length === 0 && additional !== undefined) schemas.push(additional);
      for (const each of schemas) add(this.check(each, value[name] as JsonValue, [...at, name])); // a key of its own
    }
    if (refused.length > 0) add(plain(at, `additional properties ${listed(refused)} not allowed`));
  }

  private array(schema: JsonObject, { value, at, add }: Checked<JsonValue[]>): void {
    const [least, most] = [number(schema, "minItems"), number(schema, "maxItems")];
    if (least !== undefined && value.length < least) {
      add(plain(at, `minItems: got ${count(value.length)}, want ${count(least)}`));
    }
    if (most !== undefined && value.length > most) {
      add(plain(at, `maxItems: got ${count(value.length)}, want ${count(most)}`));
    }
    if (own(schema, "uniqueItems") === true) add(duplicate(value, at));
    const isNew = this.draft >= 2020;
    const items = own(schema, "items");
    const tuple = isNew ? own(schema, "prefixItems") : items;
    const rest = isNew ? items : own(schema, "additionalItems");
    const each = (from: number, schemaAt: (i: number) => JsonValue, to = value.length): void => {
      for (let i = from; i < to; i++) add(this.check(schemaAt(i), value[i] as JsonValue, [...at, String(i)]));
    };
    if (Array.isArray(tuple)) {
      const covered = Math.min(tuple.length, value.length);
      each(0, (i) => tuple[i] as JsonValue, covered);
      if (!isNew && rest === false && covered < value.length) {
        add(plain(at, `last ${count(value.length - covered)} additionalItem(s) not allowed`));
      } else if (rest !== undefined) each(covered, () => rest);
    } else if (items !== undefined) each(0, () => items);
    this.contained(schema, { value, at, add });
  }

  private contained(schema: JsonObject, { value, at, add }: Checked<JsonValue[]>): void {
    const wanted = own(schema, "contains");
    if (wanted === undefined || this.draft < 6) return;
    const problems: Problem[] = [];
    const matched: number[] = [];
    for (const [i, item] of value.entries()) {
      const problem = this.check(wanted, item, [...at, String(i)]);
      if (problem) problems.push(problem);
      else matched.push(i);
    }
    const [least, most] = [number(schema, "minContains"), number(schema, "maxContains")];
    const found = `but matched ${count(matched.length)} items at ${matched.join(" ")}`;
    if (least === undefined && matched.length === 0) {
      add({ at, words: "no items match contains schema", kind: "plain", causes: problems });
    } else if (least !== undefined && matched.length < least) {
      const what = `min ${count(least)} items required to match contains schema, `;
      const words = what + (matched.length === 0 ? "but none matched" : found);
      add({ at, words, kind: "plain", causes: problems });
    }
    if (most !== undefined && matched.length > most) {
      add(plain(at, `max ${count(most)} items required to match contains schema, ${found}`));
    }
  }

  private combined(schema: JsonObject, { value, at, add }: Checked<JsonValue>): void {
    const not = own(schema, "not");
    if (not !== undefined && !this.check(not, value, at)) add(plain(at, "'not' failed"));
    const all = this.outcomes(schema, "allOf", { value, at });
    const failed = all.filter((each) => each !== undefined);
    if (failed.length > 0) add({ at, words: "'allOf' failed", kind: "plain", causes: failed });
    const any = this.outcomes(schema, "anyOf", { value, at });
    if (any.length > 0 && !any.includes(undefined)) {
      add({ at, words: "'anyOf' failed", kind: "plain", causes: any.filter((each) => each !== undefined) });
    }
    this.exactlyOne(schema, { value, at, add });
    const condition = own(schema, "if");
    if (condition === undefined || this.draft < 7) return;
    const branch = own(schema, this.check(condition, value, at) ? "else" : "then");
    if (branch !== undefined) add(this.check(branch, value, at));
  }

  private exactlyOne(schema: JsonObject, { value, at, add }: Checked<JsonValue>): void {
    const outcomes = this.outcomes(schema, "oneOf", { value, at });
    if (outcomes.length === 0) return;
    const [first, second] = outcomes.flatMap((each, i) => (each === undefined ? [i] : []));
    if (first === undefined) {
      const causes = outcomes.filter((each) => each !== undefined);
      add({ at, words: "'oneOf' failed, none matched", kind: "plain", causes });
    } else if (second !== undefined) {
      add(plain(at, `'oneOf' failed, subschemas ${count(first)}, ${count(second)} matched`));
    }
  }

  private outcomes(
    schema: JsonObject,
    keyword: string,
    { value, at }: { value: JsonValue; at: readonly string[] },
  ): (Problem | undefined)[] {
    const schemas = own(schema, keyword);
    return Array.isArray(schemas) ? schemas.map((each) => this.check(each, value, at)) : [];
  }
}

interface Checked<T> {
  value: T;
  at: readonly string[];
  add: (problem: Problem | undefined) => void;
}

const plain = (at: readonly string[], words: string): Problem => ({ at, words, kind: "plain", causes: [] });

function number(schema: JsonObject, keyword: string): number | undefined {
  const value = own(schema, keyword);
  return typeof value === "number" ? value : undefined;
}

function missingOf(value: JsonObject, required: JsonValue | undefined): string[] {
  if (!Array.isArray(required)) return [];
  return required.filter((name) => typeof name === "string").filter((name) => !Object.hasOwn(value, name));
}

/** Type, const and enum: what fails here hides everything else. */
function basicProblem(schema: JsonObject, value: JsonValue, at: readonly string[]): Problem | undefined {
  const type = own(schema, "type");
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const got = typeOf(value);
  const fits = types.includes(got) || (types.includes("integer") && got === "number" && isWhole(value));
  if (types.length > 0 && !fits) {
    return plain(at, `got ${got}, want ${typeOrder.filter((each) => types.includes(each)).join(" or ")}`);
  }
  const constant = own(schema, "const");
  if (constant !== undefined && !equalJson(value, constant)) {
    return plain(at, isScalar(constant) ? `value must be ${shown(constant)}` : "'const' failed");
  }
  const choices = own(schema, "enum");
  if (!Array.isArray(choices) || choices.some((each) => equalJson(value, each))) return undefined;
  if (!choices.every(isScalar)) return plain(at, "'enum' failed");
  return plain(at, `value must be ${choices.length === 1 ? "" : "one of "}${choices.map(shown).join(", ")}`);
}

const isScalar = (value: JsonValue): boolean => typeof value !== "object" || value === null;

function duplicate(items: readonly JsonValue[], at: readonly string[]): Problem | undefined {
  for (let i = 1; i < items.length; i++) {
    for (let j = 0; j < i; j++) {
      if (equalJson(items[i], items[j])) return plain(at, `items at ${count(j)} and ${count(i)} are equal`);
    }
  }
  return undefined;
}

function textProblems(schema: JsonObject, text: string, at: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  const length = Array.from(text).length;
  const [least, most] = [number(schema, "minLength"), number(schema, "maxLength")];
  if (least !== undefined && length < least) {
    problems.push(plain(at, `minLength: got ${count(length)}, want ${count(least)}`));
  }
  if (most !== undefined && length > most) {
    problems.push(plain(at, `maxLength: got ${count(length)}, want ${count(most)}`));
  }
  const pattern = own(schema, "pattern");
  if (typeof pattern === "string" && !new RegExp(pattern, "u").test(text)) {
    problems.push(plain(at, `${quoted(text)} does not match pattern ${quoted(pattern)}`));
  }
  return problems;
}

function numberProblems(schema: JsonObject, value: number, at: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  const refuse = (keyword: string, wanted: number): void => {
    problems.push(plain(at, `${keyword}: got ${amount(value)}, want ${amount(wanted)}`));
  };
  const limit = (keyword: "minimum" | "maximum", isPast: (wanted: number) => boolean): void => {
    const exclusive = `exclusive${keyword === "minimum" ? "Minimum" : "Maximum"}`;
    const wanted = number(schema, keyword);
    const excluded = own(schema, exclusive) === true ? wanted : number(schema, exclusive);
    if (wanted !== undefined && excluded !== wanted && isPast(wanted)) refuse(keyword, wanted);
    if (excluded !== undefined && (isPast(excluded) || value === excluded)) refuse(exclusive, excluded);
  };
  limit("minimum", (wanted) => value < wanted);
  limit("maximum", (wanted) => value > wanted);
  const multiple = number(schema, "multipleOf");
  if (multiple !== undefined && !Number.isInteger(value / multiple)) refuse("multipleOf", multiple);
  return problems;
}
