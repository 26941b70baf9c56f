// What do 100 Kustomizations cost when their repository holds 1000 applications (5000 files)?

import { measureFirstRun, setting } from "../fleet/index.ts";

const share = 10;

export function bench(say: (line: string) => void): Promise<string> {
  const applications = setting("COUNT", 1000);
  const settings = {
    applications,
    kustomizations: Math.ceil(applications / share),
    rounds: setting("ROUNDS", 3),
    concurrency: setting("CONCURRENCY", 20),
    peer: { what: "Flux 2.9 with 100 of 1000", seconds: 217 },
  };
  return measureFirstRun(settings, say);
}
