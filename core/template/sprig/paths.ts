// sprig's paths (Go's path package; the os functions are those of Unix) and encodings.

import { decodeText, encodeText } from "../bytes.ts";
import { define, defineWithContext } from "../define.ts";
import type { Callable } from "../value.ts";
import { adler32, decodeBase32, decodeBase64, encodeBase32, encodeBase64 } from "./encodings.ts";

const pairs: [string, (path: string) => string | boolean][] = [
  ["base", basePath],
  ["dir", dirPath],
  ["clean", cleanPath],
  ["ext", extension],
  ["isAbs", (path) => path.startsWith("/")],
];

const osName = (name: string): string => `os${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`;

/** A function that works on each byte by itself. */
const slow = (body: (text: string) => string): Callable =>
  defineWithContext(["string"], "string", (context, text) => {
    context.spend(text.length >> 1);
    return body(text);
  });

export const pathFunctions: [string, Callable][] = [
  ...pairs.flatMap(([name, body]): [string, Callable][] => {
    const callable = define(["string"], name === "isAbs" ? "bool" : "string", body);
    return [
      [name, callable],
      [osName(name), callable],
    ];
  }),
  ["b64enc", define(["string"], "string", (s) => encodeBase64(encodeText(s)))],
  ["b64dec", define(["string"], "string", (s) => decodedOrError(decodeBase64(s)))],
  ["b32enc", slow((s) => encodeBase32(encodeText(s)))],
  ["b32dec", slow((s) => decodedOrError(decodeBase32(s)))],
  ["adler32sum", slow((s) => String(adler32(encodeText(s))))],
];

const decodedOrError = (decoded: Uint8Array | string): string =>
  typeof decoded === "string" ? decoded : decodeText(decoded);

/** `path.Clean`. */
export function cleanPath(path: string): string {
  if (path === "") return ".";
  const isRooted = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".." || !isRooted) parts.push(part);
  }
  const joined = (isRooted ? "/" : "") + parts.join("/");
  return joined === "" ? "." : joined;
}

/** `path.Base`. */
export function basePath(path: string): string {
  if (path === "") return ".";
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end--;
  const stripped = path.slice(0, end);
  return stripped === "" ? "/" : stripped.slice(stripped.lastIndexOf("/") + 1);
}

function dirPath(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf("/") + 1));
}

function extension(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot);
}
