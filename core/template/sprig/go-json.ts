// Reads JSON with the messages of Go's encoding/json.

import { type JsonObject, type JsonValue, setOwn } from "@plumbline/core/model";
import { callFailure } from "../define.ts";
import { quoteRune } from "../quote.ts";
import { encodeText, validText } from "../bytes.ts";

/** Values nest at most this deep; Go's own limit is 10000. */
const maxDepth = 10_000;

/**
 * `json.Unmarshal` into an interface{}. Throws `TemplateFailed` with Go's words: `invalid character 'x' looking for
 * beginning of value`, `unexpected end of JSON input`.
 */
export function parseGoJson(text: string): JsonValue {
  try {
    const quick = JSON.parse(text) as JsonValue; // JSON.parse gives JSON
    return needsCare(text) ? new Reader(text).whole() : quick;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError) && !(thrown instanceof RangeError)) throw thrown;
    return new Reader(text).whole();
  }
}

// JSON.parse makes infinities of huge numbers, and keeps lone surrogates.
const needsCare = (text: string): boolean => /[eE][+]?[0-9]{3}|[0-9]{300}|\\u[dD][89a-fA-F]|[\ud800-\udfff]/.test(text);

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  whole(): JsonValue {
    this.space();
    const value = this.value(0);
    this.space();
    if (this.at < this.text.length) throw this.unexpected("after top-level value");
    return value;
  }

  private space(): void {
    while (/^[ \t\r\n]$/.test(this.text[this.at] ?? "")) this.at++;
  }

  private unexpected(where: string): Error {
    // At the end Go feeds one more space to see whether a token is complete.
    const isEnd = this.at >= this.text.length;
    if (isEnd && !/^(?:in (?!string literal)|after decimal)/.test(where))
      return callFailure("unexpected end of JSON input");
    // Go looks at bytes: the first one of a longer rune is shown as a rune of its own.
    const byte = isEnd ? 0x20 : (encodeText(String.fromCodePoint(this.text.codePointAt(this.at) ?? 0))[0] ?? 0);
    const shown = byte === 0x27 ? `'\\''` : byte === 0x22 ? `'"'` : quoteRune(byte);
    return callFailure(`invalid character ${shown} ${where}`);
  }

  private value(depth: number): JsonValue {
    if (depth > maxDepth) throw callFailure("exceeded max depth");
    const char = this.text[this.at];
    if (char === "{") return this.object(depth);
    if (char === "[") return this.array(depth);
    if (char === '"') return this.string();
    if (char === "t") return this.word("true", true);
    if (char === "f") return this.word("false", false);
    if (char === "n") return this.word("null", null);
    if (char === "-" || (char !== undefined && char >= "0" && char <= "9")) return this.number();
    throw this.unexpected("looking for beginning of value");
  }

  private word<T extends JsonValue>(word: string, value: T): T {
    for (let i = 0; i < word.length; i++, this.at++) {
      if (this.text[this.at] !== word[i]) throw this.unexpected(`in literal ${word} (expecting '${word[i] ?? ""}')`);
    }
    return value;
  }

  private object(depth: number): JsonObject {
    const object: JsonObject = {};
    this.at++;
    this.space();
    if (this.text[this.at] === "}") {
      this.at++;
      return object;
    }
    for (;;) {
      if (this.text[this.at] !== '"') throw this.unexpected("looking for beginning of object key string");
      const key = this.string();
      this.space();
      if (this.text[this.at] !== ":") throw this.unexpected("after object key");
      this.at++;
      this.space();
      setOwn(object, key, this.value(depth + 1));
      this.space();
      const next = this.text[this.at];
      if (next !== "," && next !== "}") throw this.unexpected("after object key:value pair");
      this.at++;
      if (next === "}") return object;
      this.space();
    }
  }

  private array(depth: number): JsonValue[] {
    const array: JsonValue[] = [];
    this.at++;
    this.space();
    if (this.text[this.at] === "]") {
      this.at++;
      return array;
    }
    for (;;) {
      array.push(this.value(depth + 1));
      this.space();
      const next = this.text[this.at];
      if (next !== "," && next !== "]") throw this.unexpected("after array element");
      this.at++;
      if (next === "]") return array;
      this.space();
    }
  }

  private string(): string {
    const start = this.at++;
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined) throw this.unexpected("");
      if (char === '"') break;
      if (char < " ") throw this.unexpected("in string literal");
      this.at++;
      if (char === "\\") this.escape();
    }
    this.at++;
    return validText(JSON.parse(this.text.slice(start, this.at)) as string); // the slice is a JSON string
  }

  private escape(): void {
    const char = this.text[this.at] ?? "";
    if (char === "u") {
      this.at++;
      for (let i = 0; i < 4; i++, this.at++) {
        if (!/^[0-9a-fA-F]$/.test(this.text[this.at] ?? ""))
          throw this.unexpected("in \\u hexadecimal character escape");
      }
    } else if (char !== "" && '"\\/bfnrt'.includes(char)) this.at++;
    else throw this.unexpected("in string escape code");
  }

  private number(): number {
    const start = this.at;
    if (this.text[this.at] === "-") this.at++;
    if (this.text[this.at] === "0") this.at++;
    else this.digits("in numeric literal");
    if (this.text[this.at] === ".") {
      this.at++;
      this.digits("after decimal point in numeric literal");
    }
    if (/^[eE]$/.test(this.text[this.at] ?? "")) {
      this.at++;
      if (/^[+-]$/.test(this.text[this.at] ?? "")) this.at++;
      this.digits("in exponent of numeric literal");
    }
    const literal = this.text.slice(start, this.at);
    const value = Number(literal);
    if (Number.isFinite(value)) return value;
    throw callFailure(`json: cannot unmarshal number ${literal} into Go value of type float64`);
  }

  private digits(where: string): void {
    const start = this.at;
    while (/^[0-9]$/.test(this.text[this.at] ?? "")) this.at++;
    if (this.at === start) throw this.unexpected(where);
  }
}
