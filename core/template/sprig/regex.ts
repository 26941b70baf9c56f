// sprig's regular expressions: RE2 syntax by re2js, with the match rules of Go's regexp.

import { RE2JS, RE2JSSyntaxException } from "re2js";
import { Failure } from "@plumbline/core/model";
import { callFailure, define, defineWithContext } from "../define.ts";
import { limitExceeded } from "../limits.ts";
import { quote } from "../quote.ts";
import { type Callable, type CallContext, GoSlice, stringSliceType } from "../value.ts";
import { countedMatcher } from "./counted-matcher.ts";

/** Compiled expressions that are kept: templates use the same few again and again. */
const cacheSize = 512;
/** Longer expressions are refused: their compiled form is larger still. */
const maxExpressionLength = 10_000;
/** Larger programs are compiled anew each time: an instruction takes about a hundred bytes. */
const maxKeptSize = 1000;
const maxProgramSize = 50_000;
const stepsPerInstruction = 8;
const cache = new Map<string, RE2JS>();

/** Throws `TemplateFailed` with Go's words, as a panic of Go has them or as an error. */
export function compileExpression(context: Pick<CallContext, "spend">, expression: string, panics: boolean): RE2JS {
  const known = cache.get(expression);
  if (known) return known;
  if (expression.length > maxExpressionLength)
    throw callFailure(prefixed("expression nests too deeply", expression, panics));
  try {
    const compiled = RE2JS.compile(expression);
    const size = compiled.programSize();
    context.spend(size * stepsPerInstruction);
    if (size > maxProgramSize)
      throw limitExceeded(`a regular expression compiles to more than ${maxProgramSize} instructions`);
    if (size > maxKeptSize) return compiled;
    if (cache.size >= cacheSize) cache.clear();
    cache.set(expression, compiled);
    return compiled;
  } catch (thrown) {
    if (!(thrown instanceof RE2JSSyntaxException)) throw thrown;
    const isBackslash = thrown.message.endsWith("trailing backslash at end of expression");
    throw callFailure(prefixed(isBackslash ? `${thrown.message}: \`\`` : thrown.message, expression, panics), thrown);
  }
}

function prefixed(message: string, expression: string, panics: boolean): string {
  const shown = expression.includes("`") ? quote(expression) : `\`${expression}\``;
  return panics ? `regexp: Compile(${shown}): ${message}` : message;
}

/** Each function comes in two forms that differ in how a bad expression is reported. */
function twice(name: string, make: (panics: boolean) => Callable): [string, Callable][] {
  return [
    [name, make(true)],
    [`must${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`, make(false)],
  ];
}

const strings = (items: string[] | undefined): GoSlice =>
  new GoSlice(items ?? [], stringSliceType, items === undefined);

export const regexFunctions: [string, Callable][] = [
  ["regexMatch", defineWithContext(["string", "string"], "bool", matchOrFalse)],
  [
    "mustRegexMatch",
    defineWithContext(["string", "string"], "bool", (context, expression, text) => {
      context.reserve(text.length);
      return countedMatcher(context, compileExpression(context, expression, false), text).find(0);
    }),
  ],
  ...twice("regexFindAll", (panics) =>
    defineWithContext(["string", "string", "int"], "strings", (context, expression, text, n) => {
      const spans = findAll(context, compileExpression(context, expression, panics), { text, count: n });
      return strings(spans.length === 0 ? undefined : spans.map(([start, end]) => text.slice(start, end)));
    }),
  ),
  ...twice("regexFind", (panics) =>
    defineWithContext(["string", "string"], "string", (context, expression, text) => {
      context.reserve(text.length);
      const { matcher, find } = countedMatcher(context, compileExpression(context, expression, panics), text);
      return find(0) ? (matcher.group() ?? "") : "";
    }),
  ),
  ...twice("regexReplaceAll", (panics) =>
    defineWithContext(["string", "string", "string"], "string", (context, expression, text, replacement) =>
      replaceAll(context, compileExpression(context, expression, panics), { text, replacement, isLiteral: false }),
    ),
  ),
  ...twice("regexReplaceAllLiteral", (panics) =>
    defineWithContext(["string", "string", "string"], "string", (context, expression, text, replacement) =>
      replaceAll(context, compileExpression(context, expression, panics), { text, replacement, isLiteral: true }),
    ),
  ),
  ...twice("regexSplit", (panics) =>
    defineWithContext(["string", "string", "int"], "strings", (context, expression, text, n) =>
      strings(split(context, compileExpression(context, expression, panics), { text, count: n, expression })),
    ),
  ),
  ["regexQuoteMeta", define(["string"], "string", (text) => text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&"))],
];

function matchOrFalse(context: CallContext, expression: string, text: string): boolean {
  context.reserve(text.length);
  try {
    return countedMatcher(context, compileExpression(context, expression, false), text).find(0);
  } catch (thrown) {
    // sprig drops the error of a bad expression here.
    if (thrown instanceof Failure && thrown.reason === "TemplateFailed") return false;
    throw thrown;
  }
}

type Span = [start: number, end: number];

/** regexp.FindAllStringIndex: an empty match right after another is left out. */
function findAll(context: CallContext, regex: RE2JS, { text, count }: { text: string; count: number }): Span[] {
  context.reserve(text.length);
  const spans: Span[] = [];
  const { matcher, find } = countedMatcher(context, regex, text);
  let previous = -1;
  for (let at = 0; at <= text.length && (count < 0 || spans.length < count);) {
    if (!find(at)) break;
    const [start, end] = [matcher.start(), matcher.end()];
    const isEmptyMatch = end === start;
    if (!isEmptyMatch || start !== previous) spans.push([start, end]);
    at = isEmptyMatch && end <= at ? at + runeWidth(text, at) : end;
    if (isEmptyMatch && at < end) at = end;
    previous = end;
    context.spend(24);
  }
  return spans;
}

const runeWidth = (text: string, at: number): number => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);

interface Replacing {
  text: string;
  replacement: string;
  isLiteral: boolean;
}

/** regexp.ReplaceAllString; `$1` and `${name}` stand for groups unless the replacement is literal. */
function replaceAll(context: CallContext, regex: RE2JS, { text, replacement, isLiteral }: Replacing): string {
  context.reserve(text.length);
  const { matcher, find } = countedMatcher(context, regex, text);
  const names = regex.namedGroups() as Record<string, number>;
  const expand = isLiteral || !replacement.includes("$") ? undefined : expandTemplate(replacement, names);
  let out = "";
  let last = 0;
  let counted = 0;
  for (let at = 0; at <= text.length;) {
    if (!find(at)) break;
    const [start, end] = [matcher.start(), matcher.end()];
    context.spend(1 + replacement.length);
    out += text.slice(last, start);
    if (end > last || start === 0) out += expand ? expand((group) => groupOf(matcher, group)) : replacement;
    last = end;
    const next = at + runeWidth(text, at);
    at = next > end ? next : end;
    context.reserve(out.length - counted);
    counted = out.length;
  }
  return out + text.slice(last);
}

function groupOf(matcher: { group: (n: number) => string | null; groupCount: () => number }, group: number): string {
  return group <= matcher.groupCount() ? (matcher.group(group) ?? "") : "";
}

type Expand = (group: (n: number) => string) => string;

/** regexp.Expand: the longest name after `$` counts, unknown ones are empty, `$$` is a dollar. */
function expandTemplate(template: string, names: Record<string, number>): Expand {
  const parts: (string | number)[] = [];
  const reference = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;
  let last = 0;
  for (const match of template.matchAll(reference)) {
    parts.push(template.slice(last, match.index));
    last = match.index + match[0].length;
    if (match[0] === "$$") parts.push("$");
    else parts.push(groupNumber(match[1] ?? match[2] ?? "", names));
  }
  parts.push(template.slice(last));
  return (group) => parts.map((part) => (typeof part === "string" ? part : part < 0 ? "" : group(part))).join("");
}

function groupNumber(name: string, names: Record<string, number>): number {
  if (/^[0-9]+$/.test(name)) return Number(name) >= 1e8 ? -1 : Number(name);
  return Object.hasOwn(names, name) ? (names[name] ?? -1) : -1;
}

interface Splitting {
  text: string;
  count: number;
  expression: string;
}

/** regexp.Split. */
function split(context: CallContext, regex: RE2JS, { text, count, expression }: Splitting): string[] | undefined {
  if (count === 0) return undefined;
  if (expression !== "" && text === "") return [""];
  const parts: string[] = [];
  let begin = 0;
  let end = 0;
  for (const [start, stop] of findAll(context, regex, { text, count })) {
    if (count > 0 && parts.length === count - 1) break;
    end = start;
    if (stop !== 0) parts.push(text.slice(begin, end));
    begin = stop;
  }
  if (end !== text.length) parts.push(text.slice(begin));
  return parts;
}
