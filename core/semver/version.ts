// Versions as Masterminds/semver v3 reads and orders them (Flux, Helm and sprig all use it).

/** What is wrong with a text, in Masterminds' words. */
export interface Refused {
  readonly error: string;
}

/** Numbers are unsigned 64-bit. */
export interface Version {
  /** As it was written. */
  readonly original: string;
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** Without the hyphen; empty for a release. */
  readonly prerelease: string;
  /** Build metadata without the plus; does not count in comparisons. */
  readonly metadata: string;
}

const MAX_VERSION_LENGTH = 256;
/** The largest number that a version may hold. */
export const MAX_UINT64 = 2n ** 64n - 1n;
const looseVersion =
  /^v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/** `semver.NewVersion`: a leading `v`, missing minor or patch and leading zeros in the three numbers are accepted. */
export function parseVersion(text: string): Version | Refused {
  if (text.length > MAX_VERSION_LENGTH) {
    return { error: `version string is too long (max ${MAX_VERSION_LENGTH} bytes)` };
  }
  const match = looseVersion.exec(text);
  if (!match) return { error: "invalid semantic version" };
  const [, major = "0", minor = ".0", patch = ".0", , prerelease = "", , metadata = ""] = match;
  const digits = [major, minor.slice(1), patch.slice(1)] as const;
  const tooLarge = digits.find((part) => BigInt(part) > MAX_UINT64);
  if (tooLarge !== undefined) {
    const why = `strconv.ParseUint: parsing "${tooLarge}": value out of range`;
    return { error: `error parsing version segment: ${why}` };
  }
  if (prerelease.split(".").some((part) => /^0[0-9]+$/.test(part))) {
    return { error: "version segment starts with 0" };
  }
  const numbers = { major: BigInt(digits[0]), minor: BigInt(digits[1]), patch: BigInt(digits[2]) };
  return { original: text, ...numbers, prerelease, metadata };
}

/** The normal form: three numbers, prerelease and metadata. */
export function formatVersion({ major, minor, patch, prerelease, metadata }: Version): string {
  return `${major}.${minor}.${patch}${prerelease && `-${prerelease}`}${metadata && `+${metadata}`}`;
}

/** -1, 0 or 1; build metadata is ignored. */
export function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  return (
    compareNumbers(a.major, b.major) ||
    compareNumbers(a.minor, b.minor) ||
    compareNumbers(a.patch, b.patch) ||
    comparePrereleases(a.prerelease, b.prerelease)
  );
}

function compareNumbers(a: bigint, b: bigint): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A release is newer than any prerelease of it; parts compare as numbers when both are, else as bytes. */
export function comparePrereleases(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  if (a === "") return 1;
  if (b === "") return -1;
  const left = a.split(".");
  const right = b.split(".");
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = comparePart(left[i] ?? "", right[i] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  if (a === "") return -1;
  if (b === "") return 1;
  const left = parseUint64(a);
  const right = parseUint64(b);
  if (left === undefined && right === undefined) return a > b ? 1 : -1;
  if (right === undefined) return -1;
  if (left === undefined) return 1;
  return left > right ? 1 : -1;
}

function parseUint64(text: string): bigint | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text);
  return value > MAX_UINT64 ? undefined : value;
}
