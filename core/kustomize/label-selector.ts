// Kubernetes label selectors: `app=web,tier in (a, b),!old`.

import { buildFailure } from "./failures.ts";

export type LabelMatcher = (labels: ReadonlyMap<string, string>) => boolean;

const TOKEN = /\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)/y;
const NAME = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)$/;
const PREFIX = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const MAX_NAME = 63;
const MAX_PREFIX = 253;

function selectorFailure(selector: string, message: string): Error {
  return buildFailure(`unable to parse the selector ${JSON.stringify(selector)}: ${message}`, {}, "Correct it.");
}

function tokenize(selector: string): string[] {
  const tokens: string[] = [];
  const end = selector.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(selector);
    if (!match) throw selectorFailure(selector, "unexpected character");
    tokens.push(match[1] as string);
  }
  return tokens;
}

/** Compiles a selector; an empty one matches everything. Throws `Failure` naming it when Kubernetes would refuse it. */
export function compileLabelSelector(selector: string): LabelMatcher {
  const tokens = tokenize(selector);
  if (tokens.length === 0) return () => true;
  const parser = new SelectorParser(selector, tokens);
  const requirements = parser.requirements();
  return (labels) => requirements.every((matches) => matches(labels));
}

const SIGNS = new Set(["=", "==", "!=", "!", "<", ">", "(", ")", ","]);

class SelectorParser {
  readonly selector: string;
  readonly tokens: readonly string[];
  at = 0;

  constructor(selector: string, tokens: readonly string[]) {
    this.selector = selector;
    this.tokens = tokens;
  }

  fail(message: string): never {
    throw selectorFailure(this.selector, message);
  }

  requirements(): LabelMatcher[] {
    const all: LabelMatcher[] = [];
    for (;;) {
      all.push(this.requirement());
      const next = this.tokens[this.at];
      if (next === undefined) return all;
      if (next !== ",") this.fail(`found '${next}', expected ',' or the end`);
      this.at++;
      const after = this.tokens[this.at];
      if (after === undefined || (SIGNS.has(after) && after !== "!")) this.fail("expected an identifier after ','");
    }
  }

  word(): string {
    const token = this.tokens[this.at++];
    if (token === undefined || SIGNS.has(token)) return this.fail(`found '${token ?? ""}', expected an identifier`);
    return token;
  }

  requirement(): LabelMatcher {
    const negated = this.tokens[this.at] === "!";
    if (negated) this.at++;
    const key = this.key(this.word());
    const next = this.tokens[this.at];
    if (negated) return (labels) => !labels.has(key);
    if (next === undefined || next === ",") return (labels) => labels.has(key);
    this.at++;
    return this.comparison(key, next);
  }

  comparison(key: string, operator: string): LabelMatcher {
    if (operator === "in" || operator === "notin") {
      const values = this.values();
      return operator === "in"
        ? (labels) => labels.has(key) && values.has(labels.get(key) as string)
        : (labels) => !labels.has(key) || !values.has(labels.get(key) as string);
    }
    if (operator === "=" || operator === "==" || operator === "!=") {
      const value = this.value(this.optionalWord());
      return operator === "!="
        ? (labels) => labels.get(key) !== value
        : (labels) => labels.has(key) && labels.get(key) === value;
    }
    if (operator === "<" || operator === ">") return this.order(key, operator);
    return this.fail(`found '${operator}', expected: in, notin, =, ==, !=, >, <`);
  }

  order(key: string, operator: string): LabelMatcher {
    const bound = this.word();
    if (!/^[+-]?[0-9]+$/.test(bound)) this.fail(`for '>' and '<' the value must be an integer, not ${bound}`);
    const limit = BigInt(bound.replace("+", ""));
    return (labels) => {
      const text = labels.get(key);
      if (text === undefined || !/^[+-]?[0-9]+$/.test(text)) return false;
      const value = BigInt(text.replace("+", ""));
      return operator === ">" ? value > limit : value < limit;
    };
  }

  optionalWord(): string {
    const token = this.tokens[this.at];
    return token === undefined || token === "," ? "" : this.word();
  }

  values(): Set<string> {
    if (this.tokens[this.at++] !== "(") this.fail("expected '('");
    const values = new Set<string>();
    for (;;) {
      const token = this.tokens[this.at];
      if (token === ")" || token === ",") values.add("");
      else values.add(this.value(this.word()));
      const next = this.tokens[this.at++];
      if (next === ")") return values;
      if (next !== ",") this.fail("expected ',' or ')'");
    }
  }

  key(key: string): string {
    const slash = key.indexOf("/");
    const prefix = slash < 0 ? undefined : key.slice(0, slash);
    const name = key.slice(slash + 1);
    const validPrefix = prefix === undefined || (prefix.length <= MAX_PREFIX && PREFIX.test(prefix));
    if (!validPrefix || name.length > MAX_NAME || !NAME.test(name)) this.fail(`invalid label key ${key}`);
    return key;
  }

  value(value: string): string {
    if (value !== "" && (value.length > MAX_NAME || !NAME.test(value))) this.fail(`invalid label value ${value}`);
    return value;
  }
}
