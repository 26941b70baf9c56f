// Builds the real programs the tests use ahead of time: `node tools/build-programs.ts [kustomize helm ...]`; prints their paths.

import { asFailure, formatFailure } from "@plumbline/core/model";
import { programs } from "@plumbline/testkit/go";

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(programs);
try {
  for (const name of wanted) {
    const build = programs[name];
    if (!build) throw new RangeError(`no program "${name}": use ${Object.keys(programs).join(", ")}`);
    console.log(`${name} ${await build()}`);
  }
} catch (thrown) {
  console.error(formatFailure(asFailure(thrown)));
  process.exitCode = 1;
}
