// Imports go inward only, through doors, and only to packages that are declared.

import { posix } from "node:path";
import { type Import, type SourceFile, type Violation, importsOf, isTest } from "./source-file.ts";
import { type Room, coreRooms, isAllowed, roomOf } from "./rooms.ts";

/** The dependencies that each package folder declares, by name. */
export type Declared = Record<string, readonly string[]>;

/** Tests may use every room; they too go through doors. */
export function checkImportDirection(files: readonly SourceFile[], declared: Declared): Violation[] {
  return files.flatMap((file) => [
    ...checkRoomIsKnown(file),
    ...importsOf(file).flatMap((one) => {
      const message = wrongWith(file.path, one, declared);
      return message === undefined ? [] : [{ path: file.path, line: one.line, message }];
    }),
  ]);
}

function checkRoomIsKnown(file: SourceFile): Violation[] {
  const room = roomOf(file.path);
  if (room.package !== "core" || Object.hasOwn(coreRooms, room.name.slice("core/".length))) return [];
  const message = `${room.name} is not in the table of tools/checks/rooms.ts: add it with the fewest arrows that do`;
  return [{ path: file.path, message }];
}

function wrongWith(path: string, { specifier }: Import, declared: Declared): string | undefined {
  const from = roomOf(path);
  if (specifier.startsWith(".")) return wrongWithRelative(path, from, specifier);
  if (specifier.startsWith("@plumbline/")) {
    const to = roomOfDoor(specifier);
    if (to.name === from.name && !isTest(path)) return undefined;
    return isTest(path) || isAllowed(from, to) ? undefined : arrow(from, to);
  }
  if (specifier.startsWith("node:")) return undefined;
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const isForDevelopment = isTest(path) || ["tools", "conformance", "bench"].includes(from.package);
  const known = [...(declared[from.package] ?? []), ...(isForDevelopment ? (declared[""] ?? []) : [])];
  return known.includes(name) ? undefined : `${name} is not among the dependencies of ${from.package}/package.json`;
}

function wrongWithRelative(path: string, from: Room, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  const to = roomOf(target);
  if (to.name !== from.name && !hasNoDoor(path, from, to))
    return `leaves the room: import ${to.name} through its door, @plumbline/${to.name}`;
  return /\.(ts|tsx|json)$/.test(specifier) ? undefined : `write the file's ending: "${specifier}.ts"`;
}

/** Oracles are no workspace package, and applications have no exports: who may use them names the file. */
function hasNoDoor(path: string, from: Room, to: Room): boolean {
  if (to.package === "conformance") return isTest(path) || ["conformance", "bench"].includes(from.package);
  return to.package.startsWith("apps/") && (from.package === "conformance" || from.package === "bench");
}

function roomOfDoor(specifier: string): Room {
  const path = specifier.slice("@plumbline/".length);
  return roomOf(path.startsWith("cli") ? `apps/${path}` : path);
}

function arrow(from: Room, to: Room): string {
  return `${from.name} may not use ${to.name}: take it as a function, or see the table in tools/checks/rooms.ts`;
}
