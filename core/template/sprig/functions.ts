// sprig v3 as one table, in the form Helm has it: without env and expandenv.

import { type Callable, stringType } from "../value.ts";
import { define } from "../define.ts";
import { type Crypto, cryptoFunctions } from "./crypto.ts";
import { dateFunctions } from "./dates.ts";
import { defaultFunctions } from "./defaults.ts";
import { dictFunctions } from "./dicts.ts";
import { jsonFunctions } from "./json.ts";
import { listFunctions } from "./lists.ts";
import { numberFunctions } from "./numbers.ts";
import { pathFunctions } from "./paths.ts";
import { type RandomBytes, randomFunctions } from "./random.ts";
import { regexFunctions } from "./regex.ts";
import { stringFunctions } from "./strings.ts";
import { urlFunctions } from "./urls.ts";
import { versionFunctions } from "./versions.ts";

/** What sprig's functions need from outside. */
export interface SprigEnvironment {
  /** The present, nanoseconds since 1970. */
  now: () => bigint;
  /** Name of the zone that Go calls Local; `UTC` when absent. A function is asked on first use. */
  localZone?: string | (() => string);
  random: RandomBytes;
  crypto: Crypto;
  /** `getHostByName`; absent, as in Helm without `--enable-dns`, it answers with an empty string. */
  hostByName?: (name: string) => string;
}

/** All functions of sprig v3.3 but env and expandenv. */
export function sprigFunctions(environment: SprigEnvironment): Map<string, Callable> {
  const { now, localZone = "UTC", random, hostByName = (): string => "" } = environment;
  return new Map<string, Callable>([
    ...stringFunctions,
    ...numberFunctions,
    ...listFunctions,
    ...dictFunctions,
    ...defaultFunctions,
    ...jsonFunctions,
    ...regexFunctions,
    ...versionFunctions,
    ...pathFunctions,
    ...urlFunctions,
    ...dateFunctions({ now, localZone: typeof localZone === "string" ? (): string => localZone : localZone }),
    ...randomFunctions(random),
    ...cryptoFunctions(environment),
    ["hello", define([], "string", () => "Hello!")],
    ["getHostByName", define(["string"], stringType, hostByName)],
  ]);
}
