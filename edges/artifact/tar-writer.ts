// Tar records as Go's archive/tar writes them for plain files: USTAR, and a PAX record where USTAR cannot hold it.

export interface TarEntry {
  /** Relative, `/` between parts, no trailing slash even for directories. */
  name: string;
  kind: "file" | "directory";
  /** Permission bits. */
  mode: number;
  /** Bytes that follow the header. */
  size: number;
}

const BLOCK = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** The largest number that fits the octal size field. */
const MAX_USTAR_SIZE = 8 ** 11 - 1;

/** The header of an entry, with the PAX header before it when the name is long, not ASCII, or the file is huge. */
export function tarHeader(entry: TarEntry): Buffer {
  const split = splitName(entry.name);
  const records: [string, string][] = [];
  if (!split) records.push(["path", entry.name]);
  if (entry.size > MAX_USTAR_SIZE) records.push(["size", String(entry.size)]);
  if (split && records.length === 0) return header({ ...entry, ...split, type: typeOf(entry) });
  const name = toAscii(entry.name).slice(0, NAME_BYTES);
  return Buffer.concat([paxHeader(entry.name, records), header({ ...entry, name, prefix: "", type: typeOf(entry) })]);
}

/** The zeros that fill a file's last block. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** The two empty blocks at the end of an archive. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK);
}

function typeOf(entry: TarEntry): string {
  return entry.kind === "directory" ? "5" : "0";
}

/** Name and prefix as USTAR wants them, cut at a slash; undefined when they do not fit. */
function splitName(name: string): { name: string; prefix: string } | undefined {
  if (toAscii(name) !== name) return undefined;
  if (name.length <= NAME_BYTES) return { name, prefix: "" };
  const limit = Math.min(name.length, PREFIX_BYTES + 1);
  const slash = name.lastIndexOf("/", limit - 1);
  const rest = name.length - slash - 1;
  if (slash <= 0 || rest > NAME_BYTES || rest === 0 || slash > PREFIX_BYTES) return undefined;
  return { name: name.slice(slash + 1), prefix: name.slice(0, slash) };
}

/** What is left when everything but ASCII (and NUL) is dropped. */
function toAscii(text: string): string {
  // oxlint-disable-next-line no-control-regex -- the range of ASCII without NUL
  return text.replace(/[^\x01-\x7f]/g, "");
}

/** A PAX extended header (POSIX.1-2001) in a directory `PaxHeaders.0` beside the file. */
function paxHeader(name: string, records: readonly [string, string][]): Buffer {
  const body = Buffer.from(
    records
      .map(([key, value]) => paxRecord(key, value))
      .sort()
      .join(""),
  );
  const slash = name.lastIndexOf("/");
  const directory = slash < 0 ? "" : name.slice(0, slash + 1);
  const paxName = toAscii(`${directory}PaxHeaders.0/${name.slice(slash + 1)}`).slice(0, NAME_BYTES);
  const fields = {
    name: paxName.replace(/\/+$/, ""),
    prefix: "",
    mode: 0,
    size: body.length,
    type: "x",
    kind: "file" as const,
  };
  return Buffer.concat([header(fields), body, tarPadding(body.length)]);
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

interface HeaderFields {
  name: string;
  prefix: string;
  mode: number;
  size: number;
  type: string;
}

function header(fields: HeaderFields): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(fields.name, 0, NAME_BYTES, "latin1");
  const octal = (at: number, width: number, value: number): void =>
    void block.write(`${value.toString(8).padStart(width - 1, "0")}\0`, at, "latin1");
  octal(100, 8, fields.mode);
  octal(108, 8, 0);
  octal(116, 8, 0);
  octal(124, 12, fields.size > MAX_USTAR_SIZE ? 0 : fields.size);
  octal(136, 12, 0);
  block.write(fields.type, 156, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  if (fields.type !== "x") {
    octal(329, 8, 0);
    octal(337, 8, 0);
  }
  block.write(fields.prefix, 345, PREFIX_BYTES, "latin1");
  writeChecksum(block);
  return block;
}

function writeChecksum(block: Buffer): void {
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}
