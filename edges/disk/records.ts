// Small facts on disk that survive a crash: one file per fact, written whole, versioned and checksummed.

import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** Raised when the meaning of the envelope changes; files of another version are treated as absent. */
const FORMAT_VERSION = 1;
const MAGIC = "plumbline-record";
const MAX_NAME_LENGTH = 200;

export interface Records {
  /** The value, or undefined when there is none, or the file is damaged or of another version. */
  read(name: string): Promise<unknown>;
  /** Replaces the value; it is on the disk when the promise resolves. Values are JSON. */
  write(name: string, value: unknown): Promise<void>;
  remove(name: string): Promise<void>;
}

export interface RecordsOptions {
  /** Created with mode 0700 on the first write. */
  directory: string;
  /** Told about a file that was there but could not be used; it is then treated as absent. */
  onDamaged?: (name: string, why: string) => void;
}

/**
 * File format: line 1 `plumbline-record <version> <sha256 of the rest>`, then the JSON text. Written to a temporary
 * name, synced, renamed, directory synced: a reader sees the old or the new value and never half of one.
 * Names are `[a-z0-9._-]`; anything else is a `RangeError`.
 */
export function openRecords(options: RecordsOptions): Records {
  const fileOf = (name: string): string => join(options.directory, checkName(name));
  let serial = 0;
  return {
    async read(name) {
      const file = fileOf(name);
      let bytes: Buffer;
      try {
        bytes = await readFile(file);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
      const parsed = parseRecord(bytes);
      if ("value" in parsed) return parsed.value;
      options.onDamaged?.(name, parsed.why);
      return undefined;
    },
    async write(name, value) {
      const file = fileOf(name);
      const temporary = `${file}.${process.pid}.${serial++}.tmp`;
      await mkdir(options.directory, { recursive: true, mode: 0o700 });
      try {
        await writeSynced(temporary, formatRecord(value));
        await rename(temporary, file);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      await syncDirectory(options.directory);
    },
    async remove(name) {
      await rm(fileOf(name), { force: true });
    },
  };
}

function formatRecord(value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from(`${MAGIC} ${FORMAT_VERSION} ${sha256(body)}\n`), body]);
}

/** Exposed for tests of old and damaged files. */
export function parseRecord(bytes: Uint8Array): { value: unknown } | { why: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.indexOf(10);
  const [magic, version, digest] = buffer.subarray(0, Math.max(end, 0)).toString("latin1").split(" ");
  if (magic !== MAGIC) return { why: "not a record" };
  if (version !== String(FORMAT_VERSION))
    return { why: `written in format ${version}, this program reads ${FORMAT_VERSION}` };
  const body = buffer.subarray(end + 1);
  if (sha256(body) !== digest) return { why: "checksum differs" };
  return { value: JSON.parse(body.toString("utf8")) as unknown };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function checkName(name: string): string {
  if (/^[a-z0-9][a-z0-9._-]*$/.test(name) && name.length <= MAX_NAME_LENGTH && !name.endsWith(".tmp")) return name;
  throw new RangeError(`not a record name: ${JSON.stringify(name.slice(0, 80))}`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
