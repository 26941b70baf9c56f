// The limits of substitution, in one place.

/** Longest text of one object after substitution. */
export const MAX_OUTPUT_LENGTH = 16 * 1024 * 1024;

/** Longest value that `#`, `##`, `%` and `%%` trim: their work grows with the square of it. */
export const MAX_TRIMMED_LENGTH = 8 * 1024;

/** Deepest nesting of `${a:-${b:-...}}`. */
export const MAX_NESTING = 100;
