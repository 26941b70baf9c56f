// Writes the manifests below deploy/ from their definitions: `node deploy/write.ts`.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deployFiles } from "../apps/cli/install/deploy-files.ts";

for (const [path, text] of Object.entries(deployFiles())) {
  const file = join(import.meta.dirname, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
