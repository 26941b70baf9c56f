// The options of a table as commander's.

import { type Command, Option } from "commander";
import { type OptionRow, splitValue } from "./option-row.ts";

/** Adds the rows to a command, in their order. */
export function addOptions(command: Command, rows: readonly OptionRow[]): Command {
  for (const row of rows) command.addOption(commanderOption(row));
  return command;
}

function commanderOption(row: OptionRow): Option {
  const { name, short, value, repeat, choices, text, hidden } = row;
  const flags = `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` <${value}>`}`;
  const option = new Option(flags, text);
  if (choices) option.choices([...choices]);
  if (row.default !== undefined) option.default(row.default);
  if (repeat)
    option
      .default([])
      .argParser((each: string, before: string[] | undefined) => [...(before ?? []), ...splitValue(row, each)]);
  return hidden ? option.hideHelp() : option;
}
