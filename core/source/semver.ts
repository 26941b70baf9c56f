// Semantic versions as Masterminds/semver v3 reads and orders them (Flux, Helm and sprig all use it).

/** `text` is what was parsed, unchanged. Numbers are unsigned 64-bit. */
export interface Version {
  readonly text: string;
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** Without the hyphen; empty for a release. */
  readonly prerelease: string;
  /** Build metadata without the plus; does not count in comparisons. */
  readonly metadata: string;
}

const MAX_VERSION_LENGTH = 256;
const MAX_UINT64 = 2n ** 64n - 1n;
const looseVersion =
  /^v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/**
 * Reads a version leniently: a leading `v`, missing minor or patch and leading zeros in the three numbers are accepted.
 * Undefined when it is none.
 */
export function parseVersion(text: string): Version | undefined {
  if (text.length > MAX_VERSION_LENGTH) return undefined;
  const match = looseVersion.exec(text);
  if (!match) return undefined;
  const [major, minor, patch] = [match[1], match[2]?.slice(1), match[3]?.slice(1)].map((digits) =>
    digits === undefined ? 0n : BigInt(digits),
  ) as [bigint, bigint, bigint]; // three in, three out
  if (major > MAX_UINT64 || minor > MAX_UINT64 || patch > MAX_UINT64) return undefined;
  const prerelease = match[5] ?? "";
  if (prerelease.split(".").some((part) => /^0[0-9]+$/.test(part))) return undefined;
  return { text, major, minor, patch, prerelease, metadata: match[7] ?? "" };
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
