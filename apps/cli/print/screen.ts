// What the terminal can show: colours, signs beyond ASCII, width.

import { styleText } from "node:util";

export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** Gives the text back as it is without colours. */
export function paintWith(colours: boolean): Paint {
  return (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text);
}

type Env = Readonly<Record<string, string | undefined>>;

/** Only on a terminal, and not where `NO_COLOR` is set (https://no-color.org: to anything but the empty string). */
export function useColours(stream: { isTTY?: boolean } = process.stdout, env: Env = process.env): boolean {
  return stream.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

/** As the locale says, in the order in which POSIX reads it; without one there is nothing but ASCII. */
export function useUnicode(env: Env = process.env): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((value) => value !== undefined && value !== "");
  return /utf-?8/i.test(locale ?? "");
}

/** Columns; 80 where nobody knows. */
export function screenWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : 80;
}
