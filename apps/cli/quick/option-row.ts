// One table per command says its options: commander's help and checks are made from it, and the quick reading of plain use.

/** One option of a command. */
export interface OptionRow {
  /** Without dashes; `no-hooks` sets `hooks` to false. */
  name: string;
  short?: string;
  /** How help shows the value; a switch has none. */
  value?: string;
  /** `each` adds every value to a list, `commas` splits each at commas first. */
  repeat?: "each" | "commas";
  choices?: readonly string[];
  default?: string;
  text: string;
  hidden?: boolean;
}

/** Values by commander's names: `--load-restrictor` is `loadRestrictor`. */
export type OptionValues = Record<string, string | boolean | string[]>;

export interface ReadArguments {
  positional: string[];
  values: OptionValues;
}

/** How commander calls an option in its values. */
export function keyOf({ name }: OptionRow): string {
  return name.replace(/^no-/, "").replaceAll(/-[a-z]/g, (pair) => pair.charAt(1).toUpperCase());
}

export function splitValue(row: OptionRow, value: string): string[] {
  return row.repeat === "commas" ? value.split(",") : [value];
}

/**
 * The arguments of plain use. Undefined for everything that needs a word of explanation or more care (help, unknown
 * options, missing values, values outside the choices, joined short options): commander reads those.
 */
export function readQuickly(args: readonly string[], rows: readonly OptionRow[]): ReadArguments | undefined {
  const values = defaultValues(rows);
  const positional: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    if (!arg.startsWith("-") || arg === "-") {
      positional.push(arg);
      continue;
    }
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
    const word = equals < 0 ? arg : arg.slice(0, equals);
    const row = rows.find(({ name, short }) => word === `--${name}` || (short !== undefined && word === `-${short}`));
    if (!row || (row.value === undefined && equals >= 0)) return undefined;
    const value = row.value === undefined ? "" : equals < 0 ? args[++at] : arg.slice(equals + 1);
    if (value === undefined || (row.choices && !row.choices.includes(value))) return undefined;
    setValue(values, row, value);
  }
  return { positional, values };
}

function defaultValues(rows: readonly OptionRow[]): OptionValues {
  const values: OptionValues = {};
  for (const row of rows) {
    if (row.repeat) values[keyOf(row)] = [];
    else if (row.name.startsWith("no-")) values[keyOf(row)] = true;
    else if (row.default !== undefined) values[keyOf(row)] = row.default;
  }
  return values;
}

function setValue(values: OptionValues, row: OptionRow, value: string): void {
  const key = keyOf(row);
  const before = values[key];
  if (row.value === undefined) values[key] = !row.name.startsWith("no-");
  else values[key] = Array.isArray(before) ? [...before, ...splitValue(row, value)] : value;
}
