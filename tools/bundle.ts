// Writes the release to dist/: `npm run bundle`, or to the directory that is named. `node dist/plumb.mjs` is the program `plumb`, without node_modules.

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
  return `let loaded;const load=()=>loaded??=${load};module.exports={${getters.join(",")}};`;
}

/** What starts without commander: each is a file of its own, for which no other is loaded, beside the chunks. */
const QUICK = ["kustomize/quick-build", "helm/quick-template"];

/** `plumb.mjs` finds the quick ones as they lie in the release. They share no class with the rest, and need none. */
const quickOnes: Plugin = {
  name: "quick ones",
  setup(building) {
    building.onResolve({ filter: /\/quick-[a-z]+\.ts$/ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path: `./apps/cli/${path.slice(2, -3)}.mjs`, external: true } : undefined,
    );
  },
};

const settings = {
  absWorkingDir: checkout,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  outExtension: { ".js": ".mjs" },
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: "linked",
  logLevel: "warning",
} as const satisfies BuildOptions;

/**
 * Code is split by command, so that each loads only its own; names stay whole for stack traces, and source maps lie
 * beside (`node --enable-source-maps` reads them). The directory is emptied first.
 */
export async function bundle(directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  await build({
    ...settings,
    entryPoints: { plumb: "apps/cli/plumb.ts" },
    outdir: directory,
    plugins: [builtins, quickOnes],
    chunkNames: CHUNKS,
  });
  for (const name of QUICK) {
    const entryPoints = { [name]: `apps/cli/${name}.ts` };
    const outdir = join(directory, "apps/cli");
    await build({ ...settings, entryPoints, outdir, plugins: [builtins], chunkNames: `${name}-[hash]` });
  }
  chmodSync(join(directory, "plumb.mjs"), 0o755);
  cpSync(join(checkout, "examples"), join(directory, "examples"), { recursive: true });
}

if (import.meta.main) await bundle(resolve(process.argv[2] ?? join(checkout, "dist")));
