// What stands in the cache directory: the key that names repositories, TLS material, repositories nobody uses any more.

import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "@plumbline/core/model";
import { pemName, type Remote } from "./remote.ts";

/** A repository that no source opened for so long is removed by `removeUnused`. */
const UNUSED_REPOSITORY_MS = 30 * 24 * 3_600_000;
const KEY_BYTES = 32;

export interface CacheDirectory {
  /** Secret of this directory; see `openRemote`. */
  readonly identityKey: Uint8Array;
  /** An empty directory: git finds no configuration of a user there. */
  readonly home: string;
  repository(key: string): string;
  /** Settings that point git at the remote's certificates; files are readable by us alone. */
  tlsEnvironment(remote: Remote): Promise<Record<string, string>>;
  /**
   * Removes repositories that nobody opened for a month, but those named in `inUse`. Never at the start: a site that was
   * switched off for a month must find its cache when it comes back without network.
   */
  removeUnused(inUse: ReadonlySet<string>, now: number): Promise<void>;
  /** Removes TLS material. */
  close(): Promise<void>;
}

/** Opens or creates the directory (mode 0700); removes TLS material of an earlier run. */
export async function openCacheDirectory(directory: string): Promise<CacheDirectory> {
  const at = (name: string): string => join(directory, name);
  await mkdir(at("home"), { recursive: true, mode: 0o700 });
  await mkdir(at("repositories"), { recursive: true, mode: 0o700 });
  await rm(at("tls"), { recursive: true, force: true });
  const identityKey = await readOrMakeKey(at("identity.key"));
  const written = new Map<string, Promise<string>>();
  const write = (key: SecretKey, pem: string): Promise<string> => {
    const name = pemName(pem);
    const known = written.get(name);
    if (known) return known;
    checkPem(key, pem);
    const file = writePem(at("tls"), name, pem);
    written.set(name, file);
    return file;
  };
  return {
    identityKey,
    home: at("home"),
    repository: (key) => join(directory, "repositories", `${key}.git`),
    async tlsEnvironment({ auth }) {
      const environment: Record<string, string> = {};
      if (auth.ca !== undefined) environment["GIT_SSL_CAINFO"] = await write("ca.crt", auth.ca);
      if (auth.clientCertificate !== undefined)
        environment["GIT_SSL_CERT"] = await write("tls.crt", auth.clientCertificate);
      if (auth.clientKey !== undefined) environment["GIT_SSL_KEY"] = await write("tls.key", auth.clientKey);
      return environment;
    },
    removeUnused: (inUse, now) => removeUnused(at("repositories"), inUse, now),
    close: () => rm(at("tls"), { recursive: true, force: true }),
  };
}

type SecretKey = "ca.crt" | "tls.crt" | "tls.key";

/** git's own words for this differ by TLS library and do not say which file. */
function checkPem(key: SecretKey, pem: string): void {
  try {
    if (key === "tls.key") createPrivateKey(pem);
    else new X509Certificate(pem);
  } catch (cause) {
    throw new Failure({
      reason: "AuthenticationFailed",
      message: `\`${key}\` is no ${key === "tls.key" ? "private key" : "certificate"} in PEM form`,
      hint: `Put the text from \`-----BEGIN\` to \`END-----\` into \`${key}\` of the Secret`,
      where: { field: "spec.secretRef" },
      cause,
    });
  }
}

async function writePem(directory: string, name: string, pem: string): Promise<string> {
  const file = join(directory, `${name}.pem`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(file, pem, { mode: 0o600 });
  return file;
}

async function readOrMakeKey(file: string): Promise<Uint8Array> {
  try {
    const key = await readFile(file);
    if (key.length === KEY_BYTES) return key;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  // A lost or damaged key only means that repositories get new names and are fetched anew.
  const key = randomBytes(KEY_BYTES);
  await writeFile(file, key, { mode: 0o600 });
  return key;
}

async function removeUnused(repositories: string, inUse: ReadonlySet<string>, now: number): Promise<void> {
  for (const name of await readdir(repositories)) {
    if (inUse.has(name.replace(/\.git$/, ""))) continue;
    const path = join(repositories, name);
    const isOld = now - (await stat(path)).mtimeMs > UNUSED_REPOSITORY_MS;
    if (isOld) await rm(path, { recursive: true, force: true });
  }
}

/** Notes that a repository is in use, so that it is not removed. */
export async function touch(path: string, now: number): Promise<void> {
  const date = new Date(now);
  await utimes(path, date, date).catch(() => undefined); // it may not exist yet; then it is new anyway
}
