// Reads TOML as BurntSushi's parser does: what it takes, what it refuses, in its words.

import {
  callFailure,
  encodeText,
  GoMap,
  GoSlice,
  limitExceeded,
  quote,
  sliceOfMapsType,
  type Value,
} from "@plumbline/core/template";
import { TomlLexer } from "./toml-lexer.ts";
import { type Item, type ItemType, TomlError } from "./toml-scanner.ts";
import { tomlKey } from "./toml-quote.ts";
import { scalar, textOf } from "./toml-scalars.ts";

/** Tables inside tables and lists inside lists. */
const maxDepth = 1000;
/** Keys looked up, and characters of their names written: dotted keys are written whole at each of their parts. */
const maxWork = 20_000_000;

type Table = Map<string, Node>;
/** `[[name]]`: the last of them is what further keys go to. */
class TableArray {
  readonly tables: Table[] = [];
}
type Node = Table | TableArray | Node[] | Leaf;
/** A value without values inside. */
class Leaf {
  readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }
}

/**
 * A TOML document as Go's decoder makes it: int64, float64, times, maps. Throws `TemplateFailed` with BurntSushi's words
 * (`toml: line 1 (last key "a"): expected value but found "x" instead`), `LimitExceeded`.
 */
export function readToml(text: string): GoMap {
  const parser = new Parser(withoutMark(text));
  try {
    return mapOf(parser.document());
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    const key = parser.currentName();
    throw callFailure(`toml: line ${thrown.line}${key === "" ? "" : ` (last key ${quote(key)})`}: ${thrown.message}`);
  }
}

function withoutMark(text: string): string {
  const mark = /^(?:\udcff\udcfe|\udcfe\udcff|\ufeff)/.exec(text)?.[0] ?? "";
  const document = text.slice(mark.length);
  // A second byte of UTF-16 is mostly 0.
  if (!encodeText(document.slice(0, 6)).subarray(0, 6).includes(0)) return document;
  const what = "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8";
  throw callFailure(`toml: line 1: ${what}`);
}

const mapOf = (table: Table): GoMap => new GoMap(new Map(Array.from(table, ([key, node]) => [key, valueOf(node)])));

function valueOf(node: Node): Value {
  if (node instanceof Leaf) return node.value;
  if (node instanceof Map) return mapOf(node);
  if (node instanceof TableArray) return new GoSlice(node.tables.map(mapOf), sliceOfMapsType);
  return new GoSlice(node.map(valueOf));
}

class Parser {
  private readonly lexer: TomlLexer;
  private readonly mapping: Table = new Map();
  private context: readonly string[] = [];
  private currentKey = "";
  /** The line of the key or table name that is being read. */
  private line = 0;
  private work = 0;
  private depth = 0;
  private readonly implicit = new Set<string>();
  private readonly arrays = new Set<string>();

  constructor(text: string) {
    this.lexer = new TomlLexer(text);
  }

  document(): Table {
    for (let item = this.lexer.next(); item.type !== "EOF"; item = this.lexer.next()) this.topLevel(item);
    return this.mapping;
  }

  /** The key that an error is told with. */
  currentName(): string {
    if (this.currentKey === "") return this.nameOf(this.context);
    return this.context.length === 0 ? this.currentKey : `${this.nameOf(this.context)}.${this.currentKey}`;
  }

  private spend(steps: number): void {
    this.work += steps;
    if (this.work > maxWork) throw limitExceeded("the keys of a TOML document are too long and too many");
  }

  private nameOf(key: readonly string[]): string {
    const name = key.map(tomlKey).join(".");
    this.spend(name.length + key.length);
    return name;
  }

  private refuse(message: string): TomlError {
    return new TomlError(message, this.line);
  }

  private defined(key: readonly string[]): TomlError {
    return this.refuse(`Key '${this.nameOf(key)}' has already been defined.`);
  }

  private topLevel(item: Item): void {
    if (item.type === "CommentStart") {
      this.lexer.next();
    } else if (item.type === "TableStart") {
      this.addContext(this.key("TableEnd"), false);
      this.note(this.context, false);
    } else if (item.type === "ArrayTableStart") {
      this.addContext(this.key("ArrayTableEnd"), true);
      this.note(this.context, false);
    } else {
      const outer = this.context;
      this.assignment();
      this.context = outer;
      this.currentKey = "";
    }
  }

  /** The parts of a key, up to the item that ends it. */
  private key(end: ItemType): string[] {
    const key: string[] = [];
    let item = this.lexer.next();
    this.line = item.line;
    for (; item.type !== end; item = this.lexer.next()) {
      key.push(item.type === "Text" ? item.text : textOf(item));
      if (key.length > maxDepth) throw limitExceeded(`a TOML key has more than ${maxDepth} parts`);
    }
    return key;
  }

  /** `a.b = 1`; gives the parts of the key and the value. */
  private assignment(): [key: string[], value: Node] {
    const key = this.key("KeyEnd");
    this.currentKey = key.at(-1) ?? "";
    for (const part of key.slice(0, -1)) {
      const context = [...this.context, part];
      this.implicit.add(this.nameOf(context));
      this.addContext(context, false);
    }
    const value = this.value(this.lexer.next(), false);
    this.setValue(this.currentKey, value);
    this.note(this.currentKey === "" ? this.context : [...this.context, this.currentKey], Array.isArray(value));
    return [key, value];
  }

  private note(key: readonly string[], isArray: boolean): void {
    const name = key.length === 0 ? '""' : this.nameOf(key);
    if (isArray) this.arrays.add(name);
    else this.arrays.delete(name);
  }

  private value(item: Item, isInArray: boolean): Node {
    if (item.type === "Array" || item.type === "InlineTableStart") {
      if (++this.depth > maxDepth) throw limitExceeded(`a TOML document nests more than ${maxDepth} deep`);
      const node = item.type === "Array" ? this.array() : this.inlineTable(isInArray);
      this.depth--;
      return node;
    }
    return new Leaf(scalar(item));
  }

  private array(): Node[] {
    this.note(this.currentKey === "" ? this.context : [...this.context, this.currentKey], true);
    const items: Node[] = [];
    for (let item = this.lexer.next(); item.type !== "ArrayEnd"; item = this.lexer.next()) {
      if (item.type === "CommentStart") this.lexer.next();
      else items.push(this.value(item, true));
    }
    return items;
  }

  private inlineTable(isInArray: boolean): Table {
    const top: Table = new Map();
    const [outerContext, outerKey] = [this.context, this.currentKey];
    this.context = [...this.context, this.currentKey];
    const context = this.context;
    this.currentKey = "";
    this.implicit.add(this.nameOf(context));
    this.addContext(context, isInArray);
    const own = this.context;
    for (let item = this.lexer.next(); item.type !== "InlineTableEnd"; item = this.lexer.next()) {
      if (item.type === "CommentStart") {
        this.lexer.next();
        continue;
      }
      const [key, value] = this.assignment();
      let table = top;
      for (const part of key.slice(0, -1)) {
        const inner = table.get(part) ?? new Map<string, Node>();
        table.set(part, inner);
        if (!(inner instanceof Map)) throw this.refuse(`${quote(this.nameOf(this.context))} is not a table`);
        table = inner;
      }
      table.set(this.currentKey, value);
      this.context = own;
    }
    this.context = outerContext;
    this.currentKey = outerKey;
    return top;
  }

  /** Goes to a table, and makes what is missing on the way. */
  private addContext(key: readonly string[], isArray: boolean): void {
    this.spend(key.length);
    let table = this.mapping;
    const parents = key.slice(0, -1);
    for (const [i, part] of parents.entries()) {
      let node = table.get(part);
      if (node === undefined) {
        this.implicit.add(this.nameOf(parents.slice(0, i + 1)));
        node = new Map<string, Node>();
        table.set(part, node);
      }
      const inner = tableIn(node);
      if (!inner) {
        throw this.refuse(`Key '${this.nameOf(parents.slice(0, i + 1))}' was already created as a hash.`);
      }
      table = inner;
    }
    this.context = parents;
    const last = key.at(-1) ?? "";
    if (isArray) {
      const node = table.get(last) ?? new TableArray();
      if (!(node instanceof TableArray)) {
        throw this.refuse(`Key '${this.nameOf(key)}' was already created and cannot be used as an array.`);
      }
      table.set(last, node);
      node.tables.push(new Map());
    } else this.setValue(last, new Map());
    this.context = key;
  }

  /** Sets a key of the current context; only what was made on the way to something else may be set again. */
  private setValue(key: string, value: Node): void {
    this.spend(this.context.length + 1);
    let table = this.mapping;
    for (const [i, part] of this.context.entries()) {
      const node = table.get(part);
      const path = this.context.slice(0, i + 1);
      if (node === undefined) {
        throw callFailure(`BUG: Context for key '${this.nameOf(path)}' has not been established.\n\n`);
      }
      const inner = tableIn(node);
      if (!inner) throw this.defined(path);
      table = inner;
    }
    if (!table.has(key)) {
      table.set(key, value);
      return;
    }
    const path = [...this.context, key];
    const name = this.nameOf(path);
    if (!this.implicit.has(name)) throw this.defined(path);
    this.implicit.delete(name);
    if (this.arrays.has(name)) table.set(key, value);
  }
}

function tableIn(node: Node): Table | undefined {
  if (node instanceof Map) return node;
  return node instanceof TableArray ? node.tables.at(-1) : undefined;
}
