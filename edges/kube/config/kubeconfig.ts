// From a kubeconfig's text to one context's ClusterConfig: pure, strict about what it cannot honour.

import { join } from "node:path";
import { dig, digString, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import type { ClusterConfig, Credentials, ExecPlugin, Impersonation, Material, TlsConfig } from "./cluster-config.ts";
import { entries, fault, find, firstString, type KubeconfigSource, type Named, section } from "./kubeconfig-entries.ts";
import { proxyFor, type Environment } from "./proxy.ts";

export type { KubeconfigSource } from "./kubeconfig-entries.ts";

/**
 * What a kubeconfig may make this process do. One that a user wrote on this machine is trusted; one that comes out of a
 * Secret is not: it must not run programs or read this process's files (both refused), nor switch off the check of the
 * server's certificate (which is made nevertheless, as Flux does).
 */
export interface KubeconfigTrust {
  exec: boolean;
  files: boolean;
  skipVerify: boolean;
}

export const trustedKubeconfig: KubeconfigTrust = { exec: true, files: true, skipVerify: true };
export const untrustedKubeconfig: KubeconfigTrust = { exec: false, files: false, skipVerify: false };

export interface SelectOptions {
  /** `current-context` unless told. */
  context?: string | undefined;
  env: Environment;
  trust: KubeconfigTrust;
}

/**
 * The context of one or more kubeconfigs (several as in `KUBECONFIG=a:b`: the first that names an entry wins). Throws
 * `Failure` with the file and the field of what is missing, contradictory or not allowed.
 */
export function selectContext(sources: readonly KubeconfigSource[], options: SelectOptions): ClusterConfig {
  const files = sources.map((source) => source.file).join(", ");
  const name = options.context ?? firstString(sources, "current-context");
  if (!name) {
    throw fault(files, "current-context", "no context is chosen", `Name one: ${contextNames(sources)}.`);
  }
  const context = find(sources, "contexts", name);
  if (!context) {
    throw fault(files, "contexts", `there is no context "${name}"`, `Use one of: ${contextNames(sources)}.`);
  }
  const body = section(context, "context");
  const clusterName = digString(body, "cluster") ?? "";
  const cluster = find(sources, "clusters", clusterName);
  if (!cluster) {
    const what = `context "${name}" names the cluster "${clusterName}", which is not there`;
    throw fault(context.source.file, "clusters", what, "Add the cluster or correct the context.");
  }
  const userName = digString(body, "user") ?? "";
  const user = userName === "" ? undefined : find(sources, "users", userName);
  if (userName !== "" && !user) {
    const what = `context "${name}" names the user "${userName}", which is not there`;
    throw fault(context.source.file, "users", what, "Add the user or correct the context.");
  }
  return {
    ...readCluster(cluster, user, options),
    namespace: digString(body, "namespace") || "default",
    context: name,
    origin: `kubeconfig ${files}, context ${name}`,
  };
}

/** The names of all contexts, sorted. */
export function contextsOf(sources: readonly KubeconfigSource[]): string[] {
  const names = sources.flatMap((source) => entries(source, "contexts").map((entry) => digString(entry, "name") ?? ""));
  return [...new Set(names)].filter((name) => name !== "").sort();
}

const contextNames = (sources: readonly KubeconfigSource[]): string => contextsOf(sources).join(", ") || "(none)";

function readCluster(
  named: Named,
  user: Named | undefined,
  options: SelectOptions,
): Pick<ClusterConfig, "server" | "tls" | "credentials" | "impersonate" | "proxyUrl"> {
  const cluster = section(named, "cluster");
  const { file } = named.source;
  const server = readServer(cluster, file);
  const proxyUrl = digString(cluster, "proxy-url") || proxyFor(server, options.env);
  if (proxyUrl) checkProxy(proxyUrl, file);
  const impersonate = user && readImpersonation(section(user, "user"), user.source.file);
  return {
    server,
    tls: readTls(named, user, options.trust),
    credentials: user ? readCredentials(user, cluster, options.trust) : { type: "anonymous" },
    ...(impersonate ? { impersonate } : {}),
    ...(proxyUrl ? { proxyUrl } : {}),
  };
}

function readServer(cluster: JsonObject, file: string): string {
  const server = digString(cluster, "server") ?? "";
  const full = server.includes("://") ? server : `https://${server}`;
  if (server === "" || !URL.canParse(full) || !/^https?:/.test(full)) {
    const what = server === "" ? "the cluster has no server" : `"${server}" is no http or https address`;
    throw fault(file, "clusters.cluster.server", what, "Write it as https://host:port.");
  }
  return full.replace(/\/+$/, "");
}

function checkProxy(proxyUrl: string, file: string): void {
  if (URL.canParse(proxyUrl) && /^(https?|socks5h?):$/.test(new URL(proxyUrl).protocol)) return;
  throw fault(
    file,
    "clusters.cluster.proxy-url",
    "the proxy has no http, https or socks5 address",
    "Correct proxy-url.",
  );
}

function readTls(cluster: Named, user: Named | undefined, trust: KubeconfigTrust): TlsConfig {
  const body = section(cluster, "cluster");
  const skipVerify = trust.skipVerify && body["insecure-skip-tls-verify"] === true;
  const ca = material(cluster, body, "certificate-authority", trust);
  if (ca && body["certificate-authority"] && body["certificate-authority-data"]) {
    const hint = "Keep one of certificate-authority and certificate-authority-data.";
    throw fault(cluster.source.file, "clusters.cluster.certificate-authority", "the authority is given twice", hint);
  }
  const credentials = user ? section(user, "user") : {};
  const certificate = user && material(user, credentials, "client-certificate", trust);
  const key = user && material(user, credentials, "client-key", trust);
  if (user && Boolean(certificate) !== Boolean(key)) {
    const missing = certificate ? "client-key" : "client-certificate";
    throw fault(user.source.file, `users.user.${missing}`, "is missing", "Give certificate and key, or neither.");
  }
  const serverName = digString(body, "tls-server-name");
  return {
    skipVerify,
    ...(ca ? { ca } : {}),
    ...(certificate ? { certificate } : {}),
    ...(key ? { key } : {}),
    ...(serverName ? { serverName } : {}),
  };
}

/** `name-data` (base64) wins over the file `name`, as in client-go. */
function material(named: Named, body: JsonObject, name: string, trust: KubeconfigTrust): Material | undefined {
  const data = digString(body, `${name}-data`);
  if (data) {
    const bytes = Buffer.from(data, "base64");
    if (bytes.length === 0) throw fault(named.source.file, `${name}-data`, "is no base64", "Encode it again.");
    return { data: bytes };
  }
  const file = digString(body, name);
  return file ? { file: allowedFile(named.source, file, { field: name, trust }) } : undefined;
}

function allowedFile(source: KubeconfigSource, file: string, about: { field: string; trust: KubeconfigTrust }): string {
  if (!about.trust.files) {
    const hint = `Put the content itself into ${about.field === "tokenFile" ? "token" : `${about.field}-data`}.`;
    throw fault(source.file, about.field, "names a file, which is not allowed here", hint);
  }
  return isAbsolute(file) || source.directory === "" ? file : join(source.directory, file);
}

const isAbsolute = (file: string): boolean => /^([/\\]|[A-Za-z]:[/\\])/.test(file);

/** client-go's order: what is given in place wins over a plugin, and tokenFile, which is re-read, over token. */
function readCredentials(user: Named, cluster: JsonObject, trust: KubeconfigTrust): Credentials {
  const { file } = user.source;
  const body = section(user, "user");
  const [token, tokenFile, username] = ["token", "tokenFile", "username"].map((name) => digString(body, name) || "");
  if ((token || tokenFile) && username) {
    throw fault(file, "users.user", "has a token and a user name", "Keep one way of authentication.");
  }
  if (tokenFile) return { type: "tokenFile", file: allowedFile(user.source, tokenFile, { field: "tokenFile", trust }) };
  if (token) return { type: "token", token: headerSafe(file, "users.user.token", token) };
  if (username) return { type: "basic", username, password: digString(body, "password") ?? "" };
  if (isObject(body["auth-provider"])) {
    const hint = "Move to its exec plugin: kubectl dropped auth providers in 1.26.";
    throw fault(file, "users.user.auth-provider", "auth providers are not supported", hint);
  }
  if (!isObject(body["exec"])) return { type: "anonymous" };
  if (!trust.exec)
    throw fault(file, "users.user.exec", "programs are not run for this kubeconfig", "Use a token instead.");
  return { type: "exec", plugin: readExec(user.source, body["exec"], cluster) };
}

function headerSafe(file: string, field: string, value: string): string {
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw fault(file, field, "holds characters that a token cannot have", "Remove line breaks and spaces from it.");
}

function readExec(source: KubeconfigSource, exec: JsonObject, cluster: JsonObject): ExecPlugin {
  const apiVersion = digString(exec, "apiVersion") ?? "";
  const field = "users.user.exec";
  if (!/^client\.authentication\.k8s\.io\/(v1|v1beta1)$/.test(apiVersion)) {
    const hint = "Use client.authentication.k8s.io/v1 or v1beta1.";
    throw fault(source.file, `${field}.apiVersion`, `"${apiVersion}" is not supported`, hint);
  }
  const mode = digString(exec, "interactiveMode") ?? "";
  if (mode === "" && apiVersion.endsWith("/v1")) {
    throw fault(source.file, `${field}.interactiveMode`, "is missing", "Set it to Never or IfAvailable.");
  }
  if (mode === "Always") {
    const hint = "Use a plugin that needs no terminal.";
    throw fault(source.file, `${field}.interactiveMode`, "the plugin wants a terminal, there is none", hint);
  }
  const command = digString(exec, "command") ?? "";
  if (command === "") throw fault(source.file, `${field}.command`, "is missing", "Name the plugin's program.");
  const isRelative = !isAbsolute(command) && /[/\\]/.test(command);
  return {
    apiVersion,
    command: isRelative && source.directory !== "" ? join(source.directory, command) : command,
    args: strings(exec["args"]),
    env: environmentOf(exec["env"]),
    installHint: digString(exec, "installHint") ?? "",
    provideClusterInfo: exec["provideClusterInfo"] === true,
    clusterExtension: clusterExtension(cluster),
  };
}

function environmentOf(list: JsonValue | undefined): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const item of Array.isArray(list) ? list : []) {
    const name = digString(item, "name") ?? "";
    if (name !== "" && name !== "__proto__") environment[name] = digString(item, "value") ?? "";
  }
  return environment;
}

function clusterExtension(cluster: JsonObject): JsonValue {
  const extensions = cluster["extensions"];
  const all = Array.isArray(extensions) ? extensions : [];
  const found = all.find((item) => digString(item, "name") === "client.authentication.k8s.io/exec");
  return dig(found, "extension") ?? null;
}

function readImpersonation(body: JsonObject, file: string): Impersonation | undefined {
  const user = digString(body, "as") ?? "";
  const groups = strings(body["as-groups"]);
  const uid = digString(body, "as-uid") ?? "";
  const extra: Record<string, string[]> = {};
  const given = body["as-user-extra"];
  for (const [key, values] of Object.entries(isObject(given) ? given : {})) {
    if (key !== "__proto__") extra[key] = strings(values);
  }
  if (user === "" && groups.length === 0 && uid === "" && Object.keys(extra).length === 0) return undefined;
  if (user === "")
    throw fault(file, "users.user.as", "is missing beside as-groups, as-uid or as-user-extra", "Set it.");
  return { user, groups, extra, ...(uid ? { uid } : {}) };
}

function strings(list: JsonValue | undefined): string[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
}
