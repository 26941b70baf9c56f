// Writes API.md of the rooms that are useful alone, from the doc comments of what their doors export:
// `node tools/api-reference.ts`.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const core = join(import.meta.dirname, "..", "core");

/** Rooms with a reference. */
export const documentedRooms: readonly string[] = ["kustomize", "template", "helm"];

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
function describe(folder: string, { name, file }: Exported): string {
  const source = readFileSync(join(folder, file), "utf8");
  const declaration = new RegExp(`^export (?:abstract )?(?:interface|type|function|class|const) ${name}\\b`, "m").exec(
    source,
  );
  if (!declaration) throw new RangeError(`${file} does not declare ${name}`);
  const before = source.slice(0, declaration.index);
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(before)?.[1] ?? "";
  const text = comment.replaceAll(/^\s*\* ?/gm, "").trim();
  return `### ${name}\n\n${text === "" ? "" : `${text}\n\n`}\`\`\`ts\n${signature(source.slice(declaration.index))}\n\`\`\`\n`;
}

function signature(rest: string): string {
  if (rest.startsWith("export function")) return `${(rest.split(/ \{\n/)[0] ?? "").trim()};`;
  if (rest.startsWith("export interface"))
    return rest.slice(0, /\n?\}/.exec(rest) ? rest.indexOf("}\n") + 1 : undefined);
  if (/^export (abstract )?class/.test(rest)) return publicMembers(rest.slice(0, rest.indexOf("\n}") + 2));
  const line = rest.slice(0, rest.indexOf("\n"));
  if (rest.startsWith("export const") && !line.endsWith(";")) return `${line.replace(/ = .*$/, "")};`;
  return rest.slice(0, rest.indexOf(";\n") + 1);
}

/** Fields and signatures of a class with their comments; bodies and private members are left out. */
function publicMembers(text: string): string {
  const [head = "", ...lines] = text.split("\n");
  const kept: string[] = [];
  let comment: string[] = [];
  for (const line of lines) {
    const isComment = /^ {2}(\/\*\*| \*)/.test(line);
    if (isComment) comment.push(line);
    else if (/^ {2}[a-zA-Z[]/.test(line) && !/^ {2}private /.test(line)) {
      kept.push(...comment, `${line.endsWith(" {") ? line.slice(0, -2) : line.replace(/( = .*)?;$/, "")};`);
    }
    if (!isComment) comment = [];
  }
  return [head, ...kept, "}"].join("\n");
}

/** The whole reference of a room of core, in the order of its door. */
export function apiReference(room: string): string {
  const folder = join(core, room);
  const parts = exportsOf(readFileSync(join(folder, "index.ts"), "utf8")).map((one) => describe(folder, one));
  return `# API of @plumbline/core/${room}\n\nMade from the doc comments by \`tools/api-reference.ts\`.\n\n${parts.join("\n")}`;
}

if (import.meta.main) {
  for (const room of documentedRooms) writeFileSync(join(core, room, "API.md"), apiReference(room));
}
