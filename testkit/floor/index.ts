// The raw floor: the requests that any operator must send, sent as fast as the API server takes them.

export { type FloorOptions, type FloorRequest, type FloorResult, type FloorScript, sendFloor } from "./send-floor.ts";
export { type AppliedObject, type FloorApp, applyScript, statusPath } from "./apply-script.ts";
