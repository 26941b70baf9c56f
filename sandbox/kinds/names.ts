// Rules for names, labels and keys.
// Facts: k8s.io/apimachinery pkg/util/validation.

import { isObject, type JsonValue } from "@plumbline/core/model";
import { type Cause, invalidValue } from "../api/refusal.ts";

const maxSubdomain = 253;
const maxLabel = 63;
const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const qualifiedName = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelValue = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";

function matches(pattern: string, text: string): boolean {
  return new RegExp(`^(?:${pattern})$`).test(text);
}

/** A value as Kubernetes shows it in a message. */
export function show(value: JsonValue | undefined): string {
  if (value === undefined) return "null";
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}

export function checkDnsSubdomain(name: string, field: string): Cause[] {
  const causes: Cause[] = [];
  if (name.length > maxSubdomain) causes.push(invalidValue(field, show(name), "must be no more than 253 bytes"));
  if (matches(subdomain, name)) return causes;
  const why =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  return [...causes, invalidValue(field, show(name), why)];
}

export function checkDnsLabel(name: string, field: string): Cause[] {
  const causes: Cause[] = [];
  if (name.length > maxLabel) causes.push(invalidValue(field, show(name), "must be no more than 63 bytes"));
  if (matches(label, name)) return causes;
  const why =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
  return [...causes, invalidValue(field, show(name), why)];
}

/** A qualified name such as `example.com/key`; `shown` is what the message names. */
export function checkLabelKey(key: string, field: string, shown = key): Cause[] {
  const slash = key.indexOf("/");
  const name = key.slice(slash + 1);
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const causes: Cause[] = [];
  if (prefix !== undefined && !matches(subdomain, prefix)) {
    const [cause] = checkDnsSubdomain(prefix, field);
    if (cause)
      causes.push(
        invalidValue(field, show(shown), `prefix part ${cause.message.replace(/^Invalid value: "[^"]*": /, "")}`),
      );
  }
  if (name === "") causes.push(invalidValue(field, show(shown), "name part must be non-empty"));
  if (name.length > maxLabel) causes.push(invalidValue(field, show(shown), "name part must be no more than 63 bytes"));
  if (matches(qualifiedName, name)) return causes;
  const why =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  return [...causes, invalidValue(field, show(shown), why)];
}

export function checkLabels(labels: JsonValue | undefined, field: string): Cause[] {
  if (!isObject(labels)) return [];
  const why =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
  return Object.entries(labels).flatMap(([key, value]) => {
    const causes = checkLabelKey(key, field);
    const text = typeof value === "string" ? value : "";
    if (text.length > maxLabel) causes.push(invalidValue(field, show(text), "must be no more than 63 bytes"));
    if (!matches(labelValue, text)) causes.push(invalidValue(field, show(text), why));
    return causes;
  });
}
