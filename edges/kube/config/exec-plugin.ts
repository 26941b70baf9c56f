// Runs an exec credential plugin and reads the credential it prints (client.authentication.k8s.io).

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dig, digString, Failure, isObject, type JsonObject, type JsonValue } from "@plumbline/core/model";
import { parseJson } from "../json.ts";
import type { ClusterConfig, ExecPlugin, Material } from "./cluster-config.ts";
import type { Environment } from "./proxy.ts";

export interface ExecCredential {
  token?: string;
  /** PEM, both or neither. */
  certificate?: string;
  key?: string;
  /** Milliseconds since the epoch; absent: valid until the server says 401. */
  expiresAt?: number;
}

/** A plugin that takes longer is killed. */
export const EXEC_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_QUOTED_STDERR = 300;

/** Throws `Failure` (`AuthenticationFailed`): the program's own words from stderr, never what it printed on stdout. */
export async function runExecPlugin(
  plugin: ExecPlugin,
  config: ClusterConfig,
  env: Environment,
): Promise<ExecCredential> {
  const environment = { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(plugin, config)) };
  const options = { env: environment, timeout: EXEC_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true };
  const output = await new Promise<string>((resolve, reject) => {
    execFile(plugin.command, [...plugin.args], options, (error, stdout, stderr) => {
      if (error) reject(runFault(plugin, error, stderr));
      else resolve(stdout);
    });
  });
  return readExecCredential(plugin, output);
}

/** What the plugin is told in KUBERNETES_EXEC_INFO. */
export function execInfo(plugin: ExecPlugin, config: ClusterConfig): JsonObject {
  const { tls, server, proxyUrl } = config;
  const cluster: JsonObject = {
    server,
    ...(tls.serverName ? { "tls-server-name": tls.serverName } : {}),
    ...(tls.skipVerify ? { "insecure-skip-tls-verify": true } : {}),
    ...(tls.ca ? { "certificate-authority-data": base64Of(tls.ca) } : {}),
    ...(proxyUrl ? { "proxy-url": proxyUrl } : {}),
    config: (plugin.clusterExtension ?? null) as JsonValue, // it was read from a parsed kubeconfig
  };
  return {
    apiVersion: plugin.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, ...(plugin.provideClusterInfo ? { cluster } : {}) },
  };
}

function base64Of(material: Material): string {
  return Buffer.from("data" in material ? material.data : readFileSync(material.file)).toString("base64");
}

/** Reads the ExecCredential that the plugin printed. */
export function readExecCredential(plugin: ExecPlugin, output: string): ExecCredential {
  const value = parseOutput(plugin, output);
  if (digString(value, "kind") !== "ExecCredential" || digString(value, "apiVersion") !== plugin.apiVersion) {
    throw fault(plugin, `it printed no ExecCredential of ${plugin.apiVersion}`);
  }
  const status = dig(value, "status");
  const token = digString(status, "token");
  const certificate = digString(status, "clientCertificateData");
  const key = digString(status, "clientKeyData");
  if (!token && !(certificate && key)) throw fault(plugin, "it printed neither a token nor a certificate with its key");
  const expiry = Date.parse(digString(status, "expirationTimestamp") ?? "");
  return {
    ...(token ? { token: checkToken(plugin, token) } : {}),
    ...(certificate && key ? { certificate, key } : {}),
    ...(Number.isNaN(expiry) ? {} : { expiresAt: expiry }),
  };
}

function parseOutput(plugin: ExecPlugin, output: string): JsonValue {
  try {
    const value = parseJson(output);
    if (isObject(value)) return value;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  throw fault(plugin, "it printed no JSON object");
}

function checkToken(plugin: ExecPlugin, token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw fault(plugin, "its token holds characters that a token cannot have");
}

function runFault(plugin: ExecPlugin, error: Error & { code?: unknown; killed?: boolean }, stderr: string): Failure {
  if (error.code === "ENOENT") return fault(plugin, "the program is not there");
  if (error.code === "EACCES") return fault(plugin, "the program may not be run");
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return fault(plugin, "it printed more than 1 MiB");
  if (error.killed) return fault(plugin, `it took longer than ${EXEC_TIMEOUT_MS / 1000} s`);
  const words = stderr.trim().split("\n").at(-1)?.slice(0, MAX_QUOTED_STDERR) ?? "";
  return fault(plugin, `it ended with ${String(error.code)}${words === "" ? "" : `: ${words}`}`);
}

function fault(plugin: ExecPlugin, what: string): Failure {
  return new Failure({
    reason: "AuthenticationFailed",
    message: `the credential plugin "${plugin.command}" failed: ${what}`,
    hint: plugin.installHint.trim() || `Run "${plugin.command}" by hand with the arguments of the kubeconfig.`,
    where: { field: "users.user.exec" },
  });
}
