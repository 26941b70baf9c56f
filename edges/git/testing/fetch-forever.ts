// A process that fetches, opens and reads new commits until it is killed: `fetch-forever.ts <cache folder> <url>`.

import { openRecords } from "@plumbline/edges/disk";
import { systemClock } from "@plumbline/edges/telemetry";
import { openGitCache } from "../git-cache.ts";

const [directory = "", url = ""] = process.argv.slice(2);
const ref = { branch: "main" };
const records = openRecords({ directory: `${directory}/records` });
const git = openGitCache({
  directory: `${directory}/git`,
  clock: systemClock({ keepsAlive: true }),
  records,
  keepRevisions: 2,
});
process.stdout.write("started\n");
for (;;) {
  const { commit } = await git.resolve({ url, ref });
  await git.fetch({ url, ref, commit });
  const snapshot = await git.snapshot({ url, commit });
  await snapshot.load(["a.yaml"]);
  snapshot.release();
}
