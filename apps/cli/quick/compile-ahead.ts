// Compiles a quick command of the release ahead: `compile-ahead.ts <script> <arguments of one start as JSON>...` runs it
// for each, and writes down the code that V8 made, of every function that ran.

import { readFileSync, writeFileSync } from "node:fs";
import { Script } from "node:vm";
import { codeFile, type QuickModule } from "./load-quick.ts";

const [file = "", ...starts] = process.argv.slice(2);
const script = new Script(readFileSync(file, "latin1"), { filename: file });
const { start } = script.runInThisContext() as QuickModule;
for (const args of starts) {
  if (!(await start(JSON.parse(args) as string[]))) throw new RangeError(`left to commander: ${args}`);
}
writeFileSync(codeFile(file), script.createCachedData());
