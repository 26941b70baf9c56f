// The limits of the kustomize engine, in one place.

/** YAML nodes of one file. */
export const MAX_RESOURCE_NODES = 2_000_000;

/** YAML nodes of one file that come out of aliases and merge keys: the bound against alias bombs. */
export const MAX_ALIAS_NODES = 250_000;

/** Largest file that is read, in bytes. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Nesting of bases, components and remote roots. */
export const MAX_BASE_DEPTH = 64;

/** Kustomizations entered in one build: the bound against bases that multiply (a names b twice, b names c twice, …). */
export const MAX_KUSTOMIZATIONS = 20_000;

/** Resources of one build. */
export const MAX_RESOURCES = 200_000;

/** Symbolic links followed for one path. */
export const MAX_LINKS = 40;

/** Longest regular expression in a selector. */
export const MAX_PATTERN_LENGTH = 10_000;

/** Values that the `copy` operations of one JSON patch may make in one object. */
export const MAX_COPIED_VALUES = 500_000;

/** Parsed files that a build cache keeps. */
export const MAX_CACHED_FILES = 20_000;

/** Bases, and results, that a build cache keeps. */
export const MAX_CACHED_BUILDS = 5_000;
