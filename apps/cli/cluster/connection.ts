// The options that every command with a cluster has, and the connection they describe.

import { asFailure, Failure } from "@plumbline/core/model";
import { connect, inClusterConfig, isKindUnknown, type KubeClient, loadKubeconfig } from "@plumbline/edges/kube";
import { systemClock } from "@plumbline/edges/telemetry";
import type { Command } from "commander";

export interface ClusterOptions {
  kubeconfig?: string;
  context?: string;
  namespace?: string;
}

export interface Connection {
  client: KubeClient;
  /** The namespace of `-n`, else `flux-system`, as with the flux program. */
  namespace: string;
}

export const USER_AGENT = "plumbline/0.0.0";
const FLUX_GROUP = "toolkit.fluxcd.io";
const DEFAULT_NAMESPACE = "flux-system";

/** Adds `--kubeconfig`, `--context` and `-n`. */
export function withClusterOptions(command: Command): Command {
  return command
    .option("--kubeconfig <file>", "kubeconfig to use; default: $KUBECONFIG, then ~/.kube/config")
    .option("--context <name>", "context of the kubeconfig")
    .option("-n, --namespace <name>", "namespace of the object", DEFAULT_NAMESPACE);
}

/** Throws Failure when there is no kubeconfig, or it cannot be used. */
export function openConnection(options: ClusterOptions): Connection {
  const { kubeconfig, context, namespace = DEFAULT_NAMESPACE } = options;
  const isDefault = kubeconfig === undefined && context === undefined && process.env["KUBECONFIG"] === undefined;
  const inCluster = isDefault ? inClusterConfig(process.env) : undefined;
  const config = inCluster ?? loadKubeconfig({ path: kubeconfig, context, env: process.env });
  return { client: connect(config, { clock: systemClock({ keepsAlive: true }), userAgent: USER_AGENT }), namespace };
}

/** Runs `use` with a connection that is closed afterwards. */
export async function withConnection<T>(
  options: ClusterOptions,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = openConnection(options);
  try {
    return await use(connection);
  } catch (error) {
    throw isKindUnknown(error) && asFailure(error).message.includes(FLUX_GROUP) ? notInstalled(error) : error;
  } finally {
    await connection.client.close();
  }
}

/** A cluster that has never seen Flux or Plumbline. */
function notInstalled(error: unknown): Failure {
  const { reason, message } = asFailure(error);
  const hint = "Neither Plumbline nor Flux is installed in this cluster. Install Plumbline with: plumb install";
  return new Failure({ reason, message, hint, cause: error });
}

export type OutputFormat = "table" | "json" | "yaml";

/** Checks `-o`. Throws a usage failure that names what there is. */
export function outputFormat(text: string | undefined): OutputFormat {
  if (text === undefined || text === "table" || text === "wide") return "table";
  if (text === "json" || text === "yaml") return text;
  throw new Failure({
    reason: "UsageError",
    message: `unknown output format "${text}"`,
    hint: "Use -o json or -o yaml.",
  });
}
