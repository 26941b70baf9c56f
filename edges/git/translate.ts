// Turns what git says on stderr into a Failure that names the problem and the next step.

import { Failure, type Reason } from "@plumbline/core/model";
import { GitExit } from "./git-program.ts";
import { type Remote, secretsOf } from "./remote.ts";

/** A Failure for whatever a git run threw; failures and abort reasons pass through. */
export function translate(thrown: unknown, remote: Remote): Error {
  if (!(thrown instanceof GitExit)) return storageFailure(thrown);
  const said = redact(thrown.stderr, remote);
  for (const row of rows) {
    const match = row.says.exec(said);
    if (match) return row.failure(remote, match);
  }
  const words = lastWords(said) || `exit code ${thrown.code}`;
  return failed(
    `git failed for ${remote.url}: ${words}`,
    "Try `git ls-remote` with this URL and these credentials from the same network",
  );
}

/** A Failure for an error of the file system (they name a system call); anything else stays what it is. */
export function storageFailure(thrown: unknown): Error {
  if (!(thrown instanceof Error)) return new Error(String(thrown));
  if (thrown instanceof Failure || !("syscall" in thrown && "code" in thrown)) return thrown;
  const code = String(thrown.code);
  if (code === "ENOSPC" || code === "EDQUOT") return diskFull();
  return new Failure({
    reason: "StorageOperationFailed",
    message: `the Git cache directory cannot be used (${code} from ${String(thrown.syscall)})`,
    hint: "Check that the directory exists on a writable disk and belongs to the user of this process",
    cause: thrown,
  });
}

function diskFull(): Failure {
  return failed("the disk of the Git cache is full", "Give the cache directory more space", "StorageOperationFailed");
}

/** Takes out every secret, and the passing details that would make equal errors look different. */
function redact(text: string, remote: Remote): string {
  let out = text;
  for (const secret of secretsOf(remote.auth)) out = out.replaceAll(secret, "***");
  return out.replace(/\/\/[^/@\s]*@/g, "//***@").replace(/ after \d+ ms\b/g, "");
}

/** The last line that git itself marks as the cause, else the last line. */
function lastWords(said: string): string {
  const lines = said.split("\n").flatMap((line) => line.trim() || []);
  const marked = lines.filter((line) => /^(?:fatal|error|ERR):/i.test(line));
  return (marked.at(-1) ?? lines.at(-1) ?? "").slice(0, 300);
}

function failed(message: string, hint: string, reason: Reason = "GitOperationFailed"): Failure {
  const where = reason === "AuthenticationFailed" ? { where: { field: "spec.secretRef" } } : {};
  return new Failure({ reason, message, hint, ...where });
}

function refused(message: string, remote: Remote): Failure {
  const hint = remote.hasCredentials
    ? "Check that the token is valid, not expired, and may read this repository; then update the Secret in spec.secretRef"
    : "Create a Secret with `username` and `password` (a read token) or `bearerToken`, and name it in spec.secretRef";
  return failed(message, hint, "AuthenticationFailed");
}

/** The server sent a page for people, or sends us to one. */
export function loginPage(remote: Remote): Failure {
  return refused(`${remote.url} answered with a web page instead of Git data, usually a login page`, remote);
}

/** Hosts known to hide private repositories behind 404. */
const hiding = /^(?:github\.com|gitlab\.com|bitbucket\.org|gitea\.com|codeberg\.org)$/;

function notFound(remote: Remote): Failure {
  const who = hiding.test(remote.host) ? `${remote.host} answers` : "many hosts answer";
  return failed(
    `the repository ${remote.url} was not found (404)`,
    remote.hasCredentials
      ? `Check spec.url for a typing error; ${who} 404 also when the token may not read the repository`
      : `Check spec.url for a typing error; if the repository is private, name credentials in spec.secretRef (${who} 404 without them)`,
  );
}

function byStatus(remote: Remote, status: number): Failure {
  if (status === 401) return refused(`${remote.url} refuses the credentials (401)`, remote);
  if (status === 403) {
    return refused(
      `${remote.url} forbids access (403): the account lacks the right, or the host limits requests`,
      remote,
    );
  }
  if (status === 404) return notFound(remote);
  if (status >= 300 && status < 400) return loginPage(remote);
  if (status === 429) {
    return failed(
      `${remote.host} limits our requests (429)`,
      "Raise spec.interval, or use credentials with a higher limit",
    );
  }
  if (status >= 500)
    return failed(`${remote.host} has a problem of its own (${status})`, "Wait, or look at the host's status page");
  return failed(`${remote.url} answered with HTTP status ${status}`, "Check spec.url");
}

function untrusted(remote: Remote, problem: string): Failure {
  const hint =
    remote.auth.ca === undefined
      ? "If the host uses a certificate authority of its own, put it into `ca.crt` of the Secret in spec.secretRef"
      : "Check that `ca.crt` in the Secret is the authority (PEM) that signed the host's certificate, and that neither is expired";
  return failed(`the TLS certificate of ${remote.host} is not trusted: ${problem}`, hint);
}

function unreachable(remote: Remote, problem: string): Failure {
  return failed(
    `${remote.host} cannot be reached: ${problem}`,
    "Check spec.url, the network policies and proxy settings of this process, and that the server is up",
  );
}

/** git's message names whom it tried: not the remote itself where it was sent on. */
function refusedConnection(remote: Remote, host: string, port: string): Failure {
  const url = new URL(remote.url);
  const isRemote = url.hostname.replace(/^\[|\]$/g, "") === host && portOf(url) === port;
  const what = isRemote
    ? "the connection"
    : `the connection to ${host} port ${port}, where a redirect or a proxy leads,`;
  return unreachable(remote, `${what} was refused or not answered`);
}

function portOf({ port, protocol }: URL): string {
  if (port !== "") return port;
  return protocol === "https:" ? "443" : "80";
}

function endedEarly(remote: Remote): Failure {
  const mayWantCertificate = remote.url.startsWith("https:") && remote.auth.clientKey === undefined;
  const also = mayWantCertificate ? "; hosts that want a client certificate (`tls.crt`, `tls.key`) do this too" : "";
  return failed(
    `${remote.host} ended the connection early`,
    `It is tried again; look at the server's or the proxy's log if it stays so${also}`,
  );
}

interface Row {
  says: RegExp;
  failure: (remote: Remote, match: RegExpExecArray) => Failure;
}

function tooMuch(remote: Remote): Failure {
  return failed(
    `${remote.host} sent more than a Git server has reason to`,
    "Check that spec.url points at a Git repository; name a branch or tag instead of a semver range if it has very many tags",
    "LimitExceeded",
  );
}

/** First match wins: causes before the complaints that follow from them. Texts are those of git 2.31 to 2.50 and libcurl. */
const rows: readonly Row[] = [
  { says: /attempting to allocate|out of memory/i, failure: tooMuch },
  {
    says: /could not read (?:Username|Password)|Authentication failed for|terminal prompts disabled/i,
    failure: (remote) =>
      refused(
        remote.hasCredentials
          ? `${remote.url} refuses the credentials (401)`
          : `${remote.url} asks for credentials (401) and none are configured`,
        remote,
      ),
  },
  {
    says: /bad line length character|invalid pkt-len|not valid: .*is this a git repository|redirects followed|unable to update url base/i,
    failure: loginPage,
  },
  { says: /returned error: (\d{3})/i, failure: (remote, match) => byStatus(remote, Number(match[1])) },
  { says: /RPC failed; HTTP (\d{3})/i, failure: (remote, match) => byStatus(remote, Number(match[1])) },
  { says: /repository '.*' not found|remote error: Repository not found/i, failure: notFound },
  {
    says: /Could not resolve (host|proxy): ?([^\s;]*)/i,
    failure: (remote, match) => unreachable(remote, `the ${match[1]} name ${match[2]} is not known to DNS`),
  },
  {
    says: /Failed to connect to (\S+) port (\d+)/i,
    failure: (remote, match) => refusedConnection(remote, match[1] ?? "", match[2] ?? ""),
  },
  {
    says: /Failed to connect to|Connection refused|Couldn't connect to server/i,
    failure: (remote) => unreachable(remote, "the connection was refused or not answered"),
  },
  {
    says: /Connection timed out|Operation timed out|timeout/i,
    failure: (remote) => unreachable(remote, "no answer in time"),
  },
  {
    says: /No route to host|Network is unreachable/i,
    failure: (remote) => unreachable(remote, "there is no route to it"),
  },
  {
    says: /certificate subject name .* does not match|no alternative certificate subject name/i,
    failure: (remote) => untrusted(remote, "it was issued for another host name"),
  },
  { says: /certificate has expired/i, failure: (remote) => untrusted(remote, "it has expired") },
  {
    says: /certificate verification failed|SSL certificate problem|unable to get local issuer|self.signed certificate/i,
    failure: (remote) => untrusted(remote, "no trusted authority vouches for it, or it has expired"),
  },
  {
    says: /error setting certificate|error reading X\.509|problem with the local SSL certificate|could not load (?:client|PEM)|unable to set (?:private key|client certificate)/i,
    failure: (remote) =>
      failed(
        `the TLS material for ${remote.host} is not usable`,
        "Check that `ca.crt`, `tls.crt` and `tls.key` in the Secret are PEM and belong together",
        "AuthenticationFailed",
      ),
  },
  {
    says: /certificate required|bad certificate|alert unknown ca|handshake failure|TLS fatal alert/i,
    failure: (remote) => refused(`${remote.host} asks for a client certificate, or refuses ours`, remote),
  },
  {
    says: /gnutls_handshake|wrong version number|SSL_connect|unexpected TLS packet/i,
    failure: (remote) =>
      failed(`${remote.host} does not speak TLS on this port`, "Check the scheme and port in spec.url"),
  },
  {
    says: /No space left on device|Disk quota exceeded/i,
    failure: diskFull,
  },
  {
    says: /not our ref|unadvertised object|couldn't find remote ref|reference is not a tree/i,
    failure: (remote) =>
      failed(
        `${remote.url} does not have, or does not hand out, the wanted commit`,
        "Check spec.ref; if the branch was just force-pushed, the next poll finds its new commit",
      ),
  },
  {
    says: /does not support shallow|shallow (?:not allowed|file has changed)/i,
    failure: (remote) =>
      failed(`${remote.host} does not allow shallow fetches`, "Serve the repository over Git's smart HTTP protocol"),
  },
  {
    says: /getpeername|Transport endpoint|TLS connection was non-properly terminated|closed with outstanding|unexpected disconnect|early EOF|Empty reply|Connection reset/i,
    failure: endedEarly,
  },
  {
    says: /inflate: |index-pack failed|unpack-objects failed|pack is corrupt|bad pack header|pack has bad object|SHA1 COLLISION/i,
    failure: (remote) =>
      failed(
        `${remote.host} sent a damaged or incomplete pack`,
        "It is tried again; if it stays so, run `git fsck` on the server, and look for a proxy that changes or cuts downloads",
      ),
  },
  { says: /hung up unexpectedly|RPC failed|expected 'packfile'/i, failure: endedEarly },
];
