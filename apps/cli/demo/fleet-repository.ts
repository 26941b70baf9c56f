// The Git side of the demo: the sample fleet in a bare repository behind a real Git server whose cable can be pulled.

import { join } from "node:path";
import { readdir, readFile } from "node:fs/promises";
import { type BareRepository, createBareRepository, startGitServer } from "@plumbline/edges/git-http";

export interface FleetRepository {
  repository: BareRepository;
  url: string;
  /** From now on every connection is cut. */
  unplug(): void;
  plug(): void;
  close(): Promise<void>;
}

/** What stands in the example for the address of the reader's own repository. */
const PLACEHOLDER_URL = "https://git.example.com/fleet.git";
/** The demo asks Git this often, so that nobody has to wait; the example itself says one minute. */
const DEMO_INTERVAL = "1s";

/** Creates the repository below `directory` from the files of `example` and serves it on a free loopback port. */
export async function serveFleet(directory: string, example: string): Promise<FleetRepository> {
  let isCut = false;
  const server = await startGitServer({
    root: directory,
    onRequest: (_request, response) => {
      if (isCut) response.destroy();
      return isCut;
    },
  });
  const url = `${server.url}/fleet.git`;
  const repository = await createBareRepository(join(directory, "fleet.git"));
  const files = await readFiles(example, "");
  for (const [path, text] of Object.entries(files)) {
    if (!path.endsWith("/sync.yaml")) continue;
    files[path] = text.replace(PLACEHOLDER_URL, url).replace("interval: 1m\n", `interval: ${DEMO_INTERVAL}\n`);
  }
  await repository.commit(files, { message: "Two halls", date: Date.now() });
  return {
    repository,
    url,
    unplug: () => {
      isCut = true;
    },
    plug: () => {
      isCut = false;
    },
    close: () => server.close(),
  };
}

async function readFiles(root: string, below: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) Object.assign(files, await readFiles(root, path));
    else files[path] = await readFile(join(root, path), "utf8");
  }
  return files;
}
