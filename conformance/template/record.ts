// Records what Go answers to a sample of the rows, for the fast tests: `node conformance/template/record.ts`.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startOracle } from "./oracle.ts";
import { nowSeconds } from "./ours.ts";
import { builtins } from "./rows/builtins.ts";
import { data } from "./rows/data.ts";
import { language } from "./rows/language.ts";
import { sprig } from "./rows/sprig.ts";

/** Every row of the language, and every n-th of the large tables. */
const rows = [...language, ...builtins.filter((_, i) => i % 12 === 0), ...sprig.filter((_, i) => i % 16 === 0)];
/** Random results, and functions that need cryptography, which the fast tests of the room do not have. */
const unfit =
  /rand|uuid|shuffle|gen[A-Z]|bcrypt|htpasswd|AES|sum|derivePassword|buildCustom|toBytes|nilMap|nilSlice|"\\xf/;

const oracle = await startOracle();
const recorded: { template: string; output?: string; error?: string }[] = [];
for (const template of new Set(rows)) {
  if (unfit.test(template)) continue;
  const { output, error } = await oracle.run({ mode: "sprig", name: "row", template, data, nowSeconds });
  recorded.push(error === undefined ? { template, output: Buffer.from(output).toString() } : { template, error });
}
oracle.close();
const file = join(import.meta.dirname, "../../core/template/testdata/recorded.json");
writeFileSync(file, `${JSON.stringify({ data, rows: recorded }, undefined, 1)}\n`);
console.log(`${recorded.length} rows recorded in ${file}`);
