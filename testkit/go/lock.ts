// One process at a time: a lock on a file that the kernel gives back when its holder dies, however it dies.

import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

const pollMs = 250;
const sqliteBusy = 5;

/**
 * Runs `work` while holding the lock at `file` (its folder exists). Node has no `flock`; an exclusive SQLite
 * transaction holds the same kind of lock. Waits without a limit; `onWait` is called once when it has to.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait: () => void): Promise<T> {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    for (let waiting = false; !tryLock(database); await sleep(pollMs)) {
      if (!waiting) onWait();
      waiting = true;
    }
    return await work();
  } finally {
    database.close();
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (thrown) {
    if ((thrown as { errcode?: number }).errcode === sqliteBusy) return false;
    throw thrown;
  }
}
