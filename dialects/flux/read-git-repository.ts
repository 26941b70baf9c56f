// Reads a GitRepository into the source that the engine fetches.

import { Failure, formatRef, type GitRef, type GitSource, type Manifest, refOf } from "@plumbline/core/model";
import { gitRepositoryDefinition, type GitRepositorySpec } from "./crds/git-repository-schema.ts";
import { parseDuration, parseInterval } from "./duration.ts";
import { headOf, refuseUnsupported, specOf, type Unsupported } from "./spec-problems.ts";

/**
 * The source that a GitRepository (source.toolkit.fluxcd.io/v1) describes; defaults are filled in, so that an object
 * out of a file reads like one from the API server.
 * Throws Failures with retry never: InvalidSpec, URLInvalid, and UnsupportedField for what Flux would act on and we
 * do not; `spec.verify` is among those, so that what must be verified is never fetched unverified. One that is suspended
 * or being deleted is never fetched, and so is not refused: it is left as it is, or let go.
 */
export function readGitRepository(object: Manifest): GitSource {
  const spec = specOf(object, gitRepositoryDefinition) as unknown as GitRepositorySpec; // checked against its schema
  const head = headOf(object);
  const suspended = spec.suspend ?? false;
  if (!suspended && !head.deleting) {
    refuseUnsupported(object, unsupportedFields(spec));
    checkUrl(object, spec.url);
  }
  return {
    ...head,
    kind: "GitRepository",
    url: spec.url,
    ref: refFrom(spec),
    secret: spec.secretRef && {
      kind: "Secret",
      namespace: head.origin.namespace,
      name: spec.secretRef.name,
      optional: false,
    },
    ignore: spec.ignore,
    intervalMs: parseInterval(spec.interval, "spec.interval"),
    timeoutMs: parseDuration(spec.timeout ?? "60s", "spec.timeout"),
    suspended,
  };
}

/** Empty parts count as absent, as in Go; without any the branch is `master`. */
function refFrom(spec: GitRepositorySpec): GitRef {
  const ref: GitRef = {};
  for (const part of ["branch", "tag", "semver", "name", "commit"] as const) {
    const value = spec.ref?.[part];
    if (value !== undefined && value !== "") ref[part] = value;
  }
  return Object.keys(ref).length === 0 ? { branch: "master" } : ref;
}

function unsupportedFields(spec: GitRepositorySpec): Unsupported[] {
  const found: Unsupported[] = [];
  const add = (field: string, hint: string): void => void found.push({ field: `spec.${field}`, hint });
  if (spec.verify) add("verify", "Use a repository that needs no signature check, or keep this source with Flux");
  if (spec.include && spec.include.length > 0) add("include", "Put the files into one repository");
  if (spec.recurseSubmodules) add("recurseSubmodules", "Put the files of the submodules into the repository");
  if (spec.sparseCheckout && spec.sparseCheckout.length > 0) {
    add("sparseCheckout", "Remove it: only the files that are used are read anyway");
  }
  if (spec.proxySecretRef) add("proxySecretRef", "Reach the Git server without a proxy");
  if (spec.provider !== undefined && spec.provider !== "generic") {
    add("provider", "Use the provider generic with a token in secretRef");
  }
  if (spec.serviceAccountName) add("serviceAccountName", "Use a token in secretRef");
  if (spec.url.startsWith("ssh://")) add("url", "Use an https:// address with a token in secretRef");
  return found;
}

/** Blanks and control characters, which no address holds and which a program could take for something else. */
const controlCharacter = /[\p{Cc}\p{Z}]/u;

function checkUrl(object: Manifest, text: string): void {
  const url = URL.parse(text);
  if (url && url.hostname !== "" && !controlCharacter.test(text)) return;
  throw new Failure({
    reason: "URLInvalid",
    message: "spec.url is no address of a Git repository",
    hint: "Write http:// or https://, the host, and the path of the repository",
    where: { object: formatRef(refOf(object)), field: "spec.url" },
    retry: "never",
  });
}
