// Writes the release to dist/: `npm run bundle`, or to the directory that is named. `node dist/plumb.mjs` is the program `plumb`, without node_modules.

import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, rmSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, resolve } from "node:path";
import { build, type BuildOptions, type Plugin } from "esbuild";

const checkout = resolve(import.meta.dirname, "..");

/** As deep below the release as commands are below the checkout, as they find examples/ by a path relative to theirs. */
const CHUNKS = "apps/cli/commands/[name]-[hash]";

/**
 * An `import` of a module of Node's reads every export of it, and thereby loads what it would load on demand
 * (`node:fs` brings streams and readline). In the release each waits until one of its functions is used.
 */
const builtins: Plugin = {
  name: "builtins",
  setup(building) {
    const known = new Set(builtinModules.map((name) => name.replace("node:", "")));
    building.onResolve({ filter: /^(node:)?[a-z_/0-9]+$/ }, ({ path }) => {
      const name = path.replace("node:", "");
      return known.has(name) ? { path: name, namespace: "builtin", sideEffects: false } : undefined;
    });
    building.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({ contents: builtinSource(path) }));
  },
};

/** Modules that are functions (`node:events`) or have state of their own (`process`) are taken as they are. */
function builtinSource(name: string): string {
  const load = `process.getBuiltinModule("node:${name}")`;
  const found: unknown = process.getBuiltinModule(`node:${name}`);
  if (typeof found !== "object" || found === null || name === "process") return `module.exports=${load};`;
  const getters = Object.getOwnPropertyNames(found).map((each) => `get ${each}(){return load().${each}}`);
  // As a prototype, which esbuild hands on: own properties it would copy one by one.
  return `let loaded;const load=()=>loaded??=${load};module.exports=Object.create({${getters.join(",")}});`;
}

/** What starts without commander: each is one script with its compiled code beside it. */
const QUICK = ["kustomize/quick-build", "helm/quick-template"];

const settings = {
  absWorkingDir: checkout,
  bundle: true,
  platform: "node",
  target: "node24",
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: "linked",
  logLevel: "warning",
  plugins: [builtins],
} as const satisfies BuildOptions;

/**
 * Code is split by command, so that each loads only its own; names stay whole for stack traces, and source maps lie
 * beside (`node --enable-source-maps` reads them). The directory is emptied first.
 */
export async function bundle(directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  await build({
    ...settings,
    splitting: true,
    format: "esm",
    outExtension: { ".js": ".mjs" },
    entryPoints: { plumb: "apps/cli/plumb.ts" },
    outdir: directory,
    chunkNames: CHUNKS,
  });
  for (const name of QUICK) await bundleQuick(name, join(directory, "apps/cli"));
  chmodSync(join(directory, "plumb.mjs"), 0o755);
  cpSync(join(checkout, "examples"), join(directory, "examples"), { recursive: true });
}

/** A script whose value is what the file exports, in ASCII, compiled ahead with what usual kustomizations and charts need. */
async function bundleQuick(name: string, outdir: string): Promise<void> {
  await build({
    ...settings,
    format: "iife",
    globalName: "quick",
    charset: "ascii",
    banner: { js: "(()=>{" },
    footer: { js: "return quick})()" },
    entryPoints: { [name]: `apps/cli/${name}.ts` },
    outdir,
  });
  const usual = (folder: string): string => join(checkout, "apps/cli/quick/usual-input", folder);
  const starts = name.startsWith("helm") ? [["web", usual("chart")]] : [[usual("kustomization/overlay")]];
  const args = [
    join(checkout, "apps/cli/quick/compile-ahead.ts"),
    join(outdir, `${name}.js`),
    ...starts.map((each) => JSON.stringify(each)),
  ];
  execFileSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
}

if (import.meta.main) {
  const [directory = join(checkout, "dist"), ...rest] = process.argv.slice(2);
  if (directory.startsWith("-") || rest.length > 0) {
    console.error("usage: npm run bundle [-- DIRECTORY]   (dist/ unless named)");
    process.exit(directory === "--help" ? 0 : 1);
  }
  await bundle(resolve(directory));
}
