// Sources, the pure part: references and revisions, ignore rules, credentials as Secrets carry them.

export {
  type AdvertisedRef,
  type Resolved,
  chooseForm,
  commitOfRevision,
  formatDigest,
  isObjectId,
  isRefName,
  pinnedRevision,
  refNotFound,
  refPrefixes,
  resolveRef,
  tiedCommits,
} from "./git-ref.ts";
export { type GitAuth, readGitSecret } from "./git-auth.ts";
export {
  type IgnoreRules,
  type IgnoreState,
  type IgnoreText,
  IGNORE_FILE,
  MAX_IGNORE_PATTERNS,
  ignoreRules,
  isIgnored,
} from "./ignore-rules.ts";
