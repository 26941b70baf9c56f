// What each door exports, listed in tools/surface.txt so that a change shows in review.

import type { SourceFile, Violation } from "./source-file.ts";

const listFile = "tools/surface.txt";

/** The text of tools/surface.txt: one line per name, `@plumbline/core/yaml parseYaml` or `... type:YamlNode`, sorted. */
export function publicSurface(files: readonly SourceFile[]): string {
  const doors = files.filter(({ path }) =>
    /^(core|engine|edges|dialects|sandbox|testkit)\/(.*\/)?index\.ts$/.test(path),
  );
  const lines = doors.flatMap((door) => {
    const name = `@plumbline/${door.path.replace(/\/?index\.ts$/, "")}`;
    return exportedNames(door.text).map((exported) => `${name} ${exported}`);
  });
  return lines
    .sort()
    .map((line) => `${line}\n`)
    .join("");
}

/** Compares with the checked-in list; the message names what came and what went. */
export function checkPublicSurface(files: readonly SourceFile[], listed: string): Violation[] {
  const now = parse(publicSurface(files));
  const before = parse(listed);
  return [...new Set([...now.keys(), ...before.keys()])].sort().flatMap((door) => {
    const came = [...(now.get(door) ?? [])].filter((name) => !before.get(door)?.has(name));
    const went = [...(before.get(door) ?? [])].filter((name) => !now.get(door)?.has(name));
    if (came.length + went.length === 0) return [];
    const change = [...came.map((name) => `+${name}`), ...went.map((name) => `-${name}`)].join(" ");
    return [{ path: listFile, message: `${door} changed: ${change}; if that is meant, run node tools/ok.ts --write` }];
  });
}

function exportedNames(text: string): string[] {
  const names: string[] = [];
  for (const match of text.matchAll(/^export\s+(type\s+)?\{([^}]*)\}/gm)) {
    for (const item of (match[2] ?? "").split(",")) {
      const clean = item.replace(/\/\/.*$/gm, "").trim();
      if (clean === "") continue;
      const isType = match[1] !== undefined || clean.startsWith("type ");
      const name =
        clean
          .replace(/^type\s+/, "")
          .split(/\s+as\s+/)
          .at(-1) ?? "";
      names.push(isType ? `type:${name}` : name);
    }
  }
  const declaration =
    /^export\s+(?:declare\s+)?(?:abstract\s+)?(async function\*?|function\*?|class|const|let|interface|type)\s+(\w+)/gm;
  for (const match of text.matchAll(declaration)) {
    names.push(/interface|type/.test(match[1] ?? "") ? `type:${match[2]}` : (match[2] ?? ""));
  }
  return names.sort();
}

function parse(text: string): Map<string, Set<string>> {
  const doors = new Map<string, Set<string>>();
  for (const line of text.split("\n")) {
    const [door = "", name] = line.split(" ");
    if (name !== undefined) doors.set(door, (doors.get(door) ?? new Set()).add(name));
  }
  return doors;
}
