// File and folder names say what is inside.

import type { SourceFile, Violation } from "./source-file.ts";

const banned = new Set(
  "util utils helper helpers common misc shared lib base manager service types constants".split(" "),
);

/** Where a file is named after a Kubernetes kind, the kind is the best name, be it a word that is banned elsewhere. */
const namedAfterKinds = /\/kinds\/[^/]+$/;

/** Kebab-case, and none of the words that would fit any file. */
export function checkFileNames(files: readonly SourceFile[]): Violation[] {
  return files.flatMap(({ path }) => {
    const parts = path.split("/");
    const file = parts.pop() ?? "";
    const names = [...parts, file.split(".")[0] ?? ""];
    const wrong = names.find(
      (name) => (banned.has(name) && !namedAfterKinds.test(path)) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name),
    );
    if (wrong === undefined) return [];
    const why = banned.has(wrong) ? "says nothing about what is inside" : "is not kebab-case";
    return [{ path, message: `the name "${wrong}" ${why}: name it after the main thing it exports` }];
  });
}
