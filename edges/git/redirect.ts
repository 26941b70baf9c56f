// Follows a server's redirect by hand, so that credentials never go to a host that nobody named.

import { request as httpRequest, type IncomingMessage, Agent as HttpAgent } from "node:http";
import { request as httpsRequest, Agent as HttpsAgent } from "node:https";
import { getCACertificates } from "node:tls";
import { Failure } from "@plumbline/core/model";
import { authorization, redactUrl, type Remote } from "./remote.ts";
import { loginPage } from "./translate.ts";

const SUFFIX = "/info/refs?service=git-upload-pack";
const MAX_HOPS = 5;

export interface RedirectOptions {
  /** Proxy settings. */
  environment: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/**
 * The URL that the remote's own host redirects to (a renamed repository, a missing `.git`, http to https), or undefined
 * when it does not redirect. Throws `AuthenticationFailed` for a redirect to a login page, and for one to another host:
 * the credentials were given for the first.
 */
export async function findRedirect(remote: Remote, options: RedirectOptions): Promise<string | undefined> {
  let url = remote.url;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const location = await askOnce(url + SUFFIX, remote, options);
    if (location === undefined) return url === remote.url ? undefined : url;
    const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
    if (!target) throw loginPage(remote);
    const from = new URL(url);
    const isSafe =
      target.hostname === from.hostname && (target.protocol === from.protocol || target.protocol === "https:");
    if (!isSafe) throw otherHost(remote, target);
    if (!target.href.endsWith(SUFFIX)) throw loginPage(remote);
    url = target.href.slice(0, -SUFFIX.length);
  }
  throw loginPage(remote);
}

function otherHost(remote: Remote, target: URL): Failure {
  return new Failure({
    reason: "AuthenticationFailed",
    message: `${remote.host} redirects to ${target.protocol}//${target.host}; credentials are not sent there`,
    hint: `If that is right, set spec.url to ${redactUrl(target.href).replace(SUFFIX, "")}`,
    where: { field: "spec.url" },
  });
}

/** The Location of a redirect, or undefined for any other answer. */
function askOnce(url: string, remote: Remote, options: RedirectOptions): Promise<string | undefined> {
  const header = authorization(remote.auth);
  const isTls = url.startsWith("https:");
  const proxyEnv = { ...options.environment };
  const { ca, clientCertificate, clientKey } = remote.auth;
  const tls = {
    ...(ca === undefined ? {} : { ca: [...getCACertificates("default"), ca] }),
    ...(clientCertificate === undefined || clientKey === undefined ? {} : { cert: clientCertificate, key: clientKey }),
  };
  const agent = isTls ? new HttpsAgent({ ...tls, proxyEnv }) : new HttpAgent({ proxyEnv });
  const headers = { "git-protocol": "version=2", ...(header === undefined ? {} : { authorization: header }) };
  return new Promise((resolve, reject) => {
    const onAnswer = (response: IncomingMessage): void => {
      response.destroy();
      const status = response.statusCode ?? 0;
      resolve(status >= 300 && status < 400 ? response.headers.location : undefined);
    };
    const ask = isTls ? httpsRequest : httpRequest;
    const request = ask(url, { agent, headers, signal: options.signal }, onAnswer);
    request.on("error", (cause) => {
      const message = `${remote.host} redirects, but where to could not be found out`;
      reject(new Failure({ reason: "GitOperationFailed", message, hint: "It is tried again", cause }));
    });
    request.end();
  });
}
