// What commands use of the engine without running it.

export { readVariables } from "../delivery/variables.ts";
