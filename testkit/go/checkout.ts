// Where this checkout and its machine-wide cache are.

import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The root folder of the checkout, absolute. */
export const checkout: string = resolve(import.meta.dirname, "../..");

/** `$PLUMBLINE_CACHE`, else `$XDG_CACHE_HOME/plumbline`, else `~/.cache/plumbline`. */
export function cacheDirectory(): string {
  const xdg = process.env["XDG_CACHE_HOME"];
  return process.env["PLUMBLINE_CACHE"] ?? (xdg ? join(xdg, "plumbline") : join(homedir(), ".cache", "plumbline"));
}
