// Reads a path: a resource, or one of the server's own documents.
// Facts: k8s.io/apiserver pkg/endpoints/request/requestinfo.go.

export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
  readonly subresource: string;
}

/** The parts of `/api/v1/...` or `/apis/group/version/...`; undefined for any other path. */
export function resourcePath(path: string): ResourcePath | undefined {
  const parts = path
    .split("/")
    .filter((part) => part !== "")
    .map(decodePart);
  const isCore = parts[0] === "api";
  if (!isCore && parts[0] !== "apis") return undefined;
  const group = isCore ? "" : (parts[1] ?? "");
  const version = parts[isCore ? 1 : 2] ?? "";
  const rest = parts.slice(isCore ? 2 : 3);
  if (rest.length === 0) return undefined;
  const base = { group, version };
  if (rest[0] === "namespaces" && rest.length > 1) {
    const [, name = "", plural = "", object = "", ...sub] = rest;
    const own = ["status", "finalize"];
    if (isCore && (plural === "" || (rest.length === 3 && own.includes(plural)))) {
      return { ...base, namespace: "", plural: "namespaces", name, subresource: plural };
    }
    return { ...base, namespace: name, plural, name: object, subresource: sub.join("/") };
  }
  const [plural = "", name = "", ...sub] = rest;
  return { ...base, namespace: "", plural, name, subresource: sub.join("/") };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (thrown) {
    if (thrown instanceof URIError) return part;
    throw thrown;
  }
}

/** The verb of a request, as RBAC names it. */
export function verbOf(method: string, { name }: { name: string }, query: URLSearchParams): string {
  switch (method) {
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name === "" ? "deletecollection" : "delete";
    default: {
      const watch = query.get("watch");
      if (watch !== null && watch !== "false" && watch !== "0") return "watch";
      return name === "" ? "list" : "get";
    }
  }
}
