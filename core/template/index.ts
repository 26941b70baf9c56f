// Go's text/template with sprig's functions, in TypeScript.

export { type Limits, type Work, defaultLimits, isExhausted, limitExceeded, noWork } from "./limits.ts";
export { type MissingKey } from "./execution.ts";
export { type CompileOptions, type Template, type TemplateOptions, compile, TemplateSet } from "./template.ts";
export { type FunctionTable } from "./link.ts";
export { builtinFunctions } from "./builtins.ts";
export { callFailure, define, defineWithContext } from "./define.ts";
export { type SprigEnvironment, sprigFunctions } from "./sprig/functions.ts";
export { type CertificateRequest, type Crypto, type HashName } from "./sprig/crypto.ts";
export { type RandomBytes } from "./sprig/random.ts";
export {
  type Callable,
  type CallContext,
  type GoType,
  type Kind,
  type Parameter,
  type Value,
  GoBytes,
  GoComplex,
  GoFunc,
  GoInt,
  GoMap,
  GoObject,
  GoSlice,
  anyType,
  boolType,
  bytesType,
  compareStrings,
  floatType,
  fromJson,
  goMap,
  int,
  int64,
  int64Type,
  intType,
  kindOf,
  mapFromJson,
  mapType,
  sliceOfMapsType,
  sliceType,
  sortedKeys,
  stringMapType,
  stringSliceType,
  stringType,
  typeOf,
} from "./value.ts";
export { checkUnfolds, jsonOf } from "./sprig/json.ts";
export { parseGoJson } from "./sprig/go-json.ts";
export { show, sprintf } from "./printf.ts";
export { isTrue } from "./truth.ts";
export { decodeText, encodeText } from "./bytes.ts";
export { quote, quoteRune } from "./quote.ts";
export { type GoRegexp, goRegexp } from "./sprig/go-regexp.ts";
export { type Url, parseUrl } from "./sprig/urls.ts";
export { ipAddressProblem } from "./sprig/ip-address.ts";
export { deepCopy } from "./sprig/dicts.ts";
export { decodeBase64, encodeBase64 } from "./sprig/encodings.ts";
export { durationType, durationValue, formatDuration, inUnits, parseDuration, roundDuration } from "./time/duration.ts";
export { type Instant, formatInstant } from "./time/instant.ts";
export { parseInstant } from "./time/parse-instant.ts";
export { type Zone, fixedZone, utc } from "./time/zone.ts";
export { instantOf, isTime, timeType, timeValue } from "./time/time-value.ts";
export { isFloatOverflow, parseFloat64 } from "./number-syntax.ts";
