// Helm's wording of template errors.

import { Failure } from "@plumbline/core/model";
import { warnEnd, warnStart } from "./functions.ts";

function reworded(message: string, cause: Failure): Failure {
  const where = cause.where && { where: cause.where };
  return new Failure({ reason: "TemplateFailed", message, cause, retry: "never", ...where });
}

/** `parse error at (chart/templates/x.yaml:3): unexpected ...`. */
export function parseFailure(file: string, thrown: Failure): Failure {
  const parts = thrown.message.split(": ");
  if (parts.length === 1) return reworded(`parse error in (${file}): ${thrown.message}`, thrown);
  return reworded(`parse error at (${parts[1] ?? ""}): ${parts.at(-1) ?? ""}`, thrown);
}

/** A failed execution: what `fail` and `required` say, or every place from the outermost template to the innermost. */
export function execFailure(file: string, thrown: Failure): Failure {
  const { message } = thrown;
  const [, location = "", rest] = splitThree(message);
  if (rest === undefined) return reworded(`execution error in (${file}): ${message}`, thrown);
  const start = rest.indexOf(warnStart);
  const end = rest.lastIndexOf(warnEnd);
  if (start >= 0 && end > start) {
    return reworded(`execution error at (${location}): ${rest.slice(start + warnStart.length, end)}`, thrown);
  }
  const places = tracePlaces(thrown);
  return places === undefined ? thrown : reworded(places.join("").trim(), thrown);
}

function splitThree(message: string): [string, string?, string?] {
  const first = message.indexOf(": ");
  if (first < 0) return [message];
  const second = message.indexOf(": ", first + 2);
  if (second < 0) return [message.slice(0, first), message.slice(first + 2)];
  return [message.slice(0, first), message.slice(first + 2, second), message.slice(second + 2)];
}

/** One block per error of the chain, repeated ones once; undefined when the chain holds something else. */
function tracePlaces(thrown: Failure): string[] | undefined {
  const places: string[] = [];
  for (let at: unknown = thrown; at instanceof Error; at = at.cause) {
    const place = describe(at.message);
    if (place === undefined) return undefined;
    if (places.at(-1) !== place) places.push(place);
  }
  return places;
}

const prefix = "template: ";

function describe(message: string): string | undefined {
  if (!message.startsWith(prefix)) return undefined;
  const rest = message.slice(prefix.length);
  if (rest.startsWith("no template ")) return `${message}\n`;
  return describeExecution(rest) ?? describeSimple(rest);
}

function describeExecution(rest: string): string | undefined {
  const match = /^(.*?): executing "([^"]*)" at <(.*?)>: ([\s\S]*)$/s.exec(rest);
  if (!match) return undefined;
  const [, location = "", name = "", node = "", text = ""] = match;
  return `${line(location, "\n  ")}executing "${name}" at <${node}>:\n    ${line(cutNested(text), "\n")}`;
}

function describeSimple(rest: string): string | undefined {
  const separator = rest.lastIndexOf(": ");
  if (separator < 0) return undefined;
  return line(rest.slice(0, separator), "\n  ") + line(cutNested(rest.slice(separator + 2)), "\n");
}

const line = (text: string, end: string): string => (text === "" ? "" : text + end);

function cutNested(text: string): string {
  const nested = text.indexOf(" template:");
  return nested < 0 ? text : text.slice(0, nested);
}
