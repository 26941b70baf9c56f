// `plumb helm template` in plain use, without commander. The release has it as a file of its own, which loads in one go.

import type { QuickStart } from "../quick/load-quick.ts";
import { readQuickly } from "../quick/option-row.ts";
import { runQuickly } from "../quick/run-quickly.ts";
import { runTemplate } from "./template.ts";
import { type TemplateFlags, templateOptionRows } from "./template-options.ts";

export const start: QuickStart = async (args) => {
  const read = readQuickly(args, templateOptionRows);
  const [first, second, ...more] = read?.positional ?? [];
  if (!read || first === undefined || more.length > 0) return false;
  // The table says which values there are.
  const flags = read.values as unknown as TemplateFlags;
  await runQuickly(() => runTemplate(first, second, flags));
  return true;
};
