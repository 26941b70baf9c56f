// The tokens of a YAML text.

import type { Mark } from "./cursor.ts";
import type { NodeStyle } from "./node.ts";
import type { Directive } from "./scan-properties.ts";

export const STREAM_END = 1;
export const DIRECTIVE = 2;
export const DOCUMENT_START = 3;
export const DOCUMENT_END = 4;
export const SEQUENCE_START = 5;
export const MAPPING_START = 6;
export const BLOCK_END = 7;
export const FLOW_SEQUENCE_START = 8;
export const FLOW_SEQUENCE_END = 9;
export const FLOW_MAPPING_START = 10;
export const FLOW_MAPPING_END = 11;
export const ENTRY = 12;
export const FLOW_ENTRY = 13;
export const KEY = 14;
export const VALUE = 15;
export const ALIAS = 16;
export const ANCHOR = 17;
export const TAG = 18;
export const SCALAR = 19;

export class Token implements Mark {
  readonly type: number;
  /** Where it starts; lines and columns count from 0. */
  readonly pos: number;
  readonly line: number;
  readonly column: number;
  /** Width of an indicator, 0 for what is only implied. */
  width = 0;
  /** Offset after the last character (scalars only). */
  end = 0;
  /** Text of a scalar, name of an anchor or alias, handle of a tag. */
  value = "";
  suffix = "";
  style: NodeStyle = "";
  directive: Directive | undefined = undefined;
  /** A `:` may follow that makes this the start of a key; cleared when that is decided. */
  mayBeKey = false;
  /** It stands where only a key can stand. */
  mustBeKey = false;
  /** Its place among all tokens, for inserting the key indicator before it. */
  number = 0;
  /**
   * The flow level whose possible key must be decided before this token is given out, -1 for none. libyaml forgets it
   * for brackets without keys inside, and may look at a later key of that level.
   */
  keyLevel = -1;

  constructor(type: number, mark: Mark) {
    this.type = type;
    this.pos = mark.pos;
    this.line = mark.line;
    this.column = mark.column;
  }
}
