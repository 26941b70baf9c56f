// Judges a value by a schema, in the order and with the words of Helm's validator (santhosh-tekuri/jsonschema).

import { isObject, type JsonObject, type JsonValue, own } from "@plumbline/core/model";
import { isExhausted, limitExceeded, quote } from "@plumbline/core/template";
import type { Place } from "./address.ts";
import { checkNumber, checkText } from "./check-scalars.ts";
import { count, isScalar, listed, type Problem, quoted, shown, unwrapped } from "./problem.ts";
import { findDuplicate, isNumber, isSameValue, isWhole } from "./same-value.ts";
import type { Schema } from "./schema.ts";

/** Schemas held against values, properties and items looked at, characters matched: of one document. */
const maxSteps = 20_000_000;
/** What one schema held against one value counts for, and one problem that is kept. */
const stepsPerCheck = 5;
const stepsPerProblem = 100;
/** Each property or item whose being looked at is kept. */
const stepsPerOpen = 4;
/** Schemas inside schemas at one time, those that are referred to included. */
const maxDepth = 800;

/** Of a schema that is itself judged: the schema of schemas, and that of parts which are of a draft of their own. */
interface Meta {
  schema: Schema;
  of: (value: JsonValue) => Schema | undefined;
}

export interface CheckOptions {
  meta?: Meta;
  /** True when only it is asked whether something is wrong. */
  isQuiet?: boolean;
}

/** What is wrong with a value; undefined when nothing is. Throws `LimitExceeded` when that takes too long to find out. */
export function checkValue(
  schema: Schema,
  value: JsonValue,
  { meta, isQuiet = false }: CheckOptions = {},
): Problem | undefined {
  const work = new Work();
  try {
    return new Check({ work, schema, value, at: undefined, meta, isQuiet }).run();
  } catch (thrown) {
    if (isExhausted(thrown)) throw tooDeep();
    throw thrown;
  }
}

const tooDeep = (): Error =>
  limitExceeded(`the schema of the values would be followed more than ${maxDepth} schemas deep`);

/** Counts what is done. */
export class Work {
  private steps = 0;

  spend(steps: number): void {
    this.steps += steps;
    if (this.steps > maxSteps) {
      throw limitExceeded(`the values would take more than ${maxSteps} steps to hold against their schema`);
    }
  }
}

interface Beginning {
  work: Work;
  schema: Schema;
  value: JsonValue;
  at: Place | undefined;
  meta: Meta | undefined;
  /** The check that this one is part of, and the keyword of the reference between them. */
  outer?: Check;
  keyword?: string;
  /** True when it is of the same value as the outer one. */
  isSame?: boolean;
  /** What is wrong is not asked, only whether. */
  isQuiet?: boolean;
}

const failed: Problem = { at: undefined, words: () => "", kind: "plain", causes: [] };

/** One schema and one value. */
class Check {
  readonly schema: Schema;
  /** The schema that it was asked for, where a part has one of its own draft. */
  private readonly asked: Schema;
  private readonly value: JsonValue;
  private readonly at: Place | undefined;
  private readonly outer: Check | undefined;
  private readonly keyword: string;
  private readonly isSame: boolean;
  private readonly isQuiet: boolean;
  private readonly meta: Meta | undefined;
  private readonly work: Work;
  private readonly depth: number;
  private readonly problems: Problem[] = [];
  /** Properties or items that no schema has looked at; only kept where somebody asks. */
  private open: Set<string | number> | undefined;

  constructor(beginning: Beginning) {
    const { work, schema, value, at, meta, outer, keyword = "", isSame = false, isQuiet = false } = beginning;
    this.asked = schema;
    const ownMeta = outer && meta && schema === meta.schema ? meta.of(value) : undefined;
    this.schema = ownMeta ?? schema;
    this.meta = meta && ownMeta ? { ...meta, schema: ownMeta } : meta;
    [this.value, this.at, this.work, this.outer, this.keyword] = [value, at, work, outer, keyword];
    [this.isSame, this.isQuiet] = [isSame, isQuiet];
    this.depth = outer ? outer.depth + 1 : 0;
    if (this.depth > maxDepth) throw tooDeep();
    this.open = this.openOf(isSame && outer !== undefined && (outer.open?.size ?? 0) > 0);
  }

  private openOf(isAsked: boolean): Set<string | number> | undefined {
    const { schema, value } = this;
    if (isObject(value)) {
      if (schema.additionalProperties !== undefined || !(isAsked || schema.unevaluatedProperties)) return undefined;
      const names = Object.keys(value);
      this.work.spend(names.length * stepsPerOpen);
      return new Set(names);
    }
    if (!Array.isArray(value) || !(isAsked || schema.unevaluatedItems) || schema.items !== undefined) return undefined;
    if (schema.tuple.length >= value.length) return undefined;
    this.work.spend(value.length * stepsPerOpen);
    return new Set(Array.from(value.keys()).slice(schema.tuple.length));
  }

  run(): Problem | undefined {
    this.work.spend(stepsPerCheck);
    const { schema, value } = this;
    if (schema.always !== undefined) return schema.always ? undefined : this.problem(() => "false schema");
    const basic = this.cycle() ?? this.basic();
    if (basic) return basic;
    if (schema.ref) {
      const problem = this.referred(schema.ref, "$ref");
      if (schema.draft < 2019) return problem;
      this.add(problem);
    }
    if (isObject(value)) this.object(value);
    else if (Array.isArray(value)) this.array(value);
    else if (typeof value === "string") checkText(schema, value, this);
    else if (isNumber(value)) checkNumber(schema, value, this);
    if (!this.isQuiet || this.problems.length === 0) {
      if (schema.draft >= 2019) this.references();
      this.combined();
      if (schema.draft >= 2019) this.unevaluated();
    }
    const [only] = this.problems;
    if (this.problems.length <= 1 || this.isQuiet) return only;
    return { at: this.at, words: () => "validation failed", kind: "group", causes: this.problems };
  }

  problem(words: () => string, causes: readonly Problem[] = []): Problem {
    if (this.isQuiet) return failed;
    this.work.spend(stepsPerProblem);
    return { at: this.at, words, kind: "plain", causes };
  }

  add(problem: Problem | undefined): void {
    if (problem) this.problems.push(problem);
  }

  refuse(words: () => string, causes: readonly Problem[] = []): void {
    this.problems.push(this.problem(words, causes));
  }

  spend(steps: number): void {
    this.work.spend(steps);
  }

  /** A schema that comes back to itself without having gone into the value says nothing. */
  private cycle(): Problem | undefined {
    let check: Check | undefined = this.isSame ? this.outer : undefined;
    while (check && check.asked !== this.asked) check = check.isSame ? check.outer : undefined;
    if (!check) return undefined;
    const [first, second] = [Check.keywordPath(this), Check.keywordPath(check)];
    const address = quote(this.schema.address());
    return this.problem(() => `both ${first} and ${second} resolve to ${address} causing reference cycle`);
  }

  /** The keywords that lead to a check, references told by their own. */
  private static keywordPath(to: Check): string {
    let path = "";
    for (let check = to; check.outer; check = check.outer) {
      const { outer, keyword, asked } = check;
      path = (keyword === "" ? asked.address().slice(outer.asked.address().length) : `/${keyword}`) + path;
      to.work.spend(path.length);
    }
    return path;
  }

  /** Type, const, enum and format: what fails here hides everything else. */
  private basic(): Problem | undefined {
    const { schema, value } = this;
    const { types } = schema;
    if (!isOfType(types, value)) {
      const got = typeOf(value);
      return this.problem(() => `got ${got}, want ${typeOrder.filter((each) => types.has(each)).join(" or ")}`);
    }
    const { const: constant, enum: choices, format } = schema;
    if (constant !== undefined && !this.isEqual(value, constant)) {
      return this.problem(() => (isScalar(constant) ? `value must be ${shown(constant)}` : "'const' failed"));
    }
    if (choices && !choices.some((each) => this.isEqual(value, each))) {
      return this.problem(() => enumWords(choices));
    }
    if (!format || typeof value !== "string") return undefined;
    this.work.spend(value.length);
    const why = format.problem(value);
    return why === undefined ? undefined : this.problem(() => `${quoted(value)} is not valid ${format.name}: ${why}`);
  }

  private isEqual(a: JsonValue, b: JsonValue): boolean {
    this.work.spend(sizeOf(b));
    return isSameValue(a, b);
  }

  private inSelf(schema: Schema, { keyword = "", isQuiet = false } = {}): Problem | undefined {
    const { work, value, at, meta } = this;
    const quiet = isQuiet || this.isQuiet;
    const check = new Check({ work, schema, value, at, meta, keyword, outer: this, isSame: true, isQuiet: quiet });
    const problem = check.run();
    if (problem) return problem;
    if (this.open) {
      this.work.spend(this.open.size * stepsPerOpen);
      for (const each of this.open) if (!check.open?.has(each)) this.open.delete(each);
    }
    return undefined;
  }

  private inPart(schema: Schema, value: JsonValue, token: string): Problem | undefined {
    const { work, meta, isQuiet } = this;
    if (schema.isTypeOnly && isOfType(schema.types, value)) return undefined;
    return new Check({ work, schema, value, at: { outer: this.at, token }, meta, outer: this, isQuiet }).run();
  }

  private referred(schema: Schema, keyword: string): Problem | undefined {
    const problem = this.inSelf(schema, { keyword });
    if (!problem || this.isQuiet) return problem;
    return { at: this.at, words: () => "validation failed", kind: "reference", causes: unwrapped(problem) };
  }

  private references(): void {
    const { recursiveRef, dynamicRef } = this.schema;
    if (recursiveRef) {
      let target = recursiveRef;
      for (let check: Check | undefined = recursiveRef.recursiveAnchor ? this : undefined; check; check = check.outer) {
        this.work.spend(1);
        if (check.asked.resource.recursiveAnchor) target = check.asked;
      }
      this.add(this.referred(target, "$recursiveRef"));
    }
    if (!dynamicRef) return;
    const { schema, anchor } = dynamicRef;
    let target = schema;
    const isDynamic = anchor !== "" && schema.dynamicAnchor === anchor;
    for (let check: Check | undefined = isDynamic ? this : undefined; check; check = check.outer) {
      this.work.spend(1);
      target = check.asked.resource.dynamicAnchors.get(anchor) ?? target;
    }
    this.add(this.referred(target, "$dynamicRef"));
  }

  private object(value: JsonObject): void {
    const { schema } = this;
    const names = Object.keys(value);
    const { minProperties: least, maxProperties: most } = schema;
    if (least !== undefined && names.length < least) {
      this.refuse(() => `minProperties: got ${count(names.length)}, want ${count(least)}`);
    }
    if (most !== undefined && names.length > most) {
      this.refuse(() => `maxProperties: got ${count(names.length)}, want ${count(most)}`);
    }
    const missing = this.missing(value, schema.required);
    if (missing.length > 0)
      this.refuse(() => `missing propert${missing.length === 1 ? "y" : "ies"} ${listed(missing)}`);
    if (this.isQuiet && this.problems.length > 0) return;
    for (const [name, needs] of schema.dependencies) {
      if (!Object.hasOwn(value, name)) continue;
      if (Array.isArray(needs)) this.needed(value, name, needs);
      else this.add(this.inSelf(needs as Schema)); // not a list
    }
    this.properties(value, names);
    if (schema.propertyNames) this.names(schema.propertyNames, names.sort());
    for (const [name, inner] of schema.dependentSchemas) if (Object.hasOwn(value, name)) this.add(this.inSelf(inner));
    for (const [name, needs] of schema.dependentRequired) {
      if (Object.hasOwn(value, name)) this.needed(value, name, needs);
    }
  }

  private missing(value: JsonObject, required: readonly string[]): string[] {
    this.work.spend(required.length);
    return required.filter((name) => !Object.hasOwn(value, name));
  }

  private needed(value: JsonObject, name: string, needs: readonly string[]): void {
    const missing = this.missing(value, needs);
    if (missing.length > 0) this.refuse(() => `properties ${listed(missing)} required, if ${quoted(name)} exists`);
  }

  private properties(value: JsonObject, names: readonly string[]): void {
    const { properties, patterns, additionalProperties } = this.schema;
    if (properties.size === 0 && patterns.length === 0 && additionalProperties === undefined) return;
    const refused: string[] = [];
    const found: [name: string, problem: Problem][] = [];
    const part = (name: string, schema: Schema): void => {
      const problem = this.inPart(schema, value[name] as JsonValue, name); // a key of its own
      if (problem) found.push([name, problem]);
    };
    for (const name of names) {
      if (this.isQuiet && found.length + this.problems.length > 0) break;
      this.work.spend(1 + patterns.length);
      const known = properties.get(name);
      let isKnown = known !== undefined;
      if (known) part(name, known);
      for (const { regexp, schema } of patterns) {
        if (!regexp.matches(name, this.work)) continue;
        isKnown = true;
        part(name, schema);
      }
      if (isKnown || additionalProperties !== undefined) this.open?.delete(name);
      if (isKnown || additionalProperties === undefined) continue;
      if (additionalProperties === false) refused.push(name);
      else if (additionalProperties !== true) part(name, additionalProperties);
    }
    for (const [, problem] of found.sort(byName)) this.add(problem);
    if (refused.length > 0) this.refuse(() => `additional properties ${listed(refused.sort())} not allowed`);
  }

  private names(schema: Schema, names: readonly string[]): void {
    for (const name of names) {
      const { work, meta } = this;
      const problem = new Check({ work, schema, value: name, at: undefined, meta }).run();
      if (problem) this.refuse(() => `invalid propertyName ${quoted(name)}`, unwrapped(problem));
    }
  }

  private array(items: readonly JsonValue[]): void {
    const { schema } = this;
    const { minItems: least, maxItems: most, tuple, items: rest } = schema;
    if (least !== undefined && items.length < least) {
      this.refuse(() => `minItems: got ${count(items.length)}, want ${count(least)}`);
    }
    if (most !== undefined && items.length > most) {
      this.refuse(() => `maxItems: got ${count(items.length)}, want ${count(most)}`);
    }
    if (schema.uniqueItems) this.unique(items);
    const covered = Math.min(tuple.length, items.length);
    for (const [i, inner] of tuple.slice(0, covered).entries()) {
      this.add(this.inPart(inner, items[i] as JsonValue, String(i))); // within the list
    }
    if (rest === false && covered < items.length) {
      this.refuse(() => `last ${count(items.length - covered)} additionalItem(s) not allowed`);
    } else if (typeof rest === "object") {
      for (let i = covered; i < items.length; i++) this.add(this.inPart(rest, items[i] as JsonValue, String(i))); // as above
    }
    if (schema.contains) this.contained(schema.contains, items);
  }

  private unique(items: readonly JsonValue[]): void {
    this.work.spend(sizeOf(items as JsonValue[])); // only read
    const found = findDuplicate(items);
    if (found) this.refuse(() => `items at ${count(found[0])} and ${count(found[1])} are equal`);
  }

  private contained(wanted: Schema, items: readonly JsonValue[]): void {
    const problems: Problem[] = [];
    const matched: number[] = [];
    for (const [i, item] of items.entries()) {
      const problem = this.inPart(wanted, item, String(i));
      if (problem) problems.push(problem);
      else {
        matched.push(i);
        if (this.schema.draft >= 2020) this.open?.delete(i);
      }
    }
    const { minContains: least, maxContains: most } = this.schema;
    const found = (): string => `but matched ${count(matched.length)} items at ${matched.join(" ")}`;
    if (least === undefined && matched.length === 0) this.refuse(() => "no items match contains schema", problems);
    else if (least !== undefined && matched.length < least) {
      const what = (): string => (matched.length === 0 ? "but none matched" : found());
      this.refuse(() => `min ${count(least)} items required to match contains schema, ${what()}`, problems);
    }
    if (most !== undefined && matched.length > most) {
      this.refuse(() => `max ${count(most)} items required to match contains schema, ${found()}`);
    }
  }

  private combined(): void {
    const { schema } = this;
    if (schema.not && !this.inSelf(schema.not, { isQuiet: true })) this.refuse(() => "'not' failed");
    this.all(schema.allOf);
    this.any(schema.anyOf);
    this.one(schema.oneOf);
    if (!schema.if) return;
    const branch = this.inSelf(schema.if, { isQuiet: true }) ? schema.ifFalse : schema.ifTrue;
    if (branch) this.add(this.inSelf(branch));
  }

  private all(schemas: readonly Schema[]): void {
    const problems: Problem[] = [];
    for (const each of schemas) {
      const problem = this.inSelf(each);
      if (problem) problems.push(problem);
      if (problem && this.isQuiet) break;
    }
    if (problems.length > 0) this.refuse(() => "'allOf' failed", problems);
  }

  private any(schemas: readonly Schema[]): void {
    const problems: Problem[] = [];
    let isMatched = false;
    for (const each of schemas) {
      const problem = this.inSelf(each);
      if (problem) problems.push(problem);
      else isMatched = true;
      // What a schema looks at counts for those that ask, so they all are asked.
      if (isMatched && !this.open?.size) break;
    }
    if (schemas.length > 0 && !isMatched) this.refuse(() => "'anyOf' failed", problems);
  }

  private one(schemas: readonly Schema[]): void {
    const problems: Problem[] = [];
    let first: number | undefined;
    for (const [i, each] of schemas.entries()) {
      const problem = this.inSelf(each, { isQuiet: first !== undefined });
      if (problem) {
        if (first === undefined) problems.push(problem);
      } else if (first === undefined) first = i;
      else {
        const both = `${count(first)}, ${count(i)}`;
        this.refuse(() => `'oneOf' failed, subschemas ${both} matched`);
        break;
      }
    }
    if (schemas.length > 0 && first === undefined) this.refuse(() => "'oneOf' failed, none matched", problems);
  }

  private unevaluated(): void {
    const { value, open } = this;
    const { unevaluatedProperties, unevaluatedItems } = this.schema;
    const schema = isObject(value) ? unevaluatedProperties : Array.isArray(value) ? unevaluatedItems : undefined;
    if (!schema) return;
    for (const each of Array.from(open ?? []).sort(inOrder)) {
      const part = isObject(value) ? own(value, String(each)) : (value as JsonValue[])[Number(each)]; // one of the two
      this.add(this.inPart(schema, part as JsonValue, String(each))); // open names what is there
    }
    this.open = undefined;
  }
}

const byName = ([a]: [string, Problem], [b]: [string, Problem]): number => inOrder(a, b);

function inOrder(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const typeOrder = ["null", "boolean", "number", "integer", "string", "array", "object"];

function typeOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "bigint" ? "number" : typeof value;
}

function isOfType(types: ReadonlySet<string>, value: JsonValue): boolean {
  const got = typeOf(value);
  return types.size === 0 || types.has(got) || (got === "number" && types.has("integer") && isWhole(value));
}

function enumWords(choices: readonly JsonValue[]): string {
  if (!choices.every(isScalar)) return "'enum' failed";
  return `value must be ${choices.length === 1 ? "" : "one of "}${choices.map(shown).join(", ")}`;
}

/** What comparing a value costs. */
function sizeOf(value: JsonValue): number {
  if (typeof value === "string") return 1 + (value.length >> 4);
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item), 1);
  if (!isObject(value)) return 1;
  return Object.keys(value).reduce((sum, key) => sum + 1 + sizeOf(value[key] as JsonValue), 1); // a key of its own
}
