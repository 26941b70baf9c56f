// Git addresses as kustomize understands them: `github.com/org/repo/path?ref=v1`, scp-like, `//` and `.git` marks.

export interface RepoUrl {
  /** The address as it stands in the kustomization. */
  readonly raw: string;
  /** What to clone. */
  readonly cloneUrl: string;
  /** The kustomization's directory inside the repository; empty for its root. */
  readonly path: string;
  /** Branch, tag or commit; empty for the default branch. */
  readonly ref: string;
  readonly submodules: boolean;
  /** Longest time for the fetch, in milliseconds. */
  readonly timeoutMs: number;
}

const SCHEMES = ["ssh://", "https://", "http://", "file://"] as const;
const DEFAULT_TIMEOUT_MS = 27_000;
const DEFAULT_REPO_SEGMENTS = 2;

/** Undefined for everything that is no Git address, local paths above all. */
export function parseRepoUrl(raw: string): RepoUrl | undefined {
  if (raw.startsWith("/")) return undefined;
  const [address, query] = cut(raw, "?");
  const host = splitHost(address);
  if (!host) return undefined;
  const parts = splitPath(host.rest, host.host.startsWith("file://"));
  if (!parts || parts.repo === "" || leavesRepo(parts.path)) return undefined;
  return {
    raw,
    cloneUrl: host.host + parts.repo,
    path: parts.path.replace(/^\//, ""),
    ...parseQuery(query),
  };
}

function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

function splitHost(address: string): { host: string; rest: string } | undefined {
  const unforced = address.toLowerCase().startsWith("git::") ? address.slice(5) : address;
  const scheme = SCHEMES.find((known) => unforced.toLowerCase().startsWith(known)) ?? "";
  let rest = unforced.slice(scheme.length);
  const user = /^[a-zA-Z][a-zA-Z0-9-]*@/.exec(rest)?.[0] ?? "";
  rest = rest.slice(user.length);
  const github = /^github\.com[/:]/i.test(rest);
  const scpLike = scheme === "" && (user !== "" || github);
  if (scheme === "" && !scpLike) return undefined;
  if (scheme === "file://") return { host: scheme, rest: user + rest };
  const end = hostEnd(rest, scpLike);
  const host = end < 0 ? rest : rest.slice(0, end + 1);
  const path = end < 0 ? "" : rest.slice(end + 1);
  if (github) {
    return { host: scheme === "ssh://" || user !== "" ? `${user}github.com:` : "https://github.com/", rest: path };
  }
  return host === "" ? undefined : { host: scheme + user + host, rest: path };
}

function hostEnd(text: string, scpLike: boolean): number {
  const slash = text.indexOf("/");
  if (!scpLike) return slash;
  const colon = text.indexOf(":");
  return slash < 0 || (colon > 0 && colon < slash) ? colon : slash;
}

function splitPath(path: string, wholePath: boolean): { repo: string; path: string } | undefined {
  const azure = path.indexOf("_git/");
  if (azure >= 0) {
    const start = azure + "_git/".length;
    const [name, ...inside] = path.slice(start).split("/");
    return { repo: path.slice(0, start) + name, path: inside.join("/") };
  }
  const mark = path.indexOf("//");
  if (mark >= 0) return { repo: path.slice(0, mark), path: path.slice(mark + 2) };
  const suffix = path.indexOf(".git");
  if (suffix >= 0) return { repo: path.slice(0, suffix + 4), path: path.slice(suffix + 4) };
  if (wholePath) return { repo: path, path: "" };
  const segments = path.split("/");
  if (segments.length < DEFAULT_REPO_SEGMENTS) return undefined;
  return {
    repo: segments.slice(0, DEFAULT_REPO_SEGMENTS).join("/"),
    path: segments.slice(DEFAULT_REPO_SEGMENTS).join("/"),
  };
}

function leavesRepo(path: string): boolean {
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    depth += part === ".." ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);

function parseQuery(query: string): { ref: string; submodules: boolean; timeoutMs: number } {
  const values = new Map<string, string>();
  for (const pair of query.split("&")) {
    const [key, value] = cut(pair, "=");
    const decoded = [decode(key), decode(value)] as const;
    // Like Go's url.ParseQuery: one bad pair and the defaults are used.
    if (decoded[0] === undefined || decoded[1] === undefined || pair.includes(";")) return queryOf(new Map());
    if (key !== "" && !values.has(decoded[0])) values.set(decoded[0], decoded[1]);
  }
  return queryOf(values);
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function queryOf(values: Map<string, string>): { ref: string; submodules: boolean; timeoutMs: number } {
  const submodules = values.get("submodules") ?? "";
  return {
    ref: values.get("ref") || values.get("version") || "",
    submodules: TRUE.has(submodules) || !FALSE.has(submodules),
    timeoutMs: parseTimeout(values.get("timeout") ?? ""),
  };
}

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Whole seconds, or a Go duration such as `1m30s`; the default for everything else. */
function parseTimeout(text: string): number {
  if (/^\+?[0-9]+$/.test(text)) return Number(text) > 0 ? Number(text) * 1_000 : DEFAULT_TIMEOUT_MS;
  if (!/^(?:[0-9]+(?:\.[0-9]*)?(?:ms|s|m|h))+$/.test(text)) return DEFAULT_TIMEOUT_MS;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)(ms|s|m|h)/g))
    sum += Number(amount) * (UNITS[unit ?? ""] ?? 0);
  return sum > 0 ? sum : DEFAULT_TIMEOUT_MS;
}
