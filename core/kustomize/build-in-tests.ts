// For tests: a build of files in memory. Not part of the door.

import { memoryTree } from "@plumbline/core/model";
import { build, type BuildOptions, type BuildResult } from "./build.ts";

/** A stand-in digest, good enough where the hash itself is not looked at. */
export function weakDigest(text: string): string {
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (const char of text) hash = BigInt.asUintN(64, (hash ^ BigInt(char.codePointAt(0) ?? 0)) * 0x100_0000_01b3n);
  return hash.toString(16).padStart(16, "0").repeat(4);
}

export function buildFiles(
  files: Record<string, string | Uint8Array>,
  path = "",
  options: Partial<BuildOptions> = {},
): BuildResult {
  return build(memoryTree(files), path, { sha256: weakDigest, ...options });
}
