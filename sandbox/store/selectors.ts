// Label and field selectors as they stand in queries.
// Facts: k8s.io/apimachinery pkg/labels and pkg/fields.

import { digString, isObject, type JsonObject, metadataMap } from "@plumbline/core/model";

export type ObjectTest = (object: JsonObject) => boolean;

/**
 * Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k,n>1`.
 * @throws SyntaxError with the place of the mistake
 */
export function labelSelector(text: string): ObjectTest | undefined {
  const requirements = splitTop(text).map(readRequirement);
  if (requirements.length === 0) return undefined;
  return (object) => {
    const labels = metadataMap(object, "labels");
    return requirements.every((test) => test(labels));
  };
}

/** Whether `labels` have what a LabelSelector object (matchLabels, matchExpressions) asks for. */
export function matchesSelectorObject(selector: JsonObject, labels: Record<string, string>): boolean {
  const { matchLabels, matchExpressions } = selector;
  if (isObject(matchLabels)) {
    for (const [key, value] of Object.entries(matchLabels)) if (labels[key] !== value) return false;
  }
  if (!Array.isArray(matchExpressions)) return true;
  return matchExpressions.every((expression) => {
    if (!isObject(expression)) return false;
    const key = digString(expression, "key") ?? "";
    const values = Array.isArray(expression.values) ? expression.values : [];
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (expression.operator) {
      case "In":
        return value !== undefined && values.includes(value);
      case "NotIn":
        return value === undefined || !values.includes(value);
      case "Exists":
        return value !== undefined;
      case "DoesNotExist":
        return value === undefined;
      default:
        return false;
    }
  });
}

type LabelTest = (labels: Record<string, string>) => boolean;

function splitTop(text: string): string[] {
  const parts = text.split(/,(?![^(]*\))/).map((part) => part.trim());
  if (parts.length === 1 && parts[0] === "") return [];
  return parts;
}

const name = "[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?";
const equality = new RegExp(`^(${name})\\s*(=|==|!=)\\s*(${name}|)$`);
const setBased = new RegExp(`^(${name})\\s+(in|notin)\\s+\\(([^()]*)\\)$`);
const existence = new RegExp(`^(!?)\\s*(${name})$`);
const ordering = new RegExp(`^(${name})\\s*([<>])\\s*(-?\\d+)$`);

function readRequirement(text: string): LabelTest {
  const equal = equality.exec(text);
  if (equal) {
    const [, key = "", operator, value] = equal;
    return operator === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const set = setBased.exec(text);
  if (set) {
    const [, key = "", operator, list = ""] = set;
    const values = new Set(list.split(",").map((value) => value.trim()));
    const isIn = (labels: Record<string, string>): boolean => {
      const value = labels[key];
      return value !== undefined && values.has(value);
    };
    return operator === "in" ? isIn : (labels) => !isIn(labels);
  }
  const exists = existence.exec(text);
  if (exists) {
    const [, not, key = ""] = exists;
    return (labels) => Object.hasOwn(labels, key) !== (not === "!");
  }
  const compared = ordering.exec(text);
  if (compared) {
    const [, key = "", operator, bound = ""] = compared;
    return (labels) => {
      const value = Number(labels[key] ?? NaN);
      return operator === "<" ? value < Number(bound) : value > Number(bound);
    };
  }
  const [, second] = text.split(/\s+/);
  if (second === undefined) throw new SyntaxError(`unable to parse requirement: found '${text}', expected: identifier`);
  throw new SyntaxError(`unable to parse requirement: found '${second}', expected: in, notin, =, ==, !=, gt, lt`);
}

/**
 * Reads `metadata.name=x,status.phase!=Running`; `supported` says which fields the resource can be selected by.
 * @throws SyntaxError for an unknown field or operator
 */
export function fieldSelector(text: string, supported: readonly string[]): ObjectTest | undefined {
  const parts = text.split(",").filter((part) => part !== "");
  if (parts.length === 0) return undefined;
  const tests = parts.map((part): ObjectTest => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part);
    if (!match) throw new SyntaxError(`invalid selector: '${part}'; can't understand '${part}'`);
    const [, field = "", operator, value] = match;
    if (!supported.includes(field)) {
      const list = supported.map((name) => JSON.stringify(name)).join(", ");
      throw new SyntaxError(`${JSON.stringify(field)} is not a known field selector: only ${list}`);
    }
    const path = field.split(".");
    const read = (object: JsonObject): string => fieldText(object, path);
    return operator === "!=" ? (object) => read(object) !== value : (object) => read(object) === value;
  });
  return (object) => tests.every((test) => test(object));
}

function fieldText(object: JsonObject, path: string[]): string {
  let at: unknown = object;
  for (const key of path) at = isObject(at) ? at[key] : undefined;
  if (typeof at === "string") return at;
  return typeof at === "number" || typeof at === "boolean" ? String(at) : "";
}
