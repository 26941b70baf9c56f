// `--show-only`: the printed manifests that came from some files.

import { chartInvalid } from "./failure.ts";
import { splitManifests } from "./manifests.ts";
import { compilePattern } from "./path-match.ts";

/** Keeps the manifests of the files that the patterns fit, pattern by pattern. */
export function onlyShown(text: string, patterns: readonly string[]): string {
  const manifests = splitManifests(text);
  const shown = patterns.flatMap((pattern) => {
    const matches = compilePattern(pattern);
    const found = manifests.filter((manifest) => matches.test(/# Source: [^/\n]+\/(.+)/.exec(manifest)?.[1] ?? ""));
    if (found.length === 0) throw chartInvalid(`could not find template ${pattern} in chart`);
    return found;
  });
  return shown.map((manifest) => `---\n${manifest}\n`).join("");
}
