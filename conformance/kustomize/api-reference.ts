// Writes core/kustomize/API.md from the doc comments of what the door exports: `node conformance/kustomize/api-reference.ts`.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const room = join(import.meta.dirname, "..", "..", "core", "kustomize");

interface Exported {
  name: string;
  file: string;
}

function exportsOf(index: string): Exported[] {
  return [...index.matchAll(/export \{([^}]*)\} from "\.\/([^"]+)";/g)].flatMap(([, names = "", file = ""]) =>
    names
      .split(",")
      .map((name) => name.trim().replace(/^type /, ""))
      .filter((name) => name !== "")
      .map((name) => ({ name, file })),
  );
}

/** The comment as text, and the declaration without its body. */
function describe({ name, file }: Exported): string {
  const source = readFileSync(join(room, file), "utf8");
  const declaration = new RegExp(`^export (?:interface|type|function|class|const) ${name}\\b`, "m").exec(source);
  if (!declaration) throw new RangeError(`${file} does not declare ${name}`);
  const before = source.slice(0, declaration.index);
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(before)?.[1] ?? "";
  const text = comment.replaceAll(/^\s*\* ?/gm, "").trim();
  return `### ${name}\n\n${text === "" ? "" : `${text}\n\n`}\`\`\`ts\n${signature(source.slice(declaration.index))}\n\`\`\`\n`;
}

function signature(rest: string): string {
  if (rest.startsWith("export function")) return `${(rest.split(/ \{\n/)[0] ?? "").trim()};`;
  if (rest.startsWith("export interface")) return rest.slice(0, rest.indexOf("\n}") + 2);
  const end = rest.indexOf(";\n");
  return rest.slice(0, end + 1);
}

/** The whole reference, in the order of the door. */
export function apiReference(): string {
  const index = readFileSync(join(room, "index.ts"), "utf8");
  const parts = exportsOf(index).map(describe);
  return `# API of @plumbline/core/kustomize\n\nMade from the doc comments by \`conformance/kustomize/api-reference.ts\`.\n\n${parts.join("\n")}`;
}

if (import.meta.main) writeFileSync(join(room, "API.md"), apiReference());
