// Kubeconfig files as lists of named entries, and the shape of those entries.

import { dig, digString, Failure, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";

/** One kubeconfig file, parsed; relative file names in it count from `directory`. */
export interface KubeconfigSource {
  value: JsonValue;
  file: string;
  directory: string;
}

/** An entry and the file it comes from. */
export interface Named {
  entry: JsonObject;
  source: KubeconfigSource;
}

/** The first entry of that name in the files' order. */
export function find(sources: readonly KubeconfigSource[], list: string, name: string): Named | undefined {
  for (const source of sources) {
    const entry = entries(source, list).find((candidate) => digString(candidate, "name") === name);
    if (entry) return { entry, source };
  }
  return undefined;
}

/** The entries of a list that are mappings. */
export function entries(source: KubeconfigSource, list: string): JsonObject[] {
  const found = dig(source.value, list);
  return Array.isArray(found) ? found.filter(isObject) : [];
}

/** The first file's text that has the key. */
export function firstString(sources: readonly KubeconfigSource[], key: string): string | undefined {
  for (const source of sources) {
    const found = digString(source.value, key);
    if (found) return found;
  }
  return undefined;
}

const texts: Record<SectionName, readonly string[]> = {
  context: ["cluster", "user", "namespace"],
  cluster: ["server", "tls-server-name", "certificate-authority", "certificate-authority-data", "proxy-url"],
  user: [
    "client-certificate",
    "client-certificate-data",
    "client-key",
    "client-key-data",
    "token",
    "tokenFile",
    "as",
    "as-uid",
    "username",
    "password",
  ],
};

type SectionName = "context" | "cluster" | "user";

/** The body of a named entry; a number where a text belongs (an unquoted token) is refused, not overlooked. */
export function section({ entry, source }: Named, name: SectionName): JsonObject {
  const found = entry[name];
  const body = isObject(found) ? found : {};
  const isGiven = (key: string): boolean => body[key] !== undefined && body[key] !== null;
  const wrong = texts[name].find((key) => isGiven(key) && typeof body[key] !== "string");
  if (wrong !== undefined) throw fault(source.file, `${name}s.${name}.${wrong}`, "is no text", "Put it in quotes.");
  const skip = "insecure-skip-tls-verify";
  if (name === "cluster" && isGiven(skip) && typeof body[skip] !== "boolean") {
    throw fault(source.file, `clusters.cluster.${skip}`, "is neither true nor false", "Write true or false.");
  }
  return body;
}

/** A kubeconfig's own fault; `what` never holds a value of it. */
export function fault(file: string, field: string, what: string, hint: string): Failure {
  const message = `the kubeconfig is not usable: ${field}: ${what}`;
  return new Failure({ reason: "UsageError", message, hint, where: { file, field }, retry: "never" });
}
