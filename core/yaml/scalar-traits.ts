// One pass over a string: which YAML scalar styles can carry it.

/** Bits of `scalarTraits`; each names a property that forbids styles. */
export const BLOCK_INDICATOR = 1;
export const FLOW_INDICATOR = 2;
export const LINE_BREAK = 4;
/** Not printable by libyaml's table: only double quotes can carry it. */
export const SPECIAL = 8;
export const LEADING_SPACE = 16;
export const LEADING_BREAK = 32;
export const TRAILING_SPACE = 64;
export const TRAILING_BREAK = 128;
export const BREAK_SPACE = 256;
export const SPACE_BREAK = 512;
export const SPACE = 1024;
export const NOT_ASCII = 2048;
/** A tab: special to go-yaml v2; yaml.v3 allows it in blocks. */
export const TAB = 4096;

// Classes of ASCII characters.
const PLAIN = 0;
const BLANK = 1;
const NEWLINE = 2;
const CONTROL = 3;
const FLOW_MARK = 4; // , ? [ ] { }
const COLON = 5;
const HASH = 6;
const START_MARK = 7; // indicators that matter at the start only
const DASH = 8;
const TABULATOR = 9;

const classes = new Uint8Array(128);
for (let code = 0; code < 0x20; code++) classes[code] = CONTROL;
classes[0x7f] = CONTROL;
classes[0x20] = BLANK;
classes[0x09] = TABULATOR;
classes[0x0a] = NEWLINE;
for (const char of ",?[]{}") classes[char.charCodeAt(0)] = FLOW_MARK;
for (const char of "&*!|>'\"%@`") classes[char.charCodeAt(0)] = START_MARK;
classes[0x3a] = COLON;
classes[0x23] = HASH;
classes[0x2d] = DASH;

/** libyaml's `is_printable` outside ASCII: no C1 controls, no BOM, nothing above U+FFFF. */
function isPrintableWide(code: number): boolean {
  return (code >= 0xa0 && code < 0xd800) || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff);
}

function isWideBreak(code: number): boolean {
  return code === 0x85 || code === 0x2028 || code === 0x2029;
}

/** True at the end of the text and before a space, tab or line break. */
function blankAfter(text: string, i: number): boolean {
  const code = text.charCodeAt(i + 1);
  return i + 1 >= text.length || code === 0x20 || code === 0x09;
}

function startIndicators(text: string): number {
  const code = text.charCodeAt(0);
  const kind = code < 128 ? classes[code] : PLAIN;
  const markers = text.startsWith("---") || text.startsWith("...") ? BLOCK_INDICATOR | FLOW_INDICATOR : 0;
  if (kind === START_MARK || kind === HASH) return BLOCK_INDICATOR | FLOW_INDICATOR;
  if (code === 0x3f || kind === COLON) return markers | FLOW_INDICATOR | (blankAfter(text, 0) ? BLOCK_INDICATOR : 0);
  if (kind === FLOW_MARK) return BLOCK_INDICATOR | FLOW_INDICATOR;
  if (kind === DASH && blankAfter(text, 0)) return BLOCK_INDICATOR | FLOW_INDICATOR;
  return markers;
}

/** The properties of a non-empty text, as libyaml's emitter analyses it. */
export function scalarTraits(text: string): number {
  let traits = startIndicators(text);
  const last = text.length - 1;
  let previous = PLAIN;
  for (let i = 0; i <= last; i++) {
    const code = text.charCodeAt(i);
    const kind = code < 128 ? (classes[code] as number) : wideClass(code);
    if (code >= 128) traits |= NOT_ASCII;
    if (kind === PLAIN || kind === DASH || kind === START_MARK) {
      previous = PLAIN;
      continue;
    }
    traits |= traitOf(text, i, kind);
    if (kind === BLANK) {
      traits |= SPACE | (i === 0 ? LEADING_SPACE : 0) | (i === last ? TRAILING_SPACE : 0);
      if (previous === NEWLINE) traits |= BREAK_SPACE;
      previous = BLANK;
    } else if (kind === NEWLINE || isBreakCode(code)) {
      traits |= LINE_BREAK | (i === 0 ? LEADING_BREAK : 0) | (i === last ? TRAILING_BREAK : 0);
      if (previous === BLANK) traits |= SPACE_BREAK;
      previous = NEWLINE;
    } else {
      previous = PLAIN;
    }
  }
  return traits;
}

function isBreakCode(code: number): boolean {
  return code === 0x0d || isWideBreak(code);
}

function wideClass(code: number): number {
  if (code === 0x2028 || code === 0x2029) return NEWLINE;
  return isPrintableWide(code) ? PLAIN : CONTROL;
}

function traitOf(text: string, i: number, kind: number): number {
  if (kind === CONTROL) return SPECIAL;
  if (kind === TABULATOR) return TAB;
  if (i === 0) return 0;
  if (kind === FLOW_MARK) return FLOW_INDICATOR;
  if (kind === COLON) return FLOW_INDICATOR | (blankAfter(text, i) ? BLOCK_INDICATOR : 0);
  if (kind === HASH && isBlankOrBreak(text.charCodeAt(i - 1))) return FLOW_INDICATOR | BLOCK_INDICATOR;
  return 0;
}

function isBlankOrBreak(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0 || isBreakCode(code);
}
