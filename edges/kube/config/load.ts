// Finds and reads kubeconfig files, or the files that every Pod has.

import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { Failure } from "@plumbline/core/model";
import { parseYaml } from "@plumbline/core/yaml";
import type { ClusterConfig } from "./cluster-config.ts";
import { type KubeconfigSource, type KubeconfigTrust, selectContext } from "./kubeconfig.ts";
import { trustedKubeconfig, untrustedKubeconfig } from "./kubeconfig.ts";
import { proxyFor, type Environment } from "./proxy.ts";

export interface LoadOptions {
  /** One file; else `KUBECONFIG` (several, joined with the path delimiter); else `~/.kube/config`. */
  path?: string | undefined;
  context?: string | undefined;
  env: Environment;
}

/** Larger kubeconfigs are refused. */
export const MAX_KUBECONFIG_BYTES = 4 * 1024 * 1024;

/** Reads the kubeconfig of this machine. Throws `Failure` with the file and the next step. */
export function loadKubeconfig(options: LoadOptions): ClusterConfig {
  const files = kubeconfigFiles(options);
  const sources = files.filter((file) => options.path !== undefined || existsSync(file)).map(readSource);
  if (sources.length === 0) {
    throw new Failure({
      reason: "UsageError",
      message: `no kubeconfig was found at ${files.join(", ")}`,
      hint: "Name one with --kubeconfig or KUBECONFIG.",
      retry: "never",
    });
  }
  return selectContext(sources, { context: options.context, env: options.env, trust: trustedKubeconfig });
}

/**
 * The kubeconfig in a text, such as the key of a Secret. Unless `trust` allows it, it may not run programs, name files
 * or skip the check of the server's certificate. `origin` names it in messages; its content never appears there.
 */
export function parseKubeconfig(
  text: string,
  options: { origin: string; context?: string; env: Environment; trust?: KubeconfigTrust },
): ClusterConfig {
  const source = { value: parseText(text, options.origin), file: options.origin, directory: "" };
  const { context, env, trust = untrustedKubeconfig } = options;
  return selectContext([source], { context, env, trust });
}

const accountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The service account of the Pod this process runs in; undefined outside of a Pod. `directory` is for tests. */
export function inClusterConfig(env: Environment, directory: string = accountDirectory): ClusterConfig | undefined {
  const host = env["KUBERNETES_SERVICE_HOST"];
  const port = env["KUBERNETES_SERVICE_PORT"];
  const tokenFile = join(directory, "token");
  if (!host || !port || !existsSync(tokenFile)) return undefined;
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const proxyUrl = proxyFor(server, env);
  const ca = join(directory, "ca.crt");
  const namespaceFile = join(directory, "namespace");
  return {
    server,
    tls: { skipVerify: false, ...(existsSync(ca) ? { ca: { file: ca } } : {}) },
    credentials: { type: "tokenFile", file: tokenFile },
    namespace: existsSync(namespaceFile) ? readFileSync(namespaceFile, "utf8").trim() || "default" : "default",
    context: "in-cluster",
    origin: `service account files in ${directory}`,
    ...(proxyUrl ? { proxyUrl } : {}),
  };
}

/** `--kubeconfig`, then `KUBECONFIG`, then the Pod's service account, then `~/.kube/config`: controller-runtime's order. */
export function loadClusterConfig(options: LoadOptions): ClusterConfig {
  const isChosen = options.path !== undefined || options.context !== undefined || Boolean(options.env["KUBECONFIG"]);
  return (isChosen ? undefined : inClusterConfig(options.env)) ?? loadKubeconfig(options);
}

function kubeconfigFiles(options: LoadOptions): string[] {
  if (options.path !== undefined) return [options.path];
  const listed = (options.env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  if (listed.length > 0) return [...new Set(listed)];
  return [join(options.env["HOME"] || homedir(), ".kube", "config")];
}

function readSource(file: string): KubeconfigSource {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? "unreadable"; // readFileSync throws nothing else
    throw new Failure({
      reason: "UsageError",
      message: `the kubeconfig cannot be read: ${code}`,
      hint: "Check the path and its permissions.",
      where: { file },
      retry: "never",
      cause: thrown,
    });
  }
  return { value: parseText(text, file), file, directory: dirname(file) };
}

function parseText(text: string, file: string): KubeconfigSource["value"] {
  if (Buffer.byteLength(text) > MAX_KUBECONFIG_BYTES) {
    const hint = "Use the kubeconfig of one cluster.";
    throw new Failure({ reason: "LimitExceeded", message: "the kubeconfig is too large", hint, where: { file } });
  }
  try {
    return parseYaml(text, { file });
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    throw new Failure({
      reason: "UsageError",
      // The parser may quote the line, and the line may hold a token.
      message: "the kubeconfig is no YAML",
      hint: "Check it with `kubectl config view`.",
      where: { file, ...(thrown.where?.line === undefined ? {} : { line: thrown.where.line }) },
      retry: "never",
    });
  }
}
