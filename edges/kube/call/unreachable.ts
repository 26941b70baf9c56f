// What broken connections mean: names, TLS and proxies, each with its next step.

import { Failure } from "@plumbline/core/model";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { describe } from "../failure.ts";
import type { Subject } from "../request.ts";

const hints: Record<string, string> = {
  ECONNREFUSED: "Check that the API server runs and that host and port of the kubeconfig are right.",
  ENOTFOUND: "Check the host name in the kubeconfig and this machine's DNS.",
  EAI_AGAIN: "Check this machine's DNS.",
  ETIMEDOUT: "Check routes and firewalls between this machine and the API server.",
  EHOSTUNREACH: "Check routes and firewalls between this machine and the API server.",
  ENETUNREACH: "Check this machine's network.",
  EPROXY: "Check proxy-url, HTTPS_PROXY and NO_PROXY.",
  CERT_HAS_EXPIRED: "Renew the API server's certificate; check this machine's clock.",
  CERT_NOT_YET_VALID: "Check this machine's clock.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "Set certificate-authority-data to the CA that signed the API server's certificate.",
  SELF_SIGNED_CERT_IN_CHAIN: "Set certificate-authority-data to the CA that signed the API server's certificate.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "Set certificate-authority-data to the CA that signed the API server's certificate.",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "Set certificate-authority-data to the CA of the API server's certificate.",
  ERR_TLS_CERT_ALTNAME_INVALID: "Use a host the certificate names, or set tls-server-name.",
  ERR_SSL_WRONG_VERSION_NUMBER: "The server speaks no TLS: use http:// or the right port.",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: "The server wants a client certificate: add it to the kubeconfig user.",
  ENOENT: "A certificate or key file of the kubeconfig is missing.",
  EACCES: "A certificate or key file of the kubeconfig is not readable.",
};

/** The Failure (`ClusterUnreachable`) for an error below HTTP; a Failure stays as it is. */
export function unreachable(config: ClusterConfig, subject: Subject, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const { code, text } = innermost(thrown);
  return new Failure({
    reason: "ClusterUnreachable",
    message: `${describe(subject)}: no answer from ${config.server}: ${text}`,
    hint: hints[code] ?? `Check the connection to ${config.server} (${config.origin}).`,
    cause: thrown,
  });
}

/** Node's happy-eyeballs error holds one error per address and no text of its own. */
function innermost(thrown: unknown): { code: string; text: string } {
  const error = thrown instanceof AggregateError ? (thrown.errors[0] as unknown) : thrown;
  const found = (error as { code?: unknown } | null)?.code;
  const code = typeof found === "string" ? found : "";
  const text = error instanceof Error ? error.message.trim() : String(error);
  return { code, text: text || code || "the connection ended" };
}

/** The Failure for a call that used up its time. */
export function timedOut(
  config: ClusterConfig,
  subject: Subject,
  detail: { timeoutMs: number; last?: Failure },
): Failure {
  const why = detail.last ? ` (last: ${detail.last.message})` : "";
  return new Failure({
    reason: "ClusterUnreachable",
    message: `${describe(subject)}: not done within ${detail.timeoutMs / 1000} s${why}`,
    hint: `Check the load of the API server and the connection to ${config.server}.`,
    cause: detail.last?.cause,
  });
}
