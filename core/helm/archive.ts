// Chart archives: gzip and tar, with limits and without traversal.

import { decodeText, quote } from "@plumbline/core/template";
import type { ChartFile } from "./chart.ts";
import { chartInvalid, messageOf } from "./failure.ts";

/** Unpacks gzip; must stop with an error beyond `maxBytes`. */
export type Gunzip = (bytes: Uint8Array, maxBytes: number) => Uint8Array;

const maxBytes = 100 * 1024 * 1024;
const blockBytes = 512;
/** Headers and padding around a chart's bytes. */
const maxTarBytes = maxBytes + 16 * 1024 * 1024;

/** The files of a chart archive, their names without the chart's folder. Throws `ChartInvalid` with Helm's words. */
export function readArchive(bytes: Uint8Array, gunzip: Gunzip): ChartFile[] {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw chartInvalid("gzip: invalid header");
  const files: ChartFile[] = [];
  let left = maxBytes;
  for (const entry of tarEntries(unpack(bytes, gunzip))) {
    const name = chartName(entry.name);
    left -= entry.data.length;
    if (left <= 0) throw chartInvalid(`decompressed chart is larger than the maximum size ${maxBytes}`, name);
    const { data } = entry;
    const hasBom = data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf;
    files.push({ name, data: hasBom ? data.subarray(3) : data });
  }
  if (files.length === 0) throw chartInvalid("no files in chart archive");
  return files;
}

function unpack(bytes: Uint8Array, gunzip: Gunzip): Uint8Array {
  try {
    return gunzip(bytes, maxTarBytes);
  } catch (thrown) {
    throw chartInvalid(`the chart archive cannot be unpacked: ${messageOf(thrown)}`, undefined, thrown);
  }
}

function chartName(full: string): string {
  const delimiter = full.includes("\\") ? "\\" : "/";
  const [top = "", ...rest] = full.split(delimiter);
  const name = rest.join("/");
  if (name.startsWith("/")) throw chartInvalid("chart illegally contains absolute paths");
  const clean = cleanName(name);
  if (clean === ".") throw chartInvalid(`chart illegally contains content outside the base directory: ${quote(full)}`);
  if (clean.startsWith("..")) throw chartInvalid("chart illegally references parent directory");
  if (/^[a-zA-Z]:\//.test(clean)) throw chartInvalid("chart contains illegally named files");
  if (top === "Chart.yaml") throw chartInvalid("chart yaml not in base directory");
  return clean;
}

function cleanName(name: string): string {
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.length === 0 ? "." : parts.join("/");
}

interface TarEntry {
  name: string;
  data: Uint8Array;
}

/** Regular files and links (which are empty files here, as in Helm); folders and global headers are left out. */
function* tarEntries(tar: Uint8Array): Generator<TarEntry> {
  let longName: string | undefined;
  for (let at = 0; at + blockBytes <= tar.length;) {
    const header = tar.subarray(at, at + blockBytes);
    if (header.every((byte) => byte === 0)) return;
    const size = checkedSize(header, tar.length - at - blockBytes);
    const data = tar.subarray(at + blockBytes, at + blockBytes + size);
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "L") longName = cString(data);
    else if (type === "x") longName = paxPath(data) ?? longName;
    else if (type !== "g") {
      const name = longName ?? headerName(header);
      longName = undefined;
      if (type !== "5" && !name.endsWith("/")) yield { name, data };
    }
  }
}

function checkedSize(header: Uint8Array, available: number): number {
  let sum = 0;
  for (const [i, byte] of header.entries()) sum += i >= 148 && i < 156 ? 0x20 : byte;
  const size = octal(header.subarray(124, 136));
  if (sum !== octal(header.subarray(148, 156))) throw chartInvalid("archive/tar: invalid tar header");
  if (!(size >= 0 && size <= available)) throw chartInvalid("unexpected EOF");
  return size;
}

function octal(field: Uint8Array): number {
  if ((field[0] ?? 0) >= 0x80) {
    return field.subarray(1).reduce((n, byte) => n * 256 + byte, (field[0] ?? 0) & 0x7f);
  }
  const digits = cString(field).trim();
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeText(end < 0 ? bytes : bytes.subarray(0, end));
}

function headerName(header: Uint8Array): string {
  const name = cString(header.subarray(0, 100));
  const isUstar = decodeText(header.subarray(257, 262)) === "ustar";
  const prefix = isUstar ? cString(header.subarray(345, 500)) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function paxPath(data: Uint8Array): string | undefined {
  let path: string | undefined;
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(0x20, at);
    const length = Number.parseInt(decodeText(data.subarray(at, Math.max(space, at))), 10);
    if (!(length > 0) || space < 0) throw chartInvalid("archive/tar: invalid tar header");
    const record = decodeText(data.subarray(space + 1, at + length - 1));
    if (record.startsWith("path=")) path = record.slice("path=".length);
    at += length;
  }
  return path;
}
