// Versions and constraints as template functions take them: what is wrong fails the call, in Masterminds' words.

import * as semver from "@plumbline/core/semver";
import { callFailure } from "../define.ts";
import { quote } from "../quote.ts";

/** `semver.NewVersion`. Throws `TemplateFailed`. */
export function parseVersion(text: string): semver.Version {
  const version = semver.parseVersion(text);
  if ("error" in version) throw callFailure(version.error);
  return version;
}

/** `semver.NewConstraint`. Throws `TemplateFailed`. */
export function parseConstraint(text: string): semver.Range {
  const range = semver.parseRange(text);
  if (!("error" in range)) return range;
  const { error, part } = range;
  throw callFailure(
    part === undefined ? error : `${error}: ${quote(part)}`,
    range.cause === undefined ? undefined : callFailure(range.cause),
  );
}
