// What goes wrong between programs: networks that cut, stall, refuse and drip.

export { type BadNetwork, badNetwork } from "./bad-network.ts";
export { type AnyServer, listen } from "./listen.ts";
