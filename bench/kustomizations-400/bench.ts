// How fast do 400 Kustomizations of one small repository turn Ready, how far is that from the raw floor, what does it take?

import { measureFirstRun, setting } from "../fleet/index.ts";

export function bench(say: (line: string) => void): Promise<string> {
  const settings = {
    applications: setting("COUNT", 400),
    rounds: setting("ROUNDS", 3),
    concurrency: setting("CONCURRENCY", 20),
    peer: { what: "Flux 2.9 with 400", seconds: 118 },
  };
  return measureFirstRun(settings, say);
}
