// Writes the release to dist/: `npm run bundle`. `node dist/plumb.mjs` is the program `plumb`, without node_modules.

import { chmodSync, cpSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const checkout = resolve(import.meta.dirname, "..");

/** As deep below the release as commands are below the checkout, as they find examples/ by a path relative to theirs. */
const CHUNKS = "apps/cli/commands/[name]-[hash]";

/** Libraries written for CommonJS ask for Node's modules through `require`. */
const REQUIRE = `import{createRequire as plumbRequire}from"node:module";const require=plumbRequire(import.meta.url);`;

/**
 * Code is split by command, so that each loads only its own; names stay whole for stack traces, and source maps lie
 * beside (`node --enable-source-maps` reads them). The directory is emptied first.
 */
export async function bundle(directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  await build({
    absWorkingDir: checkout,
    entryPoints: { plumb: "apps/cli/plumb.ts" },
    outdir: directory,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    outExtension: { ".js": ".mjs" },
    chunkNames: CHUNKS,
    banner: { js: REQUIRE },
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: "linked",
    logLevel: "warning",
  });
  chmodSync(join(directory, "plumb.mjs"), 0o755);
  cpSync(join(checkout, "examples"), join(directory, "examples"), { recursive: true });
}

if (import.meta.main) await bundle(join(checkout, "dist"));
