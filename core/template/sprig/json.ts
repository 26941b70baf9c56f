// sprig's JSON functions: Go's encoding/json bytes and messages.

import { toGoJson } from "@plumbline/core/yaml";
import { callFailure, defineWithContext } from "../define.ts";
import { Failure, type JsonValue } from "@plumbline/core/model";
import { limitExceeded } from "../limits.ts";
import { type Callable, type CallContext, fromJson, toJson, type Value } from "../value.ts";
import { encodeBase64 } from "./encodings.ts";
import { parseGoJson } from "./go-json.ts";

/** The JSON value of a template value. Throws `TemplateFailed` for NaN, infinities and functions. */
export function jsonOf(value: Value): JsonValue {
  const json = toJson(value, encodeBase64);
  checkNumbers(json);
  return json;
}

/** Throws `LimitExceeded` for a value that unfolds to too much, `TemplateFailed` for functions. */
export function checkUnfolds(value: Value): void {
  toJson(value, encodeBase64);
}

function checkNumbers(json: JsonValue): void {
  if (typeof json === "number" && !Number.isFinite(json)) {
    throw callFailure(`json: unsupported value: ${Number.isNaN(json) ? "NaN" : json > 0 ? "+Inf" : "-Inf"}`);
  }
  if (Array.isArray(json)) json.forEach(checkNumbers);
  else if (typeof json === "object" && json !== null) Object.values(json).forEach(checkNumbers);
}

type Style = { indent?: string; escapeHtml?: boolean };

const write =
  (style: Style) =>
  (context: CallContext, value: Value): string => {
    const text = toGoJson(jsonOf(value), style);
    context.reserve(text.length);
    return text;
  };

/** sprig drops the error of these and gives an empty string. */
const writeOrNothing =
  (style: Style) =>
  (context: CallContext, value: Value): string => {
    try {
      return write(style)(context, value);
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.reason === "TemplateFailed") return "";
      throw thrown;
    }
  };

const pretty: Style = { indent: "  " };
const raw: Style = { escapeHtml: false };

export const jsonFunctions: [string, Callable][] = [
  ["toJson", defineWithContext(["any"], "string", writeOrNothing({}))],
  ["mustToJson", defineWithContext(["any"], "string", write({}))],
  ["toPrettyJson", defineWithContext(["any"], "string", writeOrNothing(pretty))],
  ["mustToPrettyJson", defineWithContext(["any"], "string", write(pretty))],
  ["toRawJson", defineWithContext(["any"], "string", write(raw))],
  ["mustToRawJson", defineWithContext(["any"], "string", write(raw))],
  ["fromJson", defineWithContext(["string"], "any", readOrNil)],
  ["mustFromJson", defineWithContext(["string"], "any", read)],
];

/** What a document is made into takes several times its memory. */
const stepsPerCharacterRead = 12;
const maxReadLength = 2 * 1024 * 1024;

function read(context: CallContext, text: string): Value {
  if (text.length > maxReadLength) throw limitExceeded(`a document has more than ${maxReadLength} characters`);
  context.spend(text.length * stepsPerCharacterRead);
  return fromJson(parseGoJson(text));
}

function readOrNil(context: CallContext, text: string): Value {
  try {
    return read(context, text);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.reason === "TemplateFailed") return null;
    throw thrown;
  }
}
