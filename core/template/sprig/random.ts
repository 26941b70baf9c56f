// sprig's random functions, over a given source of random bytes.

import { fromRune, runes } from "../bytes.ts";
import { callFailure, define, defineWithContext } from "../define.ts";
import { type Callable, type CallContext, int } from "../value.ts";
import { encodeBase64 } from "./encodings.ts";

/** `count` random bytes. */
export type RandomBytes = (count: number) => Uint8Array;

const digits = "0123456789";
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");

/** A number is drawn for each character. */
const stepsPerDraw = 20;

/** A whole number below `limit` (at most 2^48), every one as likely as the others. */
export function randomBelow(random: RandomBytes, limit: number): number {
  const size = 2 ** 48;
  const fair = size - (size % limit);
  for (;;) {
    const number = random(6).reduce((n, byte) => n * 256 + byte, 0);
    if (number < fair) return number % limit;
  }
}

function pick(random: RandomBytes, alphabet: string): Callable {
  return defineWithContext(["int"], "string", (context: CallContext, count) => {
    if (count <= 0) return "";
    context.reserve(count);
    context.spend(count * stepsPerDraw);
    let text = "";
    for (let i = 0; i < count; i++) text += alphabet[randomBelow(random, alphabet.length)] ?? "";
    return text;
  });
}

function shuffle(random: RandomBytes, text: string): string {
  const all = runes(text);
  for (let i = all.length - 1; i > 0; i--) {
    const j = randomBelow(random, i + 1);
    [all[i], all[j]] = [all[j] ?? 0, all[i] ?? 0];
  }
  return all.map(fromRune).join("");
}

/** A version 4 UUID. */
function uuid(random: RandomBytes): string {
  const bytes = Uint8Array.from(random(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export function randomFunctions(random: RandomBytes): [string, Callable][] {
  return [
    ["randAlphaNum", pick(random, letters + digits)],
    ["randAlpha", pick(random, letters)],
    ["randNumeric", pick(random, digits)],
    ["randAscii", pick(random, printable)],
    [
      "randBytes",
      defineWithContext(["int"], "string", (context, count) => {
        if (count < 0) throw callFailure("runtime error: makeslice: len out of range");
        context.reserve(count * 2);
        return encodeBase64(random(count));
      }),
    ],
    [
      "randInt",
      define(["int", "int"], "int", (least, limit) => {
        if (limit <= least) throw callFailure("invalid argument to Intn");
        return int(least + randomBelow(random, limit - least));
      }),
    ],
    [
      "shuffle",
      defineWithContext(["string"], "string", (context, text) => {
        context.spend(text.length * 2 * stepsPerDraw);
        return shuffle(random, text);
      }),
    ],
    ["uuidv4", define([], "string", () => uuid(random))],
  ];
}
